/**
 * Extracts from the Supabase CLI's output why the first migration refused a database: the list of what is in the way,
 * without the failed statement. Undefined if something else failed.
 */
export function findRefusal(output: string): string | undefined {
  return output.match(/^ERROR: (Clerk's tables cannot be set up[^]*?) \(SQLSTATE 55000\)$/m)?.[1];
}
