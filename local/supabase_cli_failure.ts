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
  return errors.split("\n").filter((line) => !advice.test(line)).join("\n").trim();
}

// These lines name options and variables of the CLI that the user has not typed.
const advice = /--debug|--remote|--db-url|SUPABASE_DB_PASSWORD|Network Restrictions|\/project\/_\//;

/** Whether it is a project's own host, which a resolver without IPv6 cannot find. */
function isDirectHost(host: string, errors: string): boolean {
  return /^db\.[a-z]+\.supabase\.co\b/.test(host) && errors.includes("ENOTFOUND");
}
