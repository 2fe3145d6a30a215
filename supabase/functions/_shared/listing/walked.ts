/**
 * How far a walk through a list came: to its end; until the signal; or the list cannot be trusted,
 * and `incomplete` says why.
 */
export type Walked =
  | { readonly ended: true }
  | { readonly ended: false; readonly incomplete?: string };

export const ended: Walked = { ended: true };
export const stopped: Walked = { ended: false };

/** @param list the path of the list */
export function incomplete(list: string, reason: string): Walked {
  return { ended: false, incomplete: `Clerk's list of ${list.replaceAll("_", " ")}: ${reason}` };
}
