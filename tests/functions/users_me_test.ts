import assert from "node:assert/strict";
import { fail, succeed } from "../../supabase/functions/_shared/failure.ts";
import { bearing, signedIn } from "../support/clerk/requests.ts";
import { readError, readSuccess } from "./answers.ts";
import { createHandlers, failing } from "./handlers.ts";
import { foundUser, userRow } from "./user_rows.ts";

for (const method of ["GET", "POST"]) {
  Deno.test(`users-me answers ${method} with the caller's row`, async () => {
    const response = await createHandlers().usersMe(await signedIn({}, { method }));
    assert.equal(response.status, 200);
    assert.deepEqual(await readSuccess(response), { user: userRow(), organizations: [] });
  });
}

Deno.test("users-me lists the caller's organizations with their role in each", async () => {
  const organizations = [
    { clerk_id: "org_1", name: "Analytical Engines", slug: "engines", role: "org:admin" },
    { clerk_id: "org_2", name: null, slug: null, role: "org:member" },
  ];
  const findUser = () => Promise.resolve(succeed({ user: userRow(), active: true, organizations }));
  const response = await createHandlers({ findUser }).usersMe(await signedIn());
  assert.deepEqual(await readSuccess(response), { user: userRow(), organizations });
});

Deno.test("users-me looks up only the row of the token's subject", async () => {
  const asked: string[] = [];
  const { usersMe } = createHandlers({
    findUser: (clerkId) => {
      asked.push(clerkId);
      return Promise.resolve(succeed(foundUser({ clerk_id: clerkId })));
    },
  });
  const request = await signedIn({ claims: { sub: "user_grace" } });
  await usersMe(new Request(`${request.url}?clerk_id=user_ada`, request));
  assert.deepEqual(asked, ["user_grace"]);
});

Deno.test("users-me does not ask the database without a valid token", async () => {
  let asked = 0;
  const { usersMe } = createHandlers({
    findUser: () => {
      asked++;
      return Promise.resolve(succeed(foundUser()));
    },
  });
  assert.equal((await usersMe(bearing())).status, 401);
  assert.equal((await usersMe(bearing("Bearer x.y.z"))).status, 401);
  assert.equal(asked, 0);
});

Deno.test("users-me answers user_inactive for an inactive user", async () => {
  const findUser = () => Promise.resolve(succeed({ ...foundUser(), active: false }));
  const response = await createHandlers({ findUser }).usersMe(await signedIn());
  assert.equal(response.status, 403);
  assert.equal((await readError(response)).code, "user_inactive");
});

Deno.test("users-me passes on a refused database key", async () => {
  const message = "SUPABASE_KEY was refused by the database";
  const findUser = failing(fail("server_misconfigured", { message }));
  const response = await createHandlers({ findUser }).usersMe(await signedIn());
  assert.equal(response.status, 500);
  assert.equal((await readError(response)).message, message);
});

for (const method of ["PUT", "PATCH", "DELETE", "HEAD"]) {
  Deno.test(`users-me refuses ${method} and names the allowed methods`, async () => {
    const response = await createHandlers().usersMe(await signedIn({}, { method }));
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, POST, OPTIONS");
  });
}
