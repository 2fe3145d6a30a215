import assert from "node:assert/strict";
import { createFindKey } from "../../supabase/functions/_shared/clerk/keys.ts";
import { createSessionVerifier } from "../../supabase/functions/_shared/session/session.ts";
import type { Environment } from "../../supabase/functions/_shared/settings/variable.ts";
import { readSessionSettings } from "../../supabase/functions/_shared/settings/session.ts";
import { bearing } from "../support/clerk/requests.ts";
import { createSigningKey, pemOf, sessionToken } from "../support/clerk/session_tokens.ts";

const key = await createSigningKey("ins_key_1");
const stranger = await createSigningKey("ins_key_1");
const malformed = "CLERK_JWT_KEY must be a public key in PEM (BEGIN PUBLIC KEY)";

/** The verdict on a token with the settings in this environment. */
async function verdictOf(environment: Environment, token: string): Promise<string> {
  const settings = readSessionSettings(environment);
  assert.ok(settings.ok);
  const { keys, ...checks } = settings.value;
  const verifySession = createSessionVerifier({ findKey: createFindKey(keys), ...checks });
  const session = await verifySession(bearing(`Bearer ${token}`));
  return session.ok ? session.value.userId : session.failure.code;
}

const spellings = {
  "real newlines": key.pem,
  "escaped newlines": key.pem.replaceAll("\n", "\\n"),
  "Windows newlines": key.pem.replaceAll("\n", "\r\n"),
  "spaces instead of newlines": key.pem.replaceAll("\n", " "),
  "escaped Windows newlines": key.pem.replaceAll("\n", "\\r\\n"),
  "no newlines at all": key.pem.replaceAll("\n", ""),
  "blanks around": `\n  ${key.pem}\n`,
};

for (const [spelling, pem] of Object.entries(spellings)) {
  Deno.test(`CLERK_JWT_KEY with ${spelling} verifies the instance's tokens`, async () => {
    const environment = { CLERK_JWT_KEY: pem };
    const settings = readSessionSettings(environment);
    assert.deepEqual(settings.ok && settings.value.keys, { pem: key.pem.trim() });
    assert.equal(await verdictOf(environment, await sessionToken(key)), "user_ada");
    assert.equal(await verdictOf(environment, await sessionToken(stranger)), "invalid_token");
  });
}

Deno.test("CLERK_JWT_KEY can replace CLERK_SECRET_KEY and takes precedence over it", () => {
  const keys = { pem: key.pem.trim() };
  for (const environment of [{}, { CLERK_SECRET_KEY: "sk_test_abc" }]) {
    assert.deepEqual(readSessionSettings({ ...environment, CLERK_JWT_KEY: key.pem }), {
      ok: true,
      value: { keys, authorizedParties: undefined, issuer: undefined },
    });
  }
});

Deno.test("the keys come from Clerk if CLERK_JWT_KEY is not set", () => {
  assert.deepEqual(readSessionSettings({ CLERK_SECRET_KEY: "sk_test_abc" }), {
    ok: true,
    value: {
      keys: { secretKey: "sk_test_abc", apiUrl: "https://api.clerk.com" },
      authorizedParties: undefined,
      issuer: undefined,
    },
  });
});

const badKeys = {
  "a private key": key.pem.replaceAll("PUBLIC", "PRIVATE"),
  "a key of another form": key.pem.replaceAll("PUBLIC", "RSA PUBLIC"),
  "a key without its last line": key.pem.split("\n").slice(0, -2).join("\n"),
  "a key without its first line": key.pem.split("\n").slice(1).join("\n"),
  "only the base64": key.pem.split("\n").slice(1, -2).join(""),
  "a JWK": JSON.stringify(key.jwk),
  "other text": "-----BEGIN PUBLIC KEY-----\n§\n-----END PUBLIC KEY-----",
};

for (const [what, text] of Object.entries(badKeys)) {
  Deno.test(`CLERK_JWT_KEY with ${what} is refused by name, even if CLERK_SECRET_KEY is set`, () => {
    const environment = { CLERK_JWT_KEY: text, CLERK_SECRET_KEY: "sk_test_abc" };
    assert.deepEqual(readSessionSettings(environment), {
      ok: false,
      failure: { code: "server_misconfigured", message: malformed },
    });
  });
}

Deno.test("CLERK_AUTHORIZED_PARTIES is a list of origins, with or without a final slash", () => {
  const settings = readSessionSettings({
    CLERK_JWT_KEY: key.pem,
    CLERK_AUTHORIZED_PARTIES: " https://app.example.com/ ,http://localhost:3000,, ",
  });
  assert.ok(settings.ok);
  assert.deepEqual(settings.value.authorizedParties, [
    "https://app.example.com",
    "http://localhost:3000",
  ]);
});

Deno.test("CLERK_AUTHORIZED_PARTIES without an origin is refused and does not switch the check off", () => {
  const settings = readSessionSettings({ CLERK_JWT_KEY: key.pem, CLERK_AUTHORIZED_PARTIES: " , " });
  assert.deepEqual(!settings.ok && settings.failure, {
    code: "server_misconfigured",
    message: "CLERK_AUTHORIZED_PARTIES must be origins, separated by commas",
  });
});

const origins = {
  "https://APP.Example.COM": "https://app.example.com",
  "HTTPS://app.example.com/": "https://app.example.com",
  "https://app.example.com:443": "https://app.example.com",
  "http://localhost:3000": "http://localhost:3000",
  "http://[::1]:3000/": "http://[::1]:3000",
  "https://bücher.example": "https://xn--bcher-kva.example",
  "chrome-extension://abcdefghijklmnopabcdefghijklmnop":
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
  "capacitor://localhost/": "capacitor://localhost",
};

