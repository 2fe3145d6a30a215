import assert from "node:assert/strict";
import { describeIssues } from "../../supabase/functions/_shared/clerk/issues.ts";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import { clerkUserJson, emailAddressJson } from "../support/clerk/user_json.ts";

/** The fact in a user that has been through JSON, as it would be. */
function factOf(changes: Readonly<Record<string, unknown>> = {}) {
  return clerkUser.parse(JSON.parse(JSON.stringify(clerkUserJson(changes))));
}

Deno.test("a user becomes a fact with exactly the columns that are stored", () => {
  assert.deepEqual(factOf(), {
    kind: "user",
    clerk_id: "user_ada",
    email: "work@example.com",
    email_verified: true,
    first_name: "Ada",
    last_name: "Lovelace",
    username: "ada",
    image_url: "https://img.clerk.com/ada",
    phone: "+447700900000",
    external_id: "crm-1815",
    public_metadata: { plan: "pro" },
    banned: false,
    locked: false,
    last_sign_in_at: "2023-11-14T22:18:20.000Z",
    clerk_created_at: "2023-11-14T22:13:20.000Z",
    clerk_updated_at: "2023-11-14T22:23:20.123Z",
  });
});

Deno.test("private and unsafe metadata never enter the fact", () => {
  const fact = factOf({
    private_metadata: { secret: "canary-private" },
    unsafe_metadata: { secret: "canary-unsafe" },
  });
  assert.ok(!JSON.stringify(fact).includes("canary"));
  assert.ok(!JSON.stringify(fact).includes("secret"));
});

Deno.test("the primary email address is the one that Clerk names, not simply the first", () => {
  assert.equal(factOf({ primary_email_address_id: "idn_home" }).email, "home@example.com");
  assert.equal(factOf({ primary_email_address_id: "idn_work" }).email, "work@example.com");
});

const withoutEmail = {
  "names no address": { primary_email_address_id: null },
  "does not name a primary address": { primary_email_address_id: undefined },
  "names an empty id": { primary_email_address_id: "" },
  "names an address that does not exist": { primary_email_address_id: "idn_gone" },
  "names an address but has none": { email_addresses: [] },
  "has null for its addresses": { email_addresses: null },
  "has no list of addresses": { email_addresses: undefined },
  "has an address without an id": {
    primary_email_address_id: null,
    email_addresses: [emailAddressJson("", "x@example.com", { id: null })],
  },
};

for (const [what, changes] of Object.entries(withoutEmail)) {
  Deno.test(`a user that ${what} has no email address and none verified`, () => {
    const { email, email_verified: verified } = factOf(changes);
    assert.deepEqual([email, verified], [null, false]);
  });
}

const verifications = [
  [{ status: "verified" }, true],
  [{ status: "unverified" }, false],
  [{ status: "failed" }, false],
  [{ status: null }, false],
  [{}, false],
  [null, false],
  [undefined, false],
] as const;

for (const [verification, verified] of verifications) {
  Deno.test(`verification ${JSON.stringify(verification)} makes email_verified ${verified}`, () => {
    const fact = factOf({
      email_addresses: [
        emailAddressJson("idn_home", "home@example.com"),
        emailAddressJson("idn_work", "work@example.com", { verification }),
      ],
    });
    assert.deepEqual([fact.email, fact.email_verified], ["work@example.com", verified]);
  });
}

Deno.test("the primary phone number is the one that Clerk names, or none", () => {
  assert.equal(factOf({ primary_phone_number_id: "idn_landline" }).phone, "+442079460000");
  assert.equal(factOf({ primary_phone_number_id: "idn_gone" }).phone, null);
  assert.equal(factOf({ primary_phone_number_id: null }).phone, null);
  assert.equal(factOf({ phone_numbers: [] }).phone, null);
  assert.equal(factOf({ phone_numbers: undefined }).phone, null);
});

const defaults = {
  first_name: null,
  last_name: null,
  username: null,
  image_url: null,
  external_id: null,
  last_sign_in_at: null,
  public_metadata: {},
  banned: false,
  locked: false,
};

for (const [field, value] of Object.entries(defaults)) {
  for (const absent of [null, undefined]) {
    Deno.test(`${field} of ${absent} is kept as ${JSON.stringify(value)}`, () => {
      const fact = new Map(Object.entries(factOf({ [field]: absent })));
      assert.deepEqual(fact.get(field), value);
    });
  }
}

