/** The project's 20-letter reference in its address. Undefined for any other address. */
export function projectRefOf(url: string): string | undefined {
  return /^([a-z]{20})\.supabase\.(?:co|in|red)$/.exec(new URL(url).hostname)?.[1];
}
