import type { DatabaseAddress } from "./database_address.ts";

/** Says why a command of the Supabase CLI failed, in the terms of who gave the address. */
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

// It names options and variables of the CLI, which nobody here has typed.
const advice = /--debug|--remote|--db-url|SUPABASE_DB_PASSWORD|Network Restrictions|\/project\/_\//;

/** A project's own host, of which resolvers without IPv6 know nothing. */
function isDirectHost(host: string, errors: string): boolean {
  return /^db\.[a-z]+\.supabase\.co\b/.test(host) && errors.includes("ENOTFOUND");
}
