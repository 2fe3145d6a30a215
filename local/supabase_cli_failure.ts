import type { DatabaseAddress } from "./database_address.ts";

/** Explains why a Supabase CLI command failed, to the person who gave the address. */
export function explainFailure(errors: string, { host, user }: DatabaseAddress): string {
  if (errors.includes("password must be a string")) {
    return `The database needs a password for user ${user}, but its address has none. ` +
      "Write it as USER:PASSWORD@";
  }
  if (/\b28P01\b/.test(errors)) {
    return `The database refused the password of user ${user}. Correct it in the address`;
  }
  if (/connect E\w+ [\da-f]*:[\da-f.:]*:\d/i.test(errors) || isDirectHost(host, errors)) {
    return `${host} cannot be reached: it has only an IPv6 address, which this network may not ` +
      "reach. Use the pooler's address (in the dashboard: Connect, Session pooler)";
  }
  if (errors.includes("ENOTFOUND")) {
    return `Host ${host} does not exist. Check the database's address`;
  }
  if (/connect E\w+/.test(errors)) {
    return `No database answers at ${host}. Check the address, and that the database is running`;
  }
  if (/permission denied for (schema supabase_migrations|table schema_migrations)/.test(errors)) {
    return `User ${user} may not read the database's migration history. Use the address of user ` +
      "postgres (in the dashboard: Connect)";
  }
  const unknown = countUnknownVersions(errors);
  if (unknown > 0) {
    return "Nothing has been changed: the database's migration history has " +
      `${unknown === 1 ? "1 version that is" : `${unknown} versions that are`} not in ` +
      "supabase/migrations";
  }
  return withoutAdvice(errors);
}

/**
 * How many versions the database's history has that the project does not. The CLI stops there and
 * lists them in a command that would delete them from the history.
 */
export function countUnknownVersions(errors: string): number {
  const [, listed = ""] = /migration repair --status reverted((?: +\d+)+)/.exec(errors) ?? [];
  return listed.split(" ").filter((version) => version !== "").length;
}

/** Leaves out the advice of the CLI that a user must not follow, or cannot. */
export function withoutAdvice(text: string): string {
  return text.split("\n").filter((line) => !advice.test(line)).join("\n").trim();
}

// The first line names options and variables of the CLI that the user has not typed. The second
// would mark an application's own migrations as not applied.
const advice = new RegExp(
  "--debug|--remote|--db-url|SUPABASE_DB_PASSWORD|Network Restrictions|/project/_/|" +
    "migration repair|repairing the migration history|update local migrations to match|db pull",
);

/** Whether it is a project's own host, which a resolver without IPv6 cannot find. */
function isDirectHost(host: string, errors: string): boolean {
  return /^db\.[a-z]+\.supabase\.co\b/.test(host) && errors.includes("ENOTFOUND");
}
