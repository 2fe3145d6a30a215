import postgres, { type Sql } from "postgres";
import { askDatabase } from "../../local/migrations/ask_database.ts";
import { type Environment, variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { fail, type Failed, type Outcome } from "./outcome.ts";

/** Asks the database that DB_CONNECTION_STRING names. */
export async function askProjectDatabase<T>(
  environment: Environment,
  ask: (sql: Sql) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const address = variable(environment, "DB_CONNECTION_STRING");
  if (address === undefined) {
    return fail("DB_CONNECTION_STRING is not set", "Set it to the database's address");
  }
  const answer = await askDatabase(address, (sql) => ask(sql).catch(explain));
  return answer ?? fail(
    "The database that DB_CONNECTION_STRING names does not answer",
    "Check the address and the password, and run it again",
  );
}

/** The server's message names objects, and quotes no parameter. */
function explain(error: unknown): Failed {
  if (!(error instanceof postgres.PostgresError)) throw error;
  return fail(
    `The database refuses it: ${error.message} (${error.code})`,
    "Mend what it says, and run it again",
  );
}
