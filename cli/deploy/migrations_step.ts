import type { PushOutcome } from "../../local/migrations/push.ts";
import { fail, type Outcome, succeed } from "../hosted/outcome.ts";
import { projectRefOfDatabase } from "../hosted/project_ref.ts";
import type { Deployment } from "./deployment.ts";
import type { Step } from "./step.ts";

const name = "migrations";

/** The database has all migrations. The first of them is the preflight. */
export function migrationsStep({ migrations, environment, access }: Deployment): Step {
  async function push(dryRun: boolean): Promise<Outcome<PushOutcome>> {
    const databaseUrl = environment.DB_CONNECTION_STRING;
    if (!databaseUrl) {
      return fail(
        "DB_CONNECTION_STRING is not set",
        "Set it to the database's address with the password (in Supabase's dashboard: Connect)",
      );
    }
    try {
      const ref = projectRefOfDatabase(databaseUrl);
      if (ref !== undefined && ref !== access.ref) {
        return fail(
          `DB_CONNECTION_STRING is of the project ${ref}, not of ${access.ref}`,
          `Copy it again (in the dashboard of ${access.ref}: Connect), or give --project-ref ${ref}`,
        );
      }
      return read(await migrations(databaseUrl, dryRun));
    } catch (error) {
      return fail(
        error instanceof Error ? error.message : String(error),
        "Mend DB_CONNECTION_STRING, and run it again",
      );
    }
  }

  return {
    name,
    async check() {
      const would = await push(true);
      if (!would.ok) return would;
      if (would.value.upToDate) return succeed({ done: true });
      const files = would.value.output.match(/\w+\.sql/g) ?? [];
      const what = files.length === 1 ? "1 migration" : `${files.length} migrations`;
      return succeed({ done: false, todo: `applies ${what}` });
    },
    async apply() {
      const pushed = await push(false);
      return pushed.ok ? succeed("") : pushed;
    },
  };
}

function read(pushed: PushOutcome): Outcome<PushOutcome> {
  const { success, output, foreignHistory } = pushed;
  if (success) return succeed(pushed);
  return fail(
    output.replace(/\.$/, ""),
    foreignHistory
      ? "An application migrates this database. Install into it first, and run deploy from there"
      : "Mend what it says, and run it again",
  );
}
