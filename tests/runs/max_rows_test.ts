import assert from "node:assert/strict";
import { serveLoopback } from "../support/loopback_server.ts";
import { printedSeed } from "../support/random.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { emptyClerk, makeUsers } from "./clerk_side.ts";
import { command, project } from "./command.ts";
import { assertAsClerk, startEmpty } from "./tables.ts";

const seed = printedSeed("max rows");

/** The stack's Data API as with Max rows set to 3, which PostgREST treats as a limit of every answer. */
function serveFewRows() {
  return serveLoopback((request) => {
    const { pathname, searchParams } = new URL(request.url);
    const url = new URL(pathname, runningStack().API_URL);
    url.search = searchParams.toString();
    if (pathname.includes("/rpc/")) url.searchParams.set("limit", "3");
    const { method, headers, body } = request;
    return fetch(url, { method, headers, body });
  });
}

Deno.test("where the Data API cuts answers off, no run takes what is missing for what is right", async () => {
  await startEmpty();
  await makeUsers(10, seed);
  await using fewRows = serveFewRows();
  const environment = { ...project(), SUPABASE_URL: fewRows.url };
  for (
    const [name, ...args] of [
      ["reconcile"],
      ["reconcile", "--repair"],
      ["reconcile", "--count"],
      ["backfill"],
    ] as const
  ) {
    const { code, errors } = await command(name, args, environment);
    assert.equal(code, 1, `${name} ${args}: ${errors}`);
    assert.match(errors, /returns too few rows at once .* Set Max rows to 1000/);
  }
  // They go on where they stopped.
  assert.equal((await command("backfill")).code, 0);
  assert.equal((await command("reconcile", ["--repair"])).code, 0);
  await assertAsClerk();
});

Deno.test("a row that Clerk does not have is not forgotten where answers are cut off", async () => {
  await startEmpty();
  await makeUsers(10, seed);
  assert.equal((await command("backfill")).code, 0);
  await emptyClerk();
  await makeUsers(1, seed + 1);
  await using fewRows = serveFewRows();
  const environment = { ...project(), SUPABASE_URL: fewRows.url };
  const { code, errors } = await command("reconcile", [], environment);
  assert.equal(code, 1, errors);
  assert.match(errors, /returns too few rows at once/);
});
