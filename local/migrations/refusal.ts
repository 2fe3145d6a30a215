/**
 * What the first migration says where it refuses a database, out of what the Supabase CLI prints: the list of what is in
 * the way, without the statement that found it. Undefined where something else failed.
 */
export function findRefusal(output: string): string | undefined {
  return output.match(/^ERROR: (Clerk's tables cannot be set up[^]*?) \(SQLSTATE 55000\)$/m)?.[1];
}
