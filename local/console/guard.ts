/** The page may load and call only what this server has, and nothing may frame it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Headers of every answer. */
export const guardingHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

/**
 * Whether a request that changes something is from the console's own page. Browsers name the origin of
 * every POST, and a page of another port of this machine has another one.
 */
export function isOwnPage(request: Request): boolean {
  return request.headers.get("origin") === new URL(request.url).origin;
}
