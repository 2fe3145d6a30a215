import { parseDatabaseAddress } from "../../local/database_address.ts";

/** The project's 20-letter reference in its address. Undefined for any other address. */
export function projectRefOf(url: string): string | undefined {
  return /^([a-z]{20})\.supabase\.(?:co|in|red)$/.exec(new URL(url).hostname)?.[1];
}

/**
 * The same in the address of its database, or of a pooler in front of it.
 *
 * @throws Error that says what is wrong with the address and never quotes it
 */
export function projectRefOfDatabase(databaseUrl: string): string | undefined {
  const { user, host } = parseDatabaseAddress(databaseUrl);
  return /^db\.([a-z]{20})\.supabase\./.exec(host)?.[1] ??
    /^[^.]+\.([a-z]{20})$/.exec(user)?.[1];
}
