import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { createGateway } from "../../local/gateway/gateway.ts";
import { listen } from "../../local/gateway/listen.ts";

const keys = {
  anonKey: "anon.jwt",
  serviceRoleKey: "service.jwt",
  publishableKey: "sb_publishable_a",
  secretKey: "sb_secret_b",
};

type Handler = (request: Request) => Response | Promise<Response>;

/** Runs with a gateway in front of one function, "echo", and of a stand-in for PostgREST. */
async function withGateway(
  upstreams: { echo?: Handler; rest?: Handler; echoPort?: number },
  test: (url: string) => Promise<void>,
) {
  const serve = (handler: Handler) =>
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const echo = upstreams.echo && serve(upstreams.echo);
  const rest = upstreams.rest && serve(upstreams.rest);
  const gateway = listen(
    createGateway({
      keys,
      findFunction: (name) =>
        name === "echo" ? () => Promise.resolve(upstreams.echoPort ?? echo?.addr.port) : undefined,
      restPort: () => rest?.addr.port,
    }),
    0,
  );
  try {
    await test(`http://127.0.0.1:${gateway.port}`);
  } finally {
    await gateway.close();
    await echo?.shutdown();
    await rest?.shutdown();
  }
}

/** Answers with what the upstream saw of the request. */
const seen: Handler = async (request) => {
  const { pathname, search } = new URL(request.url);
  return Response.json({
    method: request.method,
    target: pathname + search,
    headers: Object.fromEntries(request.headers),
    body: await request.text(),
  });
};

Deno.test("a function gets the path without /functions/v1, and the query as written", async () => {
  await withGateway({ echo: seen }, async (url) => {
    const targets = { "": "", "/": "/", "/a/b%20c": "/a/b%20c", "?q=%7E+x&q=2": "?q=%7E+x&q=2" };
    for (const [sent, received] of Object.entries(targets)) {
      const response = await fetch(`${url}/functions/v1/echo${sent}`);
      assert.equal((await response.json()).target, `/echo${received}`);
    }
  });
});

Deno.test("a function gets the method, the body, the credentials and the forwarding headers", async () => {
  await withGateway({ echo: seen }, async (url) => {
    const response = await fetch(`${url}/functions/v1/echo`, {
      method: "PUT",
      headers: { authorization: "Bearer sb_secret_b", "svix-id": "msg_1" },
      body: "körper",
    });
    const { method, headers, body } = await response.json();
    assert.equal(method, "PUT");
    assert.equal(body, "körper");
    assert.equal(headers.authorization, "Bearer sb_secret_b");
    assert.equal(headers["svix-id"], "msg_1");
    assert.equal(headers["content-length"], "7");
    assert.equal(headers["x-forwarded-for"], "127.0.0.1");
    assert.equal(`http://${headers["x-forwarded-host"]}`, url);
  });
});

Deno.test("a method that cannot be forwarded is refused as such", async () => {
  await withGateway({ echo: seen, rest: seen }, async (url) => {
    const { host } = new URL(url);
    for (const path of ["/functions/v1/echo", "/rest/v1/users"]) {
      for (const method of ["TRACE", "TRACK"]) {
        const head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\napikey: sb_secret_b\r\n` +
          "connection: close\r\n\r\n";
        const answer = await rawExchange(url, head, new Uint8Array());
        assert.match(answer.head, /^HTTP\/1\.1 405 /);
        assert.match(answer.head, /^allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r?$/im);
      }
    }
  });
});

Deno.test("a request for a foreign host name is refused, whatever the page's origin", async () => {
  await withGateway({ echo: seen, rest: seen }, async (url) => {
    const { port } = new URL(url);
    const statusOf = async (path: string, host: string) => {
      const head = `GET ${path} HTTP/1.1\r\nhost: ${host}\r\napikey: sb_secret_b\r\n` +
        `origin: http://${host}\r\nconnection: close\r\n\r\n`;
      const answer = await rawExchange(url, head, new Uint8Array());
      return Number(answer.head.split(" ")[1]);
    };
    for (const path of ["/functions/v1/echo", "/rest/v1/users", "/"]) {
      for (const host of [`evil.example:${port}`, "evil.example", "localhost", "127.0.0.1:1"]) {
        assert.equal(await statusOf(path, host), 403, `${path} of ${host}`);
      }
      for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
        assert.equal(await statusOf(path, host), path === "/" ? 404 : 200, `${path} of ${host}`);
      }
    }
  });
});

