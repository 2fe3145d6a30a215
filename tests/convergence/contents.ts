/**
 * What a state may hold, as Clerk shows it and as the row has it: for each part a few choices, the plainest
 * first. Few, so that states of equal time often have equal contents, and often differ in one column alone.
 * Everything is ASCII.
 */
import type { Resource } from "../support/model/columns.ts";
import type { Choice, Columns } from "./choice.ts";
import { membershipParts } from "./membership_contents.ts";
import { organizationParts } from "./organization_contents.ts";
import { userParts } from "./user_contents.ts";

export const parts: Readonly<Record<Resource, readonly (readonly Choice[])[]>> = {
  user: userParts,
  organization: organizationParts,
  membership: membershipParts,
};

/** For each part the number of a choice. */
export type Content = readonly number[];

/** The content as fields of Clerk's object. */
export function clerkFields(
  resource: Resource,
  content: Content,
): Readonly<Record<string, unknown>> {
  return choices(resource, content).reduce((all, { clerk }) => ({ ...all, ...clerk }), {});
}

/** The content as columns. */
export function columnsOf(resource: Resource, content: Content): Columns {
  return choices(resource, content)
    .reduce<Columns>((all, { columns }) => ({ ...all, ...columns }), {});
}

function choices(resource: Resource, content: Content): Choice[] {
  return parts[resource].flatMap((choices, part) => choices[content[part] ?? 0] ?? []);
}
