import type { FailureCode } from "../../supabase/functions/_shared/failure.ts";
import { eventBody } from "../support/clerk/event_json.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { canaryUser } from "../support/leaks/canary_documents.ts";
import { canary } from "../support/leaks/leak.ts";

/** A genuine delivery with an unexpected body, and its outcome. */
export interface OddEvent {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly becomes: "applied" | "ignored" | FailureCode;
}

const mebibyte = 1024 * 1024;
const deep = 100_000;
/** Lists within lists. */
export const nested = `${"[".repeat(deep)}${"]".repeat(deep)}`;
export const nestedObjects = `${'{"a":'.repeat(deep)}1${"}".repeat(deep)}`;
/** Random, so that it compresses as badly as a real id. */
const longId = () => `user_${Array.from({ length: 200 }, newClerkId).join("")}`;

const created = (parts: Record<string, unknown>) => eventBody("user.created", canaryUser(parts));

/** The event with this JSON text as one value, for text that no serialiser would write. */
function createdWith(name: string, json: string): string {
  const placeholder = "placeholder";
  return created({ [name]: placeholder }).replace(`"${placeholder}"`, () => json);
}

function sized(bytes: number): string {
  const body = created({});
  return body + " ".repeat(bytes - new TextEncoder().encode(body).length);
}