Deno.test("bytes pass unchanged in both directions", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const echo: Handler = (request) => new Response(request.body, { headers: request.headers });
  await withGateway({ echo }, async (url) => {
    const plain = await fetch(`${url}/functions/v1/echo`, { method: "POST", body: bytes });
    assert.deepEqual(await plain.bytes(), bytes);
  });
});

Deno.test("an answer compressed by the function arrives readable", async () => {
  const packed = new Uint8Array(gzipSync("compressed by the function"));
  const serve: Handler = () => new Response(packed, { headers: { "content-encoding": "gzip" } });
  await withGateway({ echo: serve }, async (url) => {
    const response = await fetch(`${url}/functions/v1/echo`);
    assert.equal(await response.text(), "compressed by the function");
  });
});

Deno.test("redirects and several cookies reach the client", async () => {
  const echo: Handler = () => {
    const headers = new Headers({ location: "https://example.com/" });
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    return new Response(null, { status: 302, headers });
  };
  await withGateway({ echo }, async (url) => {
    const response = await fetch(`${url}/functions/v1/echo`, { redirect: "manual" });
    assert.equal(response.status, 302);
    assert.equal(response.headers.get("location"), "https://example.com/");
    assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
  });
});

Deno.test("a function answers its own preflights", async () => {
  const echo: Handler = ({ method }) =>
    new Response(null, { status: 204, headers: { "x": method } });
  await withGateway({ echo }, async (url) => {
    const response = await fetch(`${url}/functions/v1/echo`, {
      method: "OPTIONS",
      headers: { origin: "http://localhost:3000", "access-control-request-method": "POST" },
    });
    assert.equal(response.status, 204);
    assert.equal(response.headers.get("x"), "OPTIONS");
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  });
});

Deno.test("an answer sent before the body is read reaches the client", async () => {
  const early: Handler = () => new Response("too large", { status: 413 });
  await withGateway({ echo: early }, async (url) => {
    const size = 8 * 1024 * 1024;
    const answer = await rawExchange(
      url,
      `POST /functions/v1/echo HTTP/1.1\r\nhost: ${
        new URL(url).host
      }\r\ncontent-length: ${size}\r\n` +
        "connection: close\r\n\r\n",
      new Uint8Array(size),
    );
    assert.match(answer.head, /^HTTP\/1\.1 413 /);
    assert.equal(new TextDecoder().decode(answer.body), "too large");
  });
});

Deno.test("an answer is streamed while the function is writing it", async () => {
  const gate = Promise.withResolvers<void>();
  const echo: Handler = () =>
    new Response(ReadableStream.from((async function* () {
      yield new TextEncoder().encode("first");
      await gate.promise;
      yield new TextEncoder().encode("second");
    })()));
  await withGateway({ echo }, async (url) => {
    const { body } = await fetch(`${url}/functions/v1/echo`);
    assert.ok(body);
    const chunks: string[] = [];
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      chunks.push(chunk);
      gate.resolve();
    }
    assert.deepEqual(chunks, ["first", "second"]);
  });
});

Deno.test("a missing, broken or dying function gets the platform's answer", async () => {
  const read = async (response: Response) => [response.status, (await response.json()).code];
  await withGateway({}, async (url) => {
    assert.deepEqual(await read(await fetch(`${url}/functions/v1/other`)), [404, "NOT_FOUND"]);
    assert.deepEqual(await read(await fetch(`${url}/functions/v1/echo`)), [503, "BOOT_ERROR"]);
  });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const dying = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(100));
      connection.close();
      break;
    }
  })();
  await withGateway({ echoPort: listener.addr.port }, async (url) => {
    assert.deepEqual(await read(await fetch(`${url}/functions/v1/echo`)), [500, "WORKER_ERROR"]);
  });
  await dying;
});

Deno.test("/rest/v1 needs one of the stack's API keys", async () => {
  await withGateway({ rest: seen }, async (url) => {
    const none = await fetch(`${url}/rest/v1/users`);
    assert.equal(none.status, 401);
    assert.equal(none.headers.get("access-control-allow-origin"), "*");
    assert.equal((await none.json()).message, "No API key found in request");
    for (const apikey of ["wrong", "sb_secret_", "anon.jwt "]) {
      const response = await fetch(`${url}/rest/v1/users`, { headers: { apikey: `${apikey}x` } });
      assert.equal(response.status, 401);
      assert.equal((await response.json()).message, "Invalid API key");
    }
    const bearer = await fetch(`${url}/rest/v1/users`, {
      headers: { apikey: "anon.jwt", authorization: "Bearer sb_secret_unknown" },
    });
    assert.equal(bearer.status, 401);
    await bearer.body?.cancel();
  });
});

