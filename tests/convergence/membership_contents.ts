import { type Choice, createdAt, plain } from "./choice.ts";

/** Permissions as Clerk gives them, and as they are stored: sorted, each once. */
function permissions(given: readonly string[] | null, stored: string[]): Choice {
  return { clerk: { permissions: given }, columns: { permissions: stored } };
}

/** What Clerk shows of the organization. It fills no column, however new and complete it is. */
function embedded(organization: Readonly<Record<string, unknown>>): Choice {
  return { clerk: { organization }, columns: {} };
}

const [manage, read] = ["org:sys_profile:manage", "org:sys_profile:read"];
const shown = { object: "organization", slug: "embedded", public_metadata: { embedded: true } };

/** What a membership may hold, by part. */
export const membershipParts: readonly (readonly Choice[])[] = [
  plain((role) => ({ role }), "org:member", "org:admin", "org:members"),
  [
    permissions([read], [read]),
    permissions([read, manage], [manage, read]),
    permissions([manage, read], [manage, read]),
    permissions([read, manage, read], [manage, read]),
    permissions([], []),
    permissions(null, []),
  ],
  [
    embedded({}),
    embedded({ ...shown, name: "An older name", created_at: 1, updated_at: 1 }),
    embedded({ ...shown, name: "A newer name", created_at: 1, updated_at: 4_000_000_000_000 }),
    embedded({ name: null, updated_at: null }),
  ],
  createdAt,
];
