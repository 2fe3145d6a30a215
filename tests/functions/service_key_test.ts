import assert from "node:assert/strict";
import type { Environment } from "../../supabase/functions/_shared/settings/variable.ts";
import { readServiceKey } from "../../supabase/functions/_shared/settings/service_key.ts";
import { base64Url } from "../support/clerk/session_tokens.ts";

/** A legacy key: a JWT that names a role. */
function legacyKey(claims: unknown): string {
  const parts = [{ alg: "HS256", typ: "JWT" }, claims];
  const bytes = parts.map((part) => new TextEncoder().encode(JSON.stringify(part)));
  return [...bytes.map(base64Url), "c2lnbmF0dXJl"].join(".");
}

const serviceRole = legacyKey({ iss: "supabase", ref: "abc", role: "service_role" });
const anon = legacyKey({ iss: "supabase", ref: "abc", role: "anon" });

/** What is accepted, and the key with the variable that it comes from. */
const taken: readonly (readonly [string, Environment, string, string])[] = [
  [
    "SUPABASE_KEY if only that is set",
    { SUPABASE_KEY: "sb_secret_c" },
    "SUPABASE_KEY",
    "sb_secret_c",
  ],
  ["a legacy service-role key", { SUPABASE_KEY: serviceRole }, "SUPABASE_KEY", serviceRole],
  [
    "SUPABASE_SERVICE_ROLE_KEY before SUPABASE_KEY",
    { SUPABASE_SERVICE_ROLE_KEY: serviceRole, SUPABASE_KEY: "sb_secret_c" },
    "SUPABASE_SERVICE_ROLE_KEY",
    serviceRole,
  ],
  [
    "SUPABASE_SECRET_KEYS before both others",
    {
      SUPABASE_SECRET_KEYS: '{"other":"sb_secret_b","default":"sb_secret_a"}',
      SUPABASE_SERVICE_ROLE_KEY: serviceRole,
      SUPABASE_KEY: "sb_secret_c",
    },
    "SUPABASE_SECRET_KEYS",
    "sb_secret_a",
  ],
  [
    "the first of SUPABASE_SECRET_KEYS if none is the default",
    { SUPABASE_SECRET_KEYS: '{"sync":"sb_secret_b"}' },
    "SUPABASE_SECRET_KEYS",
    "sb_secret_b",
  ],
  [
    "the next variable if SUPABASE_SECRET_KEYS holds no key",
    { SUPABASE_SECRET_KEYS: "{}", SUPABASE_SERVICE_ROLE_KEY: serviceRole },
    "SUPABASE_SERVICE_ROLE_KEY",
    serviceRole,
  ],
  [
    "the next variable if one is blank",
    { SUPABASE_SECRET_KEYS: " ", SUPABASE_SERVICE_ROLE_KEY: "", SUPABASE_KEY: "sb_secret_c" },
    "SUPABASE_KEY",
    "sb_secret_c",
  ],
  [
    "the service key even if a later variable holds another kind of key",
    { SUPABASE_SERVICE_ROLE_KEY: serviceRole, SUPABASE_KEY: anon },
    "SUPABASE_SERVICE_ROLE_KEY",
    serviceRole,
  ],
];

for (const [what, environment, keyVariable, key] of taken) {
  Deno.test(`readServiceKey() accepts ${what}`, () => {
    assert.deepEqual(readServiceKey(environment), { ok: true, value: { key, keyVariable } });
  });
}

Deno.test("readServiceKey() returns no key if nothing is set", () => {
  assert.deepEqual(readServiceKey({}), { ok: true, value: undefined });
});

const notServiceKeys = {
  "an anon key": anon,
  "an authenticated token": legacyKey({ role: "authenticated" }),
  "a JWT without a role": legacyKey({ sub: "user_ada" }),
  "a JWT with a role that is not text": legacyKey({ role: ["service_role"] }),
  "a publishable key": "sb_publishable_abc",
  "other text": "service_role",
  "only dots": "..",
  "the placeholder of a secret key": "sb_secret_…",
  "two secret keys": "sb_secret_a\nsb_secret_b",
  "a legacy key with a line break": serviceRole.replace(/.{9}$/, "\n$&"),
};

for (const [what, key] of Object.entries(notServiceKeys)) {
  for (const name of ["SUPABASE_KEY", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEYS"]) {
    Deno.test(`readServiceKey() refuses ${what} in ${name} and names the variable`, () => {
      const value = name === "SUPABASE_SECRET_KEYS" ? JSON.stringify({ default: key }) : key;
      const message =
        `${name} must be the service-role (secret) key, not an anon or publishable key`;
      assert.deepEqual(readServiceKey({ [name]: value }), {
        ok: false,
        failure: { code: "server_misconfigured", message },
      });
    });
  }
}

for (const text of ["sb_secret_a", '["sb_secret_a"]', '{"default":1}', "null", '"text"', "{"]) {
  Deno.test(`readServiceKey() refuses SUPABASE_SECRET_KEYS=${text} and names the variable`, () => {
    assert.deepEqual(readServiceKey({ SUPABASE_SECRET_KEYS: text, SUPABASE_KEY: "sb_secret_c" }), {
      ok: false,
      failure: {
        code: "server_misconfigured",
        message: 'SUPABASE_SECRET_KEYS must be a JSON object like {"default":"sb_secret_…"}',
      },
    });
  });
}
