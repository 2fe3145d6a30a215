import type { Json } from "./storable.ts";

/**
 * What one source says about a user, an organization or a membership at one time. Times are RFC
 * 3339 in UTC.
 */
export type Fact =
  | UserFact
  | UserDeletedFact
  | OrganizationFact
  | OrganizationDeletedFact
  | MembershipFact
  | MembershipDeletedFact;

/** An item of the batch that `public.apply_clerk_facts()` takes. */
export type FactItem = (Fact | GoneFact | InvalidFact) & {
  readonly delivery?: FactDelivery;
};

export interface Metadata {
  readonly [key: string]: Json | undefined;
}

/** A state of a user. */
export interface UserFact {
  readonly kind: "user";
  readonly clerk_id: string;
  readonly email: string | null;
  readonly email_verified: boolean;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly username: string | null;
  readonly image_url: string | null;
  readonly phone: string | null;
  readonly external_id: string | null;
  readonly public_metadata: Metadata;
  readonly banned: boolean;
  readonly locked: boolean;
  readonly last_sign_in_at: string | null;
  readonly clerk_created_at: string;
  readonly clerk_updated_at: string;
}

/** The deletion of a user, which also ends their memberships. */
export interface UserDeletedFact {
  readonly kind: "user_deleted";
  readonly clerk_id: string;
  readonly deleted_at: string;
}

/** A state of an organization. */
export interface OrganizationFact {
  readonly kind: "organization";
  readonly clerk_id: string;
  readonly name: string;
  readonly slug: string | null;
  readonly image_url: string | null;
  /** Clerk's id of a user. */
  readonly created_by: string | null;
  readonly public_metadata: Metadata;
  readonly clerk_created_at: string;
  readonly clerk_updated_at: string;
}

/** The deletion of an organization, which also ends its memberships. */
export interface OrganizationDeletedFact {
  readonly kind: "organization_deleted";
  readonly clerk_id: string;
  readonly deleted_at: string;
}

/** A state of a user's membership in an organization. */
export interface MembershipFact {
  readonly kind: "membership";
  readonly clerk_id: string;
  readonly organization_clerk_id: string;
  /** Null if Clerk leaves the user out. */
  readonly user_clerk_id: string | null;
  /** Such as org:admin. */
  readonly role: string;
  /** Sorted, without duplicates. */
  readonly permissions: string[];
  readonly clerk_created_at: string;
  readonly clerk_updated_at: string;
}

/** The deletion of a membership, with its last state. */
export interface MembershipDeletedFact extends Omit<MembershipFact, "kind"> {
  readonly kind: "membership_deleted";
  readonly deleted_at: string;
}

/** A deletion of which nothing else is known. */
export interface GoneFact {
  readonly kind: "user_deleted" | "organization_deleted" | "membership_deleted";
  readonly clerk_id: string;
  readonly deleted_at: string;
}

/** What Clerk says of a user, an organization or a membership that exists. */
export type StateFact = UserFact | OrganizationFact | MembershipFact;

/** A genuine delivery without a fact. It is recorded together with what is wrong with it. */
export interface InvalidFact {
  readonly kind: "invalid";
  /** Clerk's id of the subject, if the event names it. */
  readonly clerk_id: string | null;
  /** Quotes nothing that was sent. */
  readonly reason: string;
}

/** How a fact arrived, for the ledger of deliveries. */
export interface FactDelivery {
  /** svix-id, or our own id if the fact did not come by webhook. */
  readonly id: string;
  readonly type: string | null;
  readonly source: "webhook" | "users-sync" | "reconcile";
  /** By Clerk's clock, if the event says. */
  readonly occurred_at: string | null;
}
