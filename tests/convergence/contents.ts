/**
 * What a state may hold, as Clerk shows it and as the row has it: for each part a few choices, the plainest
 * first. Few, so that states of equal time often have equal contents, and often differ in one column alone.
 * Everything is ASCII.
 */
import type { Choice } from "./choice.ts";
import { membershipParts } from "./membership_contents.ts";
import { organizationParts } from "./organization_contents.ts";
import type { Resource } from "./subject.ts";
import { userParts } from "./user_contents.ts";

export const parts: Readonly<Record<Resource, readonly (readonly Choice[])[]>> = {
  user: userParts,
  organization: organizationParts,
  membership: membershipParts,
};

/** For each part the number of a choice. */
export type Content = readonly number[];

/** Columns that a state brings; `clerk_created_at` is milliseconds since the epoch. */
export type Columns = Readonly<Record<string, unknown>> & { readonly clerk_created_at: number };

/** The content as fields of Clerk's object. */
export function clerkFields(
  resource: Resource,
  content: Content,
): Readonly<Record<string, unknown>> {
  return Object.assign({}, ...choices(resource, content).map((choice) => choice?.clerk));
}

/** The content as columns. */
export function columnsOf(resource: Resource, content: Content): Columns {
  return Object.assign({}, ...choices(resource, content).map((choice) => choice?.columns));
}

function choices(resource: Resource, content: Content) {
  return parts[resource].map((choices, part) => choices[content[part] ?? 0]);
}