Deno.test("/rest/v1 replaces opaque keys with their role's JWT, and leaves other tokens alone", async () => {
  const cases: [apiKey: string, authorization: string | null, sent: string][] = [
    ["anon.jwt", null, "Bearer anon.jwt"],
    ["service.jwt", null, "Bearer service.jwt"],
    ["sb_publishable_a", null, "Bearer anon.jwt"],
    ["sb_secret_b", null, "Bearer service.jwt"],
    ["sb_publishable_a", "Bearer sb_publishable_a", "Bearer anon.jwt"],
    ["sb_publishable_a", "Bearer sb_secret_b", "Bearer service.jwt"],
    ["sb_publishable_a", "Bearer clerk.session.token", "Bearer clerk.session.token"],
  ];
  await withGateway({ rest: seen }, async (url) => {
    for (const [apikey, authorization, sent] of cases) {
      const response = await fetch(`${url}/rest/v1/users?select=*`, {
        headers: { apikey, ...(authorization === null ? {} : { authorization }) },
      });
      const { headers, target } = await response.json();
      assert.equal(headers.authorization, sent);
      assert.doesNotMatch(headers.apikey, /^sb_/);
      assert.equal(target, "/users?select=*");
    }
  });
});

Deno.test("/rest/v1 reads the API key from the query and does not pass it on", async () => {
  await withGateway({ rest: seen }, async (url) => {
    for (
      const [sent, received] of [["?apikey=anon.jwt", ""], [
        "?a=1&apikey=anon.jwt&b=%20",
        "?a=1&b=%20",
      ]]
    ) {
      const response = await fetch(`${url}/rest/v1/users${sent}`);
      const { headers, target } = await response.json();
      assert.equal(target, `/users${received}`);
      assert.equal(headers.authorization, "Bearer anon.jwt");
    }
  });
});

Deno.test("/rest/v1 lets a preflight through without a key", async () => {
  await withGateway({ rest: seen }, async (url) => {
    const response = await fetch(`${url}/rest/v1/users`, { method: "OPTIONS" });
    assert.equal((await response.json()).method, "OPTIONS");
  });
});

Deno.test("/rest/v1 answers 503 while PostgREST is down, and other paths 404", async () => {
  await withGateway({}, async (url) => {
    const down = await fetch(`${url}/rest/v1/users`, { headers: { apikey: "anon.jwt" } });
    assert.equal(down.status, 503);
    await down.body?.cancel();
    for (const path of ["/", "/auth/v1/user", "/functions/v1", "/functions/v1/"]) {
      const response = await fetch(url + path);
      assert.equal(response.status, 404, path);
      await response.body?.cancel();
    }
  });
});

/** Sends raw bytes and reads the whole answer, even if sending fails. */
async function rawExchange(url: string, head: string, body = new Uint8Array()) {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const sending = (async () => {
    await connection.write(new TextEncoder().encode(head));
    let rest = body;
    while (rest.length > 0) rest = rest.subarray(await connection.write(rest));
  })().catch(() => {});
  const chunks: Uint8Array[] = [];
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) break;
    chunks.push(buffer.slice(0, count));
  }
  await sending;
  const bytes = Buffer.concat(chunks);
  const split = bytes.indexOf("\r\n\r\n");
  return { head: bytes.subarray(0, split).toString(), body: bytes.subarray(split + 4) };
}

Deno.test("a read survives a connection closed by the upstream, and a write is never sent twice", async () => {
  const received: string[] = [];
  const upstream = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of upstream) {
      const bytes = new Uint8Array(4096);
      const length = await connection.read(bytes) ?? 0;
      const method = new TextDecoder().decode(bytes.subarray(0, length)).split(" ")[0] ?? "";
      received.push(method);
      // The first request of each method gets no answer, only a closed connection.
      if (received.filter((one) => one === method).length > 1) {
        const answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
        await connection.write(new TextEncoder().encode(answer));
      }
      connection.close();
    }
  })();
  const { port } = upstream.addr;
  await withGateway({ echoPort: port }, async (url) => {
    const read = await fetch(`${url}/functions/v1/echo`);
    assert.equal(read.status, 200);
    await read.body?.cancel();
    const write = await fetch(`${url}/functions/v1/echo`, { method: "POST", body: "{}" });
    assert.notEqual(write.status, 200);
    await write.body?.cancel();
  });
  upstream.close();
  await serving;
  assert.deepEqual(received, ["GET", "GET", "POST"]);
});
