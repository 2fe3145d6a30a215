import type {
  Fact,
  MembershipDeletedFact,
  MembershipFact,
  OrganizationFact,
  UserFact,
} from "../../../supabase/functions/_shared/facts/fact.ts";

/** A kind of subject that has rows. */
export type Resource = "user" | "organization" | "membership";

/** A fact that brings columns. A membership's deletion brings the last state. */
export type State = UserFact | OrganizationFact | MembershipFact | MembershipDeletedFact;

export type Columns = Readonly<Record<string, unknown>>;

export function isState(fact: Fact): fact is State {
  return fact.kind !== "user_deleted" && fact.kind !== "organization_deleted";
}

/** The kind of a fact's subject. */
export function resourceOf({ kind }: Fact): Resource {
  switch (kind) {
    case "user":
    case "user_deleted":
      return "user";
    case "organization":
    case "organization_deleted":
      return "organization";
    default:
      return "membership";
  }
}

/**
 * The content of a row without a state, by column. The order of the columns is also their order in the
 * comparison of states with equal times.
 */
export const emptyContent: Readonly<Record<Resource, Columns>> = {
  user: {
    email: null,
    email_verified: false,
    first_name: null,
    last_name: null,
    username: null,
    image_url: null,
    phone: null,
    external_id: null,
    public_metadata: {},
    banned: false,
    locked: false,
  },
  organization: {
    name: null,
    slug: null,
    image_url: null,
    created_by: null,
    public_metadata: {},
  },
  membership: { role: null, permissions: [] },
};

/** The content that a state brings. */
export function contentOf(state: State): Columns {
  const columns: Columns = { ...state };
  const names = Object.keys(emptyContent[resourceOf(state)]);
  return Object.fromEntries(names.map((name) => [name, columns[name]]));
}
