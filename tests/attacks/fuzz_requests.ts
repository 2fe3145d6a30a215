import fc from "fast-check";
import {
  clerkMembershipJson,
  clerkOrganizationJson,
  joining,
} from "../support/clerk/organization_json.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { canary } from "../support/leaks/leak.ts";
import { type EventGenerator, readEventGenerator } from "./generated_events.ts";

/** A request before it is signed. It is signed late: tokens last a minute, deliveries five. */
export interface FuzzRequest {
  readonly functionName: string;
  readonly method: string;
  /** What follows the function's name: more path, and a query. */
  readonly suffix: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly authorization: FuzzToken | string | null;
  readonly signature: FuzzSignature | null;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** A token signed by the instance, with parts that Clerk would not give it. */
export interface FuzzToken {
  /** The number of its user. */
  readonly user: number;
  readonly claims: Record<string, unknown>;
  readonly header: Record<string, unknown>;
  /** Damage done after signing: this text replaces part of the token, at this fraction of its length. */
  readonly damage: { readonly at: number; readonly text: string } | null;
}

/** A signature over the body, made with the webhook secret. */
export interface FuzzSignature {
  readonly prefix: "svix" | "webhook";
  readonly id: string;
  /** Seconds between the signature's time and now. */
  readonly age: number;
  /** Headers that replace the genuine ones. */
  readonly changes: Record<string, string>;
}

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    "\0",
    "\ud800",
    canary,
    `${canary}@example.com`,
    "__proto__",
    "../..",
    "' or 1=1",
  ),
);

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  text,
  fc.constantFrom(-1, -0, 1e300, -1e300, 2 ** 53, 253_402_300_800_000, null, undefined),
);

function someOf(...names: string[]): fc.Arbitrary<Record<string, unknown>> {
  return fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 });
}

/** A valid header value: Latin-1 without line ends and NUL. */
const headerValue = fc.string({
  unit: fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa1, max: 0xff }))
    .map((code) => String.fromCharCode(code)),
});

const headerNames = [
  "accept",
  "accept-encoding",
  "apikey",
  "access-control-request-headers",
  "access-control-request-method",
  "content-encoding",
  "content-language",
  "content-type",
  "cookie",
  "if-none-match",
  "origin",
  "prefer",
  "range",
  "traceparent",
  "x-client-info",
  "x-forwarded-for",
  "x-http-method-override",
  "x-request-id",
];

const header = fc.tuple(
  fc.oneof(
    fc.constantFrom(...headerNames),
    fc.string({ unit: fc.constantFrom(..."abcxyz-_"), minLength: 1 }).map((name) => `x-${name}`),
  ),
  headerValue,
);

const token: fc.Arbitrary<FuzzToken> = fc.record({
  user: fc.nat(),
  claims: fc.oneof(
    fc.constant({}),
    someOf("sub", "exp", "nbf", "iat", "iss", "azp", "sts", "sid", "v", "o", "aud", "role", "fva"),
  ),
  header: fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    someOf("alg", "kid", "typ", "cat", "crit", "b64", "jwk", "jku", "x5c", "zip", "cty"),
  ),
  damage: fc.option(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      text: fc.string({ unit: fc.constantFrom(..."AZaz09-_.+/= ,\t") }),
    }),
    { freq: 3 },
  ),
});

const authorization = fc.oneof(
  { weight: 4, arbitrary: token },
  { weight: 1, arbitrary: fc.constant(null) },
  headerValue,
  headerValue.map((text) => `Bearer ${text}`),
  fc.array(fc.base64String(), { maxLength: 4 }).map((parts) => `Bearer ${parts.join(".")}`),
);

const signature: fc.Arbitrary<FuzzSignature> = fc.record({
  prefix: fc.constantFrom("svix", "svix", "webhook"),
  id: fc.oneof(
    fc.uuid().map((id) => `msg_${id}`),
    fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
    }),
  ),
  age: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: -400, max: 400 })),
  changes: fc.oneof(
    { weight: 5, arbitrary: fc.constant({}) },
    fc.dictionary(
      fc.constantFrom(
        ...["svix", "webhook"].flatMap((prefix) =>
          ["id", "timestamp", "signature"].map((part) => `${prefix}-${part}`)
        ),
      ),
      headerValue,
      { maxKeys: 2 },
    ),
  ),
});

