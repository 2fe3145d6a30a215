/** Numbers that a double cannot hold arrive in the database exactly, by every path. */
import assert from "node:assert/strict";
import { eventBody } from "../support/clerk/event_json.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { withSql } from "../support/database/connections.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { serveLoopback } from "../support/loopback_server.ts";
import { longToken } from "../support/stack/clerk.ts";
import { deliver } from "../support/stack/deliver.ts";
import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { callWithToken, errorOf } from "../support/stack/supabase.ts";

let own: OwnStack;

Deno.test.beforeAll(async () => {
  own = await startOwnStack();
});
Deno.test.afterAll(() => own.stop());

const numbers = {
  whole: "1234567890123456789",
  fraction: "0.12345678901234567891",
  large: "1e400",
  largest: "1e131071",
  smallest: "1e-16383",
};

function userWithoutMetadata(id: string) {
  return clerkUserJson({ id, public_metadata: {} });
}

/** The JSON with these numbers as metadata. */
function withNumbers(json: string): string {
  const fields = Object.entries(numbers).map(([name, number]) => `"${name}":${number}`);
  return json.replace('"public_metadata":{}', `"public_metadata":{${fields}}`);
}

/** Which of the user's stored numbers are wrong, as PostgreSQL compares them. */
function wrongNumbers(clerkId: string) {
  return withSql((sql) =>
    sql.unsafe(
      `select name from unnest($1::text[], $2::text[]) expected (name, number)
       where (select (public_metadata ->> name)::numeric from public.users where clerk_id = $3)
         is distinct from number::numeric`,
      [Object.keys(numbers), Object.values(numbers), clerkId],
    )
  );
}

/** Runs while Clerk's users, as users-sync reads them, have these numbers. */
async function withClerk(run: () => Promise<void>): Promise<void> {
  await using server = serveLoopback(({ url }) => {
    const id = new URL(url).pathname.split("/").at(-1) ?? "";
    return new Response(withNumbers(JSON.stringify(userWithoutMetadata(id))));
  });
  const { CLERK_JWT_KEY } = runningStack();
  await own.withEnvironment("users-sync", { CLERK_API_URL: server.url, CLERK_JWT_KEY }, run);
}

Deno.test("numbers are stored exactly by webhook and by users-sync, and the second write changes nothing", async () => {
  await withClerk(async () => {
    const told = newClerkId();
    const delivered = await deliver(
      withNumbers(eventBody("user.created", userWithoutMetadata(told))),
    );
    assert.deepEqual(delivered.body, { received: true, outcome: "applied" });
    assert.deepEqual([...await wrongNumbers(told)], []);
    const synced = await callWithToken("users-sync", await longToken(told));
    assert.match(JSON.stringify(synced.body), /^{"message":"User already up to date"/);

    const read = newClerkId();
    assert.equal((await callWithToken("users-sync", await longToken(read))).status, 201);
    assert.deepEqual([...await wrongNumbers(read)], []);
    const again = await deliver(withNumbers(eventBody("user.created", userWithoutMetadata(read))));
    assert.deepEqual(again.body, { received: true, outcome: "duplicate" });
  });
});

for (const number of ["1e131072", "1e-16384", "1e999999999999"]) {
  Deno.test(`${number}, which PostgreSQL cannot store, is refused and recorded`, async () => {
    const body = eventBody("user.created", userWithoutMetadata(newClerkId()))
      .replace('"public_metadata":{}', `"public_metadata":{"n":${number}}`);
    const error = errorOf(await deliver(body));
    assert.deepEqual([error.code, error.message], [
      "invalid_event",
      "data.public_metadata: Number is beyond PostgreSQL's numeric",
    ]);
    await withSql(async (sql) => {
      await assert.rejects(sql.unsafe("select $1::text::jsonb", [number]), { code: "22003" });
    });
  });
}