for (const [spelling, azp] of Object.entries(origins)) {
  Deno.test(`CLERK_AUTHORIZED_PARTIES=${spelling} accepts tokens whose azp is ${azp}`, async () => {
    const environment = { CLERK_JWT_KEY: key.pem, CLERK_AUTHORIZED_PARTIES: spelling };
    assert.equal(
      await verdictOf(environment, await sessionToken(key, { claims: { azp } })),
      "user_ada",
    );
  });
}

const noOrigins = [
  '"https://app.example.com"',
  '["https://app.example.com"]',
  "localhost:3000",
  "app.example.com",
  "https://app.example.com https://www.example.com",
  "https://app.example.com;https://www.example.com",
  "https://app.example.com\nhttps://www.example.com",
  "https://app.example.com/sign-in",
  "https://app.example.com//",
  "https://app.example.com?",
  "https://me@app.example.com",
  "https://*.example.com",
  "https://…",
  "*",
  "null",
  "true",
];

for (const text of noOrigins) {
  Deno.test(`CLERK_AUTHORIZED_PARTIES with ${JSON.stringify(text)} is refused, also beside an origin`, () => {
    for (const parties of [text, `https://app.example.com,${text}`]) {
      const environment = { CLERK_JWT_KEY: key.pem, CLERK_AUTHORIZED_PARTIES: parties };
      const settings = readSessionSettings(environment);
      assert.deepEqual(!settings.ok && settings.failure, {
        code: "server_misconfigured",
        message: "CLERK_AUTHORIZED_PARTIES must be origins, separated by commas",
      });
    }
  });
}

Deno.test("CLERK_AUTHORIZED_PARTIES decides whose tokens are accepted", async () => {
  const environment = { CLERK_JWT_KEY: key.pem };
  const parties = "http://localhost:3000, https://app.example.com/";
  const strict = { ...environment, CLERK_AUTHORIZED_PARTIES: parties };
  const token = (azp?: string) => sessionToken(key, { claims: { azp } });
  assert.equal(await verdictOf(strict, await token("https://app.example.com")), "user_ada");
  assert.equal(await verdictOf(strict, await token("http://localhost:3000")), "user_ada");
  assert.equal(await verdictOf(strict, await token("https://evil.example.com")), "invalid_token");
  assert.equal(await verdictOf(strict, await token()), "invalid_token");
  assert.equal(await verdictOf(environment, await token("https://evil.example.com")), "user_ada");
  assert.equal(await verdictOf(environment, await token()), "user_ada");
});

Deno.test("CLERK_ISSUER decides which instance's tokens are accepted, with or without a final slash", async () => {
  const token = (iss?: unknown) => sessionToken(key, { claims: { iss } });
  const ours = "https://example-12.clerk.accounts.dev";
  for (const CLERK_ISSUER of [ours, `${ours}/`, ` ${ours} `, ours.toUpperCase()]) {
    const environment = { CLERK_JWT_KEY: key.pem, CLERK_ISSUER };
    assert.equal(await verdictOf(environment, await token(ours)), "user_ada");
    for (const iss of [undefined, null, "", [ours], `${ours}/`, `${ours}.evil.example.com`]) {
      assert.equal(await verdictOf(environment, await token(iss)), "invalid_token");
    }
  }
  assert.equal(await verdictOf({ CLERK_JWT_KEY: key.pem }, await token(ours)), "user_ada");
});

Deno.test("CLERK_ISSUER can be the path of a proxy", async () => {
  const iss = "https://app.example.com/__clerk";
  const environment = { CLERK_JWT_KEY: key.pem, CLERK_ISSUER: iss };
  assert.equal(
    await verdictOf(environment, await sessionToken(key, { claims: { iss } })),
    "user_ada",
  );
  const origin = await sessionToken(key, { claims: { iss: "https://app.example.com" } });
  assert.equal(await verdictOf(environment, origin), "invalid_token");
});

for (
  const CLERK_ISSUER of [
    "example-12.clerk.accounts.dev",
    "clerk",
    "ftp://clerk.example.com",
    "/",
    "https://a,https://b",
  ]
) {
  Deno.test(`CLERK_ISSUER with ${CLERK_ISSUER} is refused by name`, () => {
    assert.deepEqual(readSessionSettings({ CLERK_JWT_KEY: key.pem, CLERK_ISSUER }), {
      ok: false,
      failure: {
        code: "server_misconfigured",
        message: "CLERK_ISSUER must be an http or https address",
      },
    });
  });
}

Deno.test("CLERK_JWT_KEY is named if its key is not RSA, and no token is called invalid", async () => {
  const pair = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign", "verify"],
  );
  const elliptic = pemOf(new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey)));
  const lines = key.pem.split("\n");
  const damaged = [...lines.slice(0, 3), ...lines.slice(4)].join("\n");
  for (const pem of [elliptic, damaged]) {
    const settings = readSessionSettings({ CLERK_JWT_KEY: pem });
    assert.ok(settings.ok);
    const { keys, ...checks } = settings.value;
    const verify = createSessionVerifier({ findKey: createFindKey(keys), ...checks });
    assert.deepEqual(await verify(bearing(`Bearer ${await sessionToken(key)}`)), {
      ok: false,
      failure: {
        code: "server_misconfigured",
        message: "CLERK_JWT_KEY must be the instance's RSA public key",
      },
    });
  }
});
