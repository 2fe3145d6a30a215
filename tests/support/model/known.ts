/**
 * A model of the rows for the convergence suite, the concurrency suite and the bench. It restates the rules
 * independently of the SQL: facts in any order merge to the newest state and the earliest deletion, and a
 * membership ends with its organization and with its user.
 */
import type { Fact } from "../../../supabase/functions/_shared/facts/fact.ts";
import { isState, type Resource, resourceOf, type State } from "./columns.ts";
import { compareStates, timeOf } from "./rank.ts";

/** What is known about a subject. */
export interface Known {
  readonly resource: Resource;
  readonly state: State | null;
  readonly deletedAt: string | null;
  /** The membership's user, if any state named one. */
  readonly member: string | null;
}

/** What is known, by Clerk id. A subject without an entry has no row. */
export type World = ReadonlyMap<string, Known>;

/** What is known with this fact. Returns the same object if the fact changes nothing. */
export function learn(known: Known | undefined, fact: Fact): Known {
  const before = known ?? nothingOf(resourceOf(fact));
  const after = isState(fact) ? withState(before, fact) : before;
  return "deleted_at" in fact ? withEnd(after, fact.deleted_at) : after;
}

/** What is known about a subject without facts. */
export function nothingOf(resource: Resource): Known {
  return { resource, state: null, deletedAt: null, member: null };
}

function withState(known: Known, state: State): Known {
  const member = known.member ?? ("user_clerk_id" in state ? state.user_clerk_id : null);
  const isNewer = known.state === null || compareStates(state, known.state) > 0;
  if (isNewer) return { ...known, state, member };
  return member === known.member ? known : { ...known, member };
}

function withEnd(known: Known, at: string | null | undefined): Known {
  if (at === null || at === undefined) return known;
  const isEarlier = known.deletedAt === null || timeOf(at) < timeOf(known.deletedAt);
  return isEarlier ? { ...known, deletedAt: at } : known;
}

/** The world with these facts, before `endMemberships()`. */
export function learnAll(world: World, facts: readonly Fact[]): World {
  const after = new Map(world);
  for (const fact of facts) after.set(fact.clerk_id, learn(after.get(fact.clerk_id), fact));
  return after;
}

/** The world in which memberships have ended with their organizations and users. */
export function endMemberships(world: World): World {
  return new Map([...world].map(([id, known]) => {
    const { state, member } = known;
    if (state === null || !("organization_clerk_id" in state)) return [id, known];
    const withOrganization = withEnd(known, world.get(state.organization_clerk_id)?.deletedAt);
    const user = member === null ? undefined : world.get(member);
    return [id, withEnd(withOrganization, user?.deletedAt)];
  }));
}

/** What is known after all these facts, in any order. */
export function knownInTheEnd(facts: readonly Fact[]): World {
  return endMemberships(learnAll(new Map(), facts));
}

/** Whether the row shows the fact: exactly this state, or any deletion. */
export function shows(known: Known | undefined, fact: Fact): boolean {
  if (!known) return false;
  if ("deleted_at" in fact || !isState(fact)) return known.deletedAt !== null;
  return known.state !== null && compareStates(known.state, fact) === 0;
}