const times = ["created_at", "updated_at"];

/** The events that are stored: their types, a usual object, and the fields that the functions read. */
const subjects = [
  {
    types: ["user.created", "user.updated", "user.deleted"],
    parts: someOf(
      ...["id", "email_addresses", "phone_numbers", "public_metadata", "first_name", "username"],
      ...["last_sign_in_at", "banned", "primary_email_address_id", ...times],
    ),
    data: (id: string) => clerkUserJson({ id: `user_${id}`, first_name: canary }),
  },
  {
    types: ["organization.created", "organization.updated", "organization.deleted"],
    parts: someOf("id", "name", "slug", "image_url", "created_by", "public_metadata", ...times),
    data: (id: string) => clerkOrganizationJson({ id: `org_${id}`, name: canary }),
  },
  {
    types: ["created", "updated", "deleted"].map((what) => `organizationMembership.${what}`),
    parts: someOf("id", "role", "permissions", "organization", "public_user_data", ...times),
    data: (id: string) =>
      clerkMembershipJson({
        id: `orgmem_${id}`,
        ...joining(`user_${id}`, `org_${id}`),
        role: canary,
      }),
  },
] as const;

/** Events that are stored, with fields that Clerk would not send, and any events of the specification. */
function events({ types, events }: EventGenerator): fc.Arbitrary<string> {
  const envelope = someOf("type", "data", "timestamp", "instance_id", "object");
  const odd = fc.oneof(
    ...subjects.map(({ types, parts, data }) =>
      fc.tuple(fc.constantFrom(...types), fc.uuid(), parts, envelope)
        .map(([type, id, parts, envelope]) =>
          JSON.stringify({
            type,
            data: { ...data(id.replaceAll("-", "")), ...parts },
            timestamp: 1_767_225_600_000,
            ...envelope,
          })
        )
    ),
  );
  const specified = fc.tuple(fc.constantFrom(...types), fc.constantFrom("any", "unknown values"))
    .chain(([type, variant]) => events(type, variant)).map((event) => JSON.stringify(event));
  return fc.oneof({ weight: 3, arbitrary: odd }, specified);
}

const bytes = fc.uint8Array().map((array) => new Uint8Array(array));

function bodies(event: fc.Arbitrary<string>): fc.Arbitrary<string | Uint8Array<ArrayBuffer>> {
  const damaged = fc.tuple(event, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(20), text)
    .map(([body, share, length, text]) => {
      const at = Math.floor(share * body.length);
      // A lone surrogate would be replaced on sending, and the body would differ from what was signed.
      return (body.slice(0, at) + text + body.slice(at + length)).toWellFormed();
    });
  return fc.oneof(
    { weight: 5, arbitrary: event },
    { weight: 3, arbitrary: damaged },
    fc.json(),
    text.map((text) => text.toWellFormed()),
    bytes,
  );
}

const suffix = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  fc.constantFrom("/", "//", "/x/y", "?", "?apikey=x&token=y", "/%00", "/%2f%2e"),
  fc.string().map((text) => `/${encodeURIComponent(text)}`),
  fc.webQueryParameters().map((query) => `?${query}`),
);

const method = fc.oneof(
  { weight: 8, arbitrary: fc.constant("POST") },
  fc.constantFrom("GET", "GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "QUERY", "BREW"),
);

/** Requests to the functions. Some are correct, most are not. */
export function fuzzRequests(): fc.Arbitrary<FuzzRequest> {
  const event = events(readEventGenerator("webhooks-2025-04-15.yml"));
  return fc.record({
    functionName: fc.constantFrom("users-me", "users-sync", "clerk-webhook", "clerk-webhook"),
    method,
    suffix,
    headers: fc.array(header, { maxLength: 5 }),
    authorization,
    signature: fc.option(signature, { freq: 5 }),
    body: bodies(event),
  });
}
