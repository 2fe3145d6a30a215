/** Every kind of token signed by the instance's key, at every door: only session tokens open any. */
import assert from "node:assert/strict";
import { z } from "zod";
import { become, rolledBack } from "../support/database/connections.ts";
import { clerk, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { callWithToken, errorOf, frontend, readRow } from "../support/stack/supabase.ts";
import { type AttackedStack, startAttackedStack } from "./attacked_stack.ts";
import { mint, type TokenKind, tokenKinds } from "./token_kinds.ts";

let attacked: AttackedStack;
let userId: string;
let organizationId: string;
let kinds: readonly TokenKind[];

Deno.test.beforeAll(async () => {
  attacked = await startAttackedStack();
  userId = (await signUp()).id;
  const { organizations } = clerk();
  const organization = { name: "The user's", createdBy: userId };
  organizationId = (await organizations.createOrganization(organization)).id;
  await webhooksSettled();
  kinds = tokenKinds(userId, organizationId, runningStack().CLERK_API_URL);
});
Deno.test.afterAll(() => attacked.stop());

/** Runs once for each kind of token, as a step with its name. */
async function forEach(
  test: Deno.TestContext,
  run: (kind: TokenKind, token: string) => Promise<void>,
): Promise<void> {
  for (const kind of kinds) {
    await test.step(kind.name, async () => await run(kind, await mint(attacked.instanceKey, kind)));
  }
}

for (const [name, method] of [["users-me", "GET"], ["users-sync", "POST"]] as const) {
  Deno.test(`${name} accepts session tokens and refuses all others`, async (test) => {
    await forEach(test, async ({ refusal }, token) => {
      const answer = await callWithToken(name, token, method);
      if (refusal !== null) {
        assert.ok(answer.status >= 400, "the token was accepted");
        return assert.equal(errorOf(answer).code, refusal);
      }
      assert.equal(answer.status, 200);
      const { user } = z.object({ user: z.object({ clerk_id: z.string() }) }).parse(answer.body);
      assert.equal(user.clerk_id, userId);
    });
  });
}

Deno.test("clerk-webhook accepts no token instead of a signature", async (test) => {
  await forEach(test, async (_kind, token) => {
    assert.equal(errorOf(await callWithToken("clerk-webhook", token)).code, "invalid_signature");
  });
});

const tables = ["users", "organizations", "organization_memberships"] as const;

Deno.test("the Data API shows rows to session tokens only", async (test) => {
  await forEach(test, async ({ seesRows }, token) => {
    for (const table of tables) {
      const { data } = await frontend(token).from(table).select("clerk_id").throwOnError();
      assert.equal(data.length, seesRows ? 1 : 0, table);
    }
  });
});

Deno.test("the Data API lets only session tokens update anything, and only the user's own metadata", async (test) => {
  await forEach(test, async ({ name, seesRows }, token) => {
    const before = (await readRow(userId))?.metadata;
    const metadata = { written_by: name };
    const { data } = await frontend(token).from("users").update({ metadata })
      .eq("clerk_id", userId).select("metadata").throwOnError();
    assert.deepEqual(data, seesRows ? [{ metadata }] : []);
    assert.deepEqual((await readRow(userId))?.metadata, seesRows ? metadata : before);
  });
});

Deno.test("the policy helpers know the caller of a session token and of no other token", async (test) => {
  await forEach(test, async ({ claims, seesRows }) => {
    await rolledBack(async (transaction) => {
      // As PostgREST passes them on.
      await become(transaction, "authenticated", claims);
      const [row] = await transaction`
        select clerk_auth.user_id() as id, clerk_auth.organization_id() as active,
          clerk_auth.organization_ids() as all, clerk_auth.organization_ids('org:admin') as as_admin,
          clerk_auth.role_in(${organizationId}) as role, clerk_auth.is_member(${organizationId}) as member,
          clerk_auth.has_role(${organizationId}, 'org:admin') as admin
      `;
      const known = {
        id: userId,
        active: organizationId,
        all: [organizationId],
        as_admin: [organizationId],
        role: "org:admin",
        member: true,
        admin: true,
      };
      const nobody = {
        id: null,
        active: null,
        all: [],
        as_admin: [],
        role: null,
        member: false,
        admin: false,
      };
      assert.deepEqual({ ...row }, seesRows ? known : nobody);
    });
  });
});
