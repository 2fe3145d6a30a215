import { eventBody } from "../support/clerk/event_json.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { canaryMembership, canaryOrganization } from "../support/leaks/canary_documents.ts";
import { canary } from "../support/leaks/leak.ts";
import { nested, nestedObjects, type OddEvent } from "./odd_events.ts";

/** Random, so that it compresses as badly as a real id. */
const longId = () => `org_${Array.from({ length: 200 }, () => newClerkId("org")).join("")}`;

const organization = (parts: Record<string, unknown>) =>
  eventBody("organization.created", canaryOrganization(parts));
const membership = (parts: Record<string, unknown>) =>
  eventBody("organizationMembership.created", canaryMembership(parts));

/** The event with this JSON text as one value, for text that no serialiser would write. */
function withJson(make: typeof organization, name: string, json: string): string {
  const placeholder = "placeholder";
  return make({ [name]: placeholder }).replace(`"${placeholder}"`, () => json);
}

/** Odd values of one field, and the outcome of each. */
type Values = Readonly<Record<string, readonly [json: string, becomes: OddEvent["becomes"]]>>;

const times: Values = {
  "1e400": ["1e400", "invalid_event"],
  "-1": ["-1", "invalid_event"],
  "-0": ["-0", "applied"],
  "a fraction": ["1767225600000.5", "invalid_event"],
  "beyond exact numbers": ["9007199254740993", "invalid_event"],
  "beyond the year 9999": ["253402300800000", "invalid_event"],
  "the last of all": ["253402300799999", "applied"],
  "text": ['"1767225600000"', "invalid_event"],
  "null": ["null", "invalid_event"],
};

const metadata: Values = {
  "100,000 deep": [nestedObjects, "invalid_event"],
  "lists 100,000 deep": [`{"a":${nested}}`, "invalid_event"],
  "a list": [`["${canary}"]`, "invalid_event"],
  "text": [`"${canary}"`, "invalid_event"],
  "numbers of every size": ['{"a":1e400,"b":-1e400,"c":-0,"d":1e308,"e":5e-324}', "applied"],
  "keys that every object has": [
    '{"__proto__":{"a":1},"constructor":{"prototype":{"b":1}},"toString":1}',
    "applied",
  ],
  "an empty key and a NUL": [`{"":"${canary}","\\u0000":1,"\\ud800":2}`, "applied"],
};

const fields: readonly (readonly [typeof organization, string, string, Values])[] = [
  [organization, "an organization's updated_at", "updated_at", times],
  [membership, "a membership's updated_at", "updated_at", times],
  [organization, "an organization's created_at", "created_at", times],
  [membership, "a membership's created_at", "created_at", times],
  [organization, "an organization's public metadata", "public_metadata", metadata],
  [organization, "an organization's name", "name", {
    "a number": ["7", "invalid_event"],
    "null": ["null", "invalid_event"],
    "a list": ['["a"]', "invalid_event"],
    "500,000 characters": [`"${"ü".repeat(500_000)}"`, "applied"],
  }],
  [membership, "a membership's role", "role", {
    "a number": ["7", "invalid_event"],
    "null": ["null", "invalid_event"],
    "an object": ['{"key":"org:admin"}', "invalid_event"],
    "empty": ['""', "applied"],
  }],
  [membership, "a membership's permissions", "permissions", {
    "text": ['"org:sys_profile:manage"', "invalid_event"],
    "numbers": ["[1,2]", "invalid_event"],
    "nulls": ["[null]", "invalid_event"],
    "100,000 deep": [nested, "invalid_event"],
    "null": ["null", "applied"],
    "20,000 of them": [JSON.stringify(Array(20_000).fill(canary)), "applied"],
    "characters that an array's text must escape": [
      JSON.stringify(['a"b', "{c,d}", "\\", "NULL", "", " ", "e\0f", "g\ud800"]),
      "applied",
    ],
  }],
  [membership, "a membership's organization", "organization", {
    "only its id": [`"${newClerkId("org")}"`, "invalid_event"],
    "nothing": ["null", "invalid_event"],
    "an object without an id": ["{}", "invalid_event"],
    "an id inside __proto__": ['{"__proto__":{"id":"org_1"}}', "invalid_event"],
    "a number as the id": ['{"id":7}', "invalid_event"],
    "an id of 7,000 characters": [`{"id":"${longId()}"}`, "invalid_event"],
    "an id, and a field that nobody reads, 100,000 deep": [
      `{"id":"org_1","name":${nested}}`,
      "applied",
    ],
  }],
  [membership, "a membership's user", "public_user_data", {
    "text": [`"${canary}"`, "invalid_event"],
    "an empty id": ['{"user_id":""}', "invalid_event"],
    "no id": ["{}", "invalid_event"],
    "a list as the id": ['{"user_id":["user_1"]}', "invalid_event"],
    "nobody": ["null", "applied"],
  }],
];