/** Every odd event, by name. Each call makes new users. */
export function createOddEvents(victim: string): Map<string, OddEvent> {
  const bytes = (...values: number[]) => new Uint8Array(values);
  const events: Record<string, readonly [OddEvent["body"], OddEvent["becomes"]]> = {
    "exactly 1 MiB": [sized(mebibyte), "applied"],
    "one byte more than 1 MiB": [sized(mebibyte + 1), "payload_too_large"],
    "an empty body": ["", "invalid_event"],
    "blanks": [" \n\t", "invalid_event"],
    "a NUL": ["\0", "invalid_event"],
    "no JSON": [`{"type": user.created, "data": ${canary}}`, "invalid_event"],
    "JSON cut off": [created({}).slice(0, -1), "invalid_event"],
    "two documents": [`${created({})}{}`, "invalid_event"],
    "a byte order mark": [`\ufeff${created({})}`, "invalid_event"],
    "UTF-16": [new Uint8Array(new Uint16Array([0x7b, 0x7d]).buffer), "invalid_event"],
    "a byte that is never UTF-8": [bytes(0x7b, 0xff, 0x7d), "invalid_request"],
    "an overlong form": [bytes(0x22, 0xc0, 0xaf, 0x22), "invalid_request"],
    "a surrogate in UTF-8": [bytes(0x22, 0xed, 0xa0, 0x80, 0x22), "invalid_request"],
    "a character cut off": [bytes(0x22, 0xf0, 0x9f, 0xa6), "invalid_request"],
    "gzip": [bytes(0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3), "invalid_request"],
    "null": ["null", "invalid_event"],
    "a list": ["[]", "invalid_event"],
    "a number": ["1e400", "invalid_event"],

    "lists 100,000 deep": [nested, "invalid_event"],
    "objects 100,000 deep": [nestedObjects, "invalid_event"],
    "public metadata 100,000 deep": [
      createdWith("public_metadata", nestedObjects),
      "invalid_event",
    ],
    "lists in public metadata 100,000 deep": [
      createdWith("public_metadata", `{"a":${nested}}`),
      "invalid_event",
    ],
    "private metadata 100,000 deep": [createdWith("private_metadata", nestedObjects), "applied"],
    "a field that nobody reads, 100,000 deep": [createdWith("new_part", nested), "applied"],
    "email addresses 100,000 deep": [createdWith("email_addresses", nested), "invalid_event"],
    "another event 100,000 deep": [
      eventBody("session.created", "x").replace('"x"', nestedObjects),
      "ignored",
    ],

    "a time of 1e400": [createdWith("updated_at", "1e400"), "invalid_event"],
    "a time of -1e400": [createdWith("updated_at", "-1e400"), "invalid_event"],
    "a time of -0": [createdWith("updated_at", "-0"), "applied"],
    "a time of -1": [createdWith("updated_at", "-1"), "invalid_event"],
    "a time of a million digits": [createdWith("updated_at", "1".repeat(900_000)), "invalid_event"],
    "a time with a fraction": [createdWith("updated_at", "1767225600000.5"), "invalid_event"],
    "a time beyond exact numbers": [createdWith("updated_at", "9007199254740993"), "invalid_event"],
    "a time beyond the year 9999": [createdWith("updated_at", "253402300800000"), "invalid_event"],
    "the last time of all": [createdWith("updated_at", "253402300799999"), "applied"],
    "a time as text": [createdWith("updated_at", '"1767225600000"'), "invalid_event"],
    "metadata with numbers of every size": [
      createdWith(
        "public_metadata",
        '{"a":1e400,"b":-1e400,"c":-0,"d":1e308,"e":5e-324,"f":1e-400}',
      ),
      "applied",
    ],
    "an event's time of 1e400": [
      eventBody("user.created", canaryUser(), { timestamp: "x" }).replace('"x"', "1e400"),
      "invalid_event",
    ],

    "__proto__ as the envelope": [`{"__proto__":${created({})}}`, "invalid_event"],
    "a deletion whose id is inside __proto__": [
      `{"type":"user.deleted","data":{"deleted":true,"__proto__":{"id":"${victim}"}}}`,
      "ignored",
    ],
    "a deletion whose id is inside a constructor": [
      `{"type":"user.deleted","data":{"constructor":{"prototype":{"id":"${victim}"}}}}`,
      "ignored",
    ],
    "metadata with keys that every object has": [
      createdWith(
        "public_metadata",
        '{"__proto__":{"a":1},"constructor":{"prototype":{"b":1}},"toString":1,"hasOwnProperty":2}',
      ),
      "applied",
    ],
    "metadata with an empty key and another with a NUL": [
      created({ public_metadata: { "": canary, "\0": canary, "\ud800": 1 } }),
      "applied",
    ],
    "metadata that is a list": [created({ public_metadata: [canary] }), "invalid_event"],
    "metadata that is text": [created({ public_metadata: canary }), "invalid_event"],

    "a name of 500,000 characters": [created({ first_name: "ü".repeat(500_000) }), "applied"],
    "an id of 7,000 characters": [created({ id: longId() }), "invalid_event"],
    "a deletion with an id of 7,000 characters": [
      eventBody("user.deleted", { id: longId(), deleted: true }),
      "invalid_event",
    ],
    "a type of 500,000 characters": [eventBody("x".repeat(500_000), canaryUser()), "invalid_event"],
    "a type with a NUL": [eventBody("user.created\0", canaryUser()), "invalid_event"],
    "a type with a lone surrogate": [
      eventBody("user.created\ud800", canaryUser()),
      "invalid_event",
    ],
    "a type that is an address": [
      eventBody(`${canary}@example.com`, canaryUser()),
      "invalid_event",
    ],
    "a type that nobody knows yet": [eventBody("user.renamedTwice_2", canaryUser()), "ignored"],
    "an empty id": [created({ id: "" }), "invalid_event"],
    "10,000 email addresses": [
      created({
        email_addresses: Array.from({ length: 10_000 }, (_, index) => (
          { id: `idn_${index}`, email_address: `${canary}${index}@example.com` }
        )),
      }),
      "applied",
    ],
    "20,000 empty addresses": [
      created({ email_addresses: Array(20_000).fill({}) }),
      "invalid_event",
    ],
    "an id twice, of which the second counts": [
      `{"type":"user.deleted","data":{"id":"${victim}","deleted":true,"id":"${newClerkId()}"}}`,
      "applied",
    ],
  };
  for (const [name, text] of [["a NUL", "\0"], ["a lone surrogate", "\ud800"]] as const) {
    events[`${name} in every text of a user`] = [created(everyText(text)), "applied"];
    events[`${name} in a user's id`] = [created({ id: `${newClerkId()}${text}` }), "applied"];
    events[`${name} in a deleted user's id`] = [
      eventBody("user.deleted", { id: `${newClerkId()}${text}`, deleted: true }),
      "applied",
    ];
    events[`${name} in an instance and another's data`] = [
      eventBody("session.created", { id: text, note: text }, { instance_id: text, object: text }),
      "ignored",
    ];
  }
  return new Map(
    Object.entries(events).map(([name, [body, becomes]]) => [name, { body, becomes }]),
  );
}

function everyText(text: string) {
  const odd = `${canary}${text}`;
  return {
    first_name: odd,
    last_name: odd,
    username: odd,
    image_url: odd,
    external_id: odd,
    primary_email_address_id: odd,
    primary_phone_number_id: odd,
    email_addresses: [{ id: odd, email_address: odd, verification: { status: odd } }],
    phone_numbers: [{ id: odd, phone_number: odd }],
    public_metadata: { [odd]: [odd, { [odd]: odd }] },
    private_metadata: { [odd]: odd },
    unsafe_metadata: { [odd]: odd },
  };
}
