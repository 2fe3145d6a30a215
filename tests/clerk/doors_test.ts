import assert from "node:assert/strict";
import { request } from "node:http";
import { type RunningDouble, secretKey, startDouble } from "./running_double.ts";

const authorization = `Bearer ${secretKey}`;
const json = { "content-type": "application/json" };
const event = JSON.stringify({ type: "email.created", data: {} });

/** Sends exactly these headers. fetch() would choose some itself. */
function send(
  { url }: RunningDouble,
  method: string,
  path: string,
  headers: Record<string, string>,
  body = "",
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const outgoing = request(url + path, { method, headers, agent: false }, (response) => {
    response.resume();
    response.on("end", () => resolve(response.statusCode ?? 0));
  });
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}

Deno.test("the control API needs the secret key", async () => {
  await using running = await startDouble();
  const wrong: Record<string, string>[] = [{}, { authorization: "Bearer sk_test_wrong" }, {
    apikey: secretKey,
  }];
  for (const headers of wrong) {
    assert.equal(await send(running, "GET", "/double/endpoint", headers), 401);
    assert.equal(
      await send(running, "POST", "/double/messages", { ...headers, ...json }, event),
      401,
    );
    assert.equal(await send(running, "POST", "/double/tokens", { ...headers, ...json }, "{}"), 401);
  }
  assert.equal(await send(running, "GET", "/double/endpoint", { authorization }), 200);
});

Deno.test("the control API is closed to pages of other origins, even with the key", async () => {
  await using running = await startDouble();
  const { host } = new URL(running.url);
  for (const origin of ["http://localhost:3000", "https://evil.example", "null", "file://"]) {
    const headers = { authorization, origin };
    assert.equal(await send(running, "GET", "/double/endpoint", headers), 403, origin);
  }
  const own = { authorization, host, origin: running.url };
  assert.equal(await send(running, "GET", "/double/endpoint", own), 200);
});

Deno.test("the control API takes JSON only", async () => {
  await using running = await startDouble({ endpoint: { url: "http://127.0.0.1:9/" } });
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]) {
    const headers = { authorization, "content-type": type };
    assert.equal(await send(running, "POST", "/double/messages", headers, event), 415, type);
    assert.equal(await send(running, "PUT", "/double/faults", headers, '{"faults":[]}'), 415, type);
  }
  const headers = { authorization, "content-type": "application/json; charset=utf-8" };
  assert.equal(await send(running, "POST", "/double/messages", headers, event), 200);
  assert.equal(await send(running, "POST", "/double/deliver-now", { authorization }), 200);
});

Deno.test("no route answers under a foreign host name, which a web page could point here", async () => {
  await using running = await startDouble();
  const { port } = new URL(running.url);
  const paths = ["/double/endpoint", "/v1/users", "/v1/jwks", "/.well-known/jwks.json", "/"];
  const foreign = [`evil.example:${port}`, `127.0.0.1.evil.example:${port}`, "localhost", "evil"];
  for (const path of paths) {
    for (const host of [...foreign, "127.0.0.1:1", `localhost.:${port}`]) {
      assert.equal(await send(running, "GET", path, { authorization, host }), 403, host);
    }
    for (const name of ["127.0.0.1", "LOCALHOST", "[::1]", "host.docker.internal"]) {
      const status = await send(running, "GET", path, { authorization, host: `${name}:${port}` });
      assert.notEqual(status, 403, name);
    }
  }
});