/** Every odd event about organizations and memberships, by name. Each call makes new ones. */
export function createOddOrganizationEvents(): Map<string, OddEvent> {
  const events: Record<string, readonly [OddEvent["body"], OddEvent["becomes"]]> = {
    "an organization that is a list": [
      eventBody("organization.created", [canary]),
      "invalid_event",
    ],
    "an organization with an id of 7,000 characters": [
      organization({ id: longId() }),
      "invalid_event",
    ],
    "an organization with an empty id": [organization({ id: "" }), "invalid_event"],
    "a membership with an id of 7,000 characters": [membership({ id: longId() }), "invalid_event"],
    "a deleted organization without an id": [
      eventBody("organization.deleted", { deleted: true }),
      "ignored",
    ],
    "a deleted organization whose id is inside __proto__": [
      '{"type":"organization.deleted","data":{"deleted":true,"__proto__":{"id":"org_1"}}}',
      "ignored",
    ],
    "a deleted organization whose id is a number": [
      eventBody("organization.deleted", { id: 7, deleted: true }),
      "invalid_event",
    ],
    "a deleted organization at a time of -1": [
      eventBody("organization.deleted", { id: newClerkId("org") }, { timestamp: -1 }),
      "invalid_event",
    ],
    "a deleted membership with nothing but its id": [
      eventBody("organizationMembership.deleted", { id: newClerkId("orgmem"), deleted: true }),
      "invalid_event",
    ],
    "a deleted membership at a time beyond the year 9999": [
      eventBody("organizationMembership.deleted", canaryMembership(), {
        timestamp: 253402300800000,
      }),
      "invalid_event",
    ],
    "an invitation": [
      eventBody("organizationInvitation.created", { id: "orginv_1", email_address: canary }),
      "ignored",
    ],
    "a user in an organization's event": [
      eventBody("organization.created", { id: newClerkId(), first_name: canary }),
      "invalid_event",
    ],
  };
  for (const [make, field, name, values] of fields) {
    for (const [what, [json, becomes]] of Object.entries(values)) {
      events[`${field}: ${what}`] = [withJson(make, name, json), becomes];
    }
  }
  for (const [name, text] of [["a NUL", "\0"], ["a lone surrogate", "\ud800"]] as const) {
    const odd = `${canary}${text}`;
    events[`${name} in every text of an organization`] = [
      organization({
        id: `${newClerkId("org")}${text}`,
        name: odd,
        slug: odd,
        image_url: odd,
        created_by: odd,
        public_metadata: { [odd]: [odd, { [odd]: odd }] },
      }),
      "applied",
    ];
    events[`${name} in every text of a membership`] = [
      membership({
        id: `${newClerkId("orgmem")}${text}`,
        role: odd,
        permissions: [odd],
        organization: { id: `${newClerkId("org")}${text}` },
        public_user_data: { user_id: `${newClerkId()}${text}` },
      }),
      "applied",
    ];
    events[`${name} in a deleted organization's id`] = [
      eventBody("organization.deleted", { id: `${newClerkId("org")}${text}`, deleted: true }),
      "applied",
    ];
  }
  return new Map(
    Object.entries(events).map(([name, [body, becomes]]) => [name, { body, becomes }]),
  );
}
