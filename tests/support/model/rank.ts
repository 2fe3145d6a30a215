import type { Fact } from "../../../supabase/functions/_shared/facts/fact.ts";
import { contentOf, isState, type State } from "./columns.ts";

/**
 * Compares two states of one subject for sorting from old to new: by Clerk's `updated_at`, then by the
 * last sign-in (none is lowest), by creation, and by content as the bytes of a JSON array of the columns.
 * Returns 0 if they are the same.
 */
export function compareStates(one: State, other: State): number {
  return compare(timeOf(one.clerk_updated_at), timeOf(other.clerk_updated_at)) ||
    compare(lastSignIn(one), lastSignIn(other)) ||
    compare(timeOf(one.clerk_created_at), timeOf(other.clerk_created_at)) ||
    compare(contentText(one), contentText(other));
}

/** The states with the newest `updated_at`. There are several if their times are equal. */
export function newestStates(facts: readonly Fact[]): State[] {
  const states = facts.filter(isState);
  const newest = Math.max(...states.map((state) => timeOf(state.clerk_updated_at)));
  return states.filter((state) => timeOf(state.clerk_updated_at) === newest);
}

/** Milliseconds since the epoch; -Infinity for no time. */
export function timeOf(text: string | null): number {
  return text === null ? -Infinity : Date.parse(text);
}

function compare<T extends number | string>(one: T, other: T): number {
  return one < other ? -1 : Number(one > other);
}

function lastSignIn(state: State): number {
  return state.kind === "user" ? timeOf(state.last_sign_in_at) : -Infinity;
}

function contentText(state: State): string {
  return JSON.stringify(Object.values(contentOf(state)));
}