Deno.test("NUL characters and lone surrogates in texts are replaced", () => {
  const fact = factOf({
    first_name: "A\0da",
    last_name: "\uD800",
    username: "a\uDC00",
    external_id: "\0",
    email_addresses: [emailAddressJson("idn_work", "a\0@example.com")],
    public_metadata: { "key\0": ["\uD800"] },
  });
  assert.deepEqual(
    [fact.first_name, fact.last_name, fact.username, fact.external_id, fact.email],
    ["A\uFFFDda", "\uFFFD", "a\uFFFD", "\uFFFD", "a\uFFFD@example.com"],
  );
  assert.deepEqual(fact.public_metadata, { "key\uFFFD": ["\uFFFD"] });
});

Deno.test("a metadata key named __proto__ stays a key", () => {
  const metadata = JSON.parse('{"__proto__":{"admin":true},"plan":"pro"}');
  const fact = clerkUser.parse(clerkUserJson({ public_metadata: metadata }));
  assert.equal(JSON.stringify(fact.public_metadata), '{"__proto__":{"admin":true},"plan":"pro"}');
  assert.equal(Object.getPrototypeOf(fact.public_metadata), Object.prototype);
});

const times = [
  [0, "1970-01-01T00:00:00.000Z"],
  [1_700_000_600_123, "2023-11-14T22:23:20.123Z"],
  [253_402_300_799_999, "9999-12-31T23:59:59.999Z"],
] as const;

for (const [milliseconds, rfc3339] of times) {
  Deno.test(`updated_at of ${milliseconds} is ${rfc3339}`, () => {
    assert.equal(factOf({ updated_at: milliseconds }).clerk_updated_at, rfc3339);
  });
}

const faults = [
  [{ id: undefined }, "data.id: Invalid input: expected string, received undefined"],
  [{ id: null }, "data.id: Invalid input: expected string, received null"],
  [{ id: "" }, "data.id: Too small: expected string to have >=1 characters"],
  [{ id: "x".repeat(257) }, "data.id: Too big: expected string to have <=256 characters"],
  [{ id: 7 }, "data.id: Invalid input: expected string, received number"],
  [{ updated_at: undefined }, "data.updated_at: "],
  [{ created_at: null }, "data.created_at: "],
  [{ updated_at: "2023-11-14" }, "data.updated_at: "],
  [{ updated_at: -1 }, "data.updated_at: "],
  [{ updated_at: 0.5 }, "data.updated_at: "],
  [{ updated_at: 253_402_300_800_000 }, "data.updated_at: "],
  [{ updated_at: 1e16 }, "data.updated_at: "],
  [{ updated_at: 1e300 }, "data.updated_at: "],
  [{ last_sign_in_at: "never" }, "data.last_sign_in_at: "],
  [{ first_name: 1 }, "data.first_name: "],
  [{ banned: "no" }, "data.banned: "],
  [{ email_addresses: {} }, "data.email_addresses: "],
  [{ email_addresses: [{ id: "idn_work" }] }, "data.email_addresses.0.email_address: "],
  [{ phone_numbers: [null] }, "data.phone_numbers.0: "],
  [{ public_metadata: [] }, "data.public_metadata: Invalid input: expected object"],
  [{ public_metadata: "canary" }, "data.public_metadata: Invalid input: expected object"],
] as const;

for (const [changes, message] of faults) {
  Deno.test(`a user with ${JSON.stringify(changes).slice(0, 60)} is refused with the path`, () => {
    const parsed = clerkUser.safeParse(clerkUserJson(changes));
    assert.ok(!parsed.success);
    const issues = describeIssues(parsed.error, ["data"]);
    assert.ok(issues.startsWith(message), issues);
    const paths = issues.split("; ").map((issue) => issue.split(":")[0]);
    assert.deepEqual(new Set(paths), new Set([message.split(":")[0]]), issues);
    assert.ok(!issues.includes("canary"), issues);
  });
}

for (const levels of [66, 10_000]) {
  Deno.test(`public metadata of ${levels} levels is refused with the path`, () => {
    const deep = JSON.parse('{"a":'.repeat(levels) + "1" + "}".repeat(levels));
    const parsed = clerkUser.safeParse(clerkUserJson({ public_metadata: deep }));
    assert.ok(!parsed.success);
    const issues = describeIssues(parsed.error, ["data"]);
    assert.equal(issues, "data.public_metadata: Nested too deeply");
  });
}

Deno.test("at most five mistakes are reported", () => {
  const phones = Array.from({ length: 50 }, () => null);
  const parsed = clerkUser.safeParse(clerkUserJson({ phone_numbers: phones }));
  assert.ok(!parsed.success);
  assert.equal(describeIssues(parsed.error, ["data"]).split("; ").length, 5);
});
