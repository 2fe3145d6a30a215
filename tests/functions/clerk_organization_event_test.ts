import assert from "node:assert/strict";
import type { Fact } from "../../supabase/functions/_shared/facts/fact.ts";
import { readClerkEvent } from "../../supabase/functions/_shared/webhook/event.ts";
import { clerkEventJson } from "../support/clerk/event_json.ts";
import {
  clerkMembershipJson,
  clerkOrganizationJson,
  deletedOrganizationJson,
} from "../support/clerk/organization_json.ts";

function read(type: string, data: unknown, timestamp: unknown = 1_700_000_700_000) {
  const body = JSON.stringify(clerkEventJson(type, data, { timestamp }));
  return readClerkEvent(body, { sentAt: 1_700_000_800 });
}

function factOf(type: string, data: unknown): Fact | null {
  const { fact } = read(type, data);
  assert.ok(fact.ok, JSON.stringify(fact));
  return fact.value;
}

function refusalOf(type: string, data: unknown, timestamp?: unknown): string | undefined {
  const { fact } = read(type, data, timestamp);
  assert.ok(!fact.ok);
  assert.equal(fact.failure.code, "invalid_event");
  return fact.failure.message;
}

const membership = {
  clerk_id: "orgmem_ada",
  organization_clerk_id: "org_engines",
  user_clerk_id: "user_ada",
  role: "org:admin",
  permissions: ["org:sys_memberships:read", "org:sys_profile:manage"],
  clerk_created_at: "2023-11-14T22:15:00.000Z",
  clerk_updated_at: "2023-11-14T22:16:40.456Z",
};

for (const type of ["organization.created", "organization.updated"]) {
  Deno.test(`${type} brings the state in its data, without private metadata`, () => {
    assert.deepEqual(factOf(type, clerkOrganizationJson()), {
      kind: "organization",
      clerk_id: "org_engines",
      name: "Analytical Engines",
      slug: "engines",
      image_url: "https://img.clerk.com/engines",
      created_by: "user_ada",
      public_metadata: { plan: "team" },
      clerk_created_at: "2023-11-14T22:13:20.000Z",
      clerk_updated_at: "2023-11-14T22:23:20.123Z",
    });
  });
}

Deno.test("an organization may lack a slug, logo and creator", () => {
  const { slug: _, image_url: __, created_by: ___, ...bare } = clerkOrganizationJson();
  for (const data of [bare, { ...bare, slug: null, image_url: null, created_by: null }]) {
    const fact = factOf("organization.created", data);
    assert.ok(fact?.kind === "organization");
    assert.deepEqual([fact.slug, fact.image_url, fact.created_by], [null, null, null]);
  }
});

Deno.test("organization.deleted ends the organization at the event's time", () => {
  assert.deepEqual(factOf("organization.deleted", deletedOrganizationJson), {
    kind: "organization_deleted",
    clerk_id: "org_engines",
    deleted_at: "2023-11-14T22:25:00.000Z",
  });
});

Deno.test("organization.deleted without an id is ignored", () => {
  assert.equal(factOf("organization.deleted", { object: "organization", deleted: true }), null);
});

for (const type of ["organizationMembership.created", "organizationMembership.updated"]) {
  Deno.test(`${type} brings only the membership, without its copies of the organization and user`, () => {
    assert.deepEqual(factOf(type, clerkMembershipJson()), { kind: "membership", ...membership });
  });
}

Deno.test("organizationMembership.deleted ends the membership and brings its last state", () => {
  assert.deepEqual(factOf("organizationMembership.deleted", clerkMembershipJson()), {
    kind: "membership_deleted",
    ...membership,
    deleted_at: "2023-11-14T22:25:00.000Z",
  });
});

Deno.test("the order of permissions does not change the state", () => {
  const [a, b] = [["x", "y", "x"], ["y", "x"]].map((permissions) =>
    factOf("organizationMembership.updated", clerkMembershipJson({ permissions }))
  );
  assert.deepEqual(a, b);
});

Deno.test("a membership may lack its user and permissions", () => {
  const { public_user_data: _, permissions: __, ...bare } = clerkMembershipJson();
  const fact = factOf("organizationMembership.created", bare);
  assert.ok(fact?.kind === "membership");
  assert.deepEqual([fact.user_clerk_id, fact.permissions], [null, []]);
});

Deno.test("a missing or wrong field of an organization or membership is named by its path", () => {
  const cases = [
    ["organization.created", clerkOrganizationJson({ name: undefined }), "data.name"],
    ["organization.updated", clerkOrganizationJson({ updated_at: "now" }), "data.updated_at"],
    ["organization.deleted", { id: 7 }, "data.id"],
    ["organizationMembership.created", clerkMembershipJson({ role: null }), "data.role"],
    [
      "organizationMembership.updated",
      clerkMembershipJson({ organization: {} }),
      "data.organization.id",
    ],
    [
      "organizationMembership.deleted",
      clerkMembershipJson({ public_user_data: { user_id: "" } }),
      "data.public_user_data.user_id",
    ],
  ] as const;
  for (const [type, data, path] of cases) {
    assert.ok(refusalOf(type, data)?.startsWith(`${path}: `), `${type} ${refusalOf(type, data)}`);
  }
  for (const type of ["organization.deleted", "organizationMembership.deleted"]) {
    assert.match(refusalOf(type, clerkMembershipJson(), -1) ?? "", /^timestamp: /);
  }
});
