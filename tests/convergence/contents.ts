/**
 * What a state may hold, as Clerk shows it and as the row stores it. Each part has a few choices, the
 * plainest first. With few choices, states of equal time often have equal contents or differ in only
 * one column. Everything is ASCII.
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

/** The number of a choice for each part. */
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
