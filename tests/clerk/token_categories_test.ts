import { decodeJwt } from "@clerk/backend/jwt";
import assert from "node:assert/strict";
import { z } from "zod";
import { control, instanceKey, type RunningDouble, startDouble } from "./running_double.ts";

const PUBLISHABLE_KEY = `pk_test_${btoa("clerk.example.com$")}`;

async function mint({ url }: RunningDouble, body: unknown): Promise<string> {
  const response = await control(url, "POST", "tokens", body);
  return z.object({ jwt: z.string() }).parse(await response.json()).jwt;
}

async function signedIn({ clerk }: RunningDouble) {
  const { id: userId } = await clerk.users.createUser({});
  const { id: sessionId } = await clerk.sessions.createSession({ userId });
  return { userId, sessionId };
}

/** Whether Clerk's own middleware takes it for a session. */
async function isSession({ clerk }: RunningDouble, jwt: string): Promise<boolean> {
  const { publicKeyPem } = await instanceKey();
  const state = await clerk.authenticateRequest(
    new Request("http://localhost:3000/", { headers: { authorization: `Bearer ${jwt}` } }),
    { jwtKey: publicKeyPem, publishableKey: PUBLISHABLE_KEY },
  );
  return state.isAuthenticated;
}

function headerOf(jwt: string): unknown {
  return z.looseObject({ cat: z.string() }).parse(decodeJwt(jwt).header).cat;
}

Deno.test("session tokens have their category, of either version", async () => {
  await using running = await startDouble();
  const { sessionId } = await signedIn(running);
  const tokens = [
    (await running.clerk.sessions.getToken(sessionId)).jwt,
    await mint(running, { session_id: sessionId }),
    await mint(running, { session_id: sessionId, version: 1 }),
  ];
  for (const jwt of tokens) {
    assert.equal(headerOf(jwt), "cl_B7d4PD111AAA");
    assert.ok(await isSession(running, jwt));
  }
});

Deno.test("a token of the JWT template names a user and no session, for as long as is asked", async () => {
  await using running = await startDouble();
  const { userId, sessionId } = await signedIn(running);
  const year = 31_536_000;
  const { jwt } = await running.clerk.sessions.getToken(sessionId, "supabase", year);
  const { payload } = decodeJwt(jwt);
  assert.equal(headerOf(jwt), "cl_B7d4PD222AAA");
  assert.equal(payload.exp - payload.iat, year);
  const { sub, role, aud, iss, azp } = payload;
  assert.deepEqual({ sub, role, aud, iss, azp }, {
    sub: userId,
    role: "authenticated",
    aud: "authenticated",
    iss: running.url,
    azp: "http://localhost:3000",
  });
  assert.deepEqual(["sid", "sts", "v", "fva", "o"].filter((claim) => claim in payload), []);
  assert.equal(await isSession(running, jwt), false);
});

Deno.test("a pending session can have a template's token, as at Clerk", async () => {
  await using running = await startDouble();
  const { userId } = await signedIn(running);
  const pending = { user_id: userId, status: "pending" };
  const response = await control(running.url, "POST", "sessions", pending);
  const { id } = z.looseObject({ id: z.string() }).parse(await response.json());
  const { jwt } = await running.clerk.sessions.getToken(id, "supabase");
  assert.equal(decodeJwt(jwt).payload.sub, userId);
});

Deno.test("the control API mints tokens of every category, with other claims where it is told", async () => {
  await using running = await startDouble();
  const { userId, sessionId } = await signedIn(running);
  const template = await mint(running, {
    session_id: sessionId,
    category: "template",
    claims: { exp: 4_102_444_800 },
  });
  assert.equal(headerOf(template), "cl_B7d4PD222AAA");
  assert.deepEqual(
    { ...decodeJwt(template).payload, sid: undefined },
    { ...decodeJwt(template).payload, sub: userId, exp: 4_102_444_800, sid: undefined },
  );
  const alone = await mint(running, { category: "template", claims: { sub: userId } });
  assert.deepEqual(decodeJwt(alone).payload, { sub: userId });
  const machine = await mint(running, { category: "machine" });
  assert.equal(headerOf(machine), "cl_B7d4PD333AAA");
  assert.match(decodeJwt(machine).payload.sub, /^mch_/);
  for (const jwt of [template, alone, machine]) assert.equal(await isSession(running, jwt), false);
});
