import { type History, isDeleted, newestProfiles, type Profile } from "./history.ts";

/** What a handler's table has about a user in the end. */
export type Row =
  & { readonly clerk_id: string; readonly is_active: boolean }
  & { readonly [column in keyof Profile]: string | null };

/** What is wrong with it, against what Clerk would say; null where nothing is. */
export type Fault = "deleted user lives" | "old state" | "no row" | "wrong address";

/** A deleted user may have an inactive row, whatever it shows, or none. */
export function findFault(history: History, row: Row | undefined): Fault | null {
  if (isDeleted(history)) return row?.is_active ? "deleted user lives" : null;
  if (!row?.is_active) return "no row";
  const right = newestProfiles(history);
  if (right.some((profile) => sameProfile(profile, row))) return null;
  return right.some(({ first_name }) => first_name === row.first_name)
    ? "wrong address"
    : "old state";
}

/** What an application sees of the row, for comparing rows with each other. */
export function visible(row: Row | undefined): string {
  return row?.is_active ? JSON.stringify([row.email, row.first_name, row.last_name]) : "deleted";
}

function sameProfile(one: Profile, other: Row): boolean {
  return one.email === other.email && one.first_name === other.first_name &&
    one.last_name === other.last_name;
}
