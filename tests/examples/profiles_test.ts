/** examples/profiles.sql through the API: what users see of each other. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import assert from "node:assert/strict";
import { applyFacts } from "../support/database/apply_facts.ts";
import { become, rolledBack, withSql } from "../support/database/connections.ts";
import { newClerkId, userDeletedFact } from "../support/facts/facts.ts";
import {
  clerk,
  signClaims,
  signIn,
  signInPending,
  signUp,
  webhooksSettled,
} from "../support/stack/clerk.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { withInstalled } from "./installed_example.ts";

type Profile = {
  id: string;
  clerk_id: string;
  first_name: string | null;
  last_name: string | null;
  username: string | null;
  image_url: string | null;
};

/** The example's views as a program sees them that tries to write too. */
type ExampleDatabase = {
  public: {
    Tables: {
      profiles: {
        Row: Profile;
        Insert: { clerk_id: string };
        Update: { first_name: string };
        Relationships: [];
      };
      colleagues: {
        Row: Profile & { organization_clerk_id: string; role: string };
        Insert: { clerk_id: string };
        Update: { first_name: string };
        Relationships: [];
      };
    };
    Views: Record<never, never>;
    Functions: Record<never, never>;
  };
};

type Client = SupabaseClient<ExampleDatabase>;

const example = {
  name: "profiles",
  relations: ["profiles", "colleagues"],
  removal: "drop view if exists public.profiles, public.colleagues",
  forUsersOnly: true,
} as const;

const views = ["profiles", "colleagues"] as const;
const insufficientPrivilege = "42501";
const objectNotInPrerequisiteState = "55000";
const undefinedColumn = "42703";

/** A frontend's client. Without a token, nobody is signed in. */
function clientOf(token?: string): Client {
  const { API_URL, PUBLISHABLE_KEY } = runningStack();
  return createClient<ExampleDatabase>(API_URL, PUBLISHABLE_KEY, {
    accessToken: () => Promise.resolve(token ?? null),
  });
}

async function firstNames(client: Client, view: typeof views[number], ids: readonly string[]) {
  const { data } = await client.from(view).select("first_name").in("clerk_id", ids)
    .order("first_name").throwOnError();
  return data.map(({ first_name: name }) => name);
}

Deno.test("examples/profiles.sql shows users each other's names and pictures only", async (test) => {
  await withInstalled(example, async () => {
    const [ada, grace, joan, mary] = await Promise.all(
      ["Ada", "Grace", "Joan", "Mary"].map((firstName) => signUp({ firstName })),
    );
    assert.ok(ada && grace && joan && mary);
    const everybody = [ada, grace, joan, mary].map(({ id }) => id);
    const { organizations } = clerk();
    const engines = await organizations.createOrganization({ name: "Engines", createdBy: ada.id });
    await organizations.createOrganization({ name: "Others", createdBy: joan.id });
    for (const { id: userId } of [grace, mary]) {
      await organizations.createOrganizationMembership({
        organizationId: engines.id,
        userId,
        role: "org:member",
      });
    }
    const [adas, joans] = await Promise.all(
      [ada, joan].map(async ({ id }) => clientOf(await signIn(id))),
    );
    assert.ok(adas && joans);
    await webhooksSettled();
    const setActive = (id: string, active: boolean) =>
      withSql((sql) => sql`update public.users set is_active = ${active} where clerk_id = ${id}`);

    await test.step("a user sees everybody's profile, and nothing else of them", async () => {
      assert.deepEqual(await firstNames(joans, "profiles", everybody), [
        "Ada",
        "Grace",
        "Joan",
        "Mary",
      ]);
      const { data } = await joans.from("profiles").select().eq("clerk_id", ada.id).single()
        .throwOnError();
      const { id, ...shown } = data;
      assert.ok(id);
      assert.deepEqual(shown, {
        clerk_id: ada.id,
        first_name: "Ada",
        last_name: "Lovelace",
        username: ada.username,
        image_url: ada.imageUrl,
      });
    });

    await test.step("nobody can select or compare an email address", async () => {
      for (const view of views) {
        const compared: { error: { code: string } | null } = await adas.from(view).select("id")
          .filter("email", "like", "a%");
        assert.equal(compared.error?.code, undefinedColumn);
        const all: Record<string, unknown>[] =
          (await adas.from(view).select().limit(1).throwOnError()).data;
        assert.deepEqual(all.map((row) => "email" in row), [false]);
      }
    });

    await test.step("a user still reads only their own row of users", async () => {
      const { API_URL, PUBLISHABLE_KEY } = runningStack();
      const response = await fetch(`${API_URL}/rest/v1/users?select=clerk_id`, {
        headers: { apikey: PUBLISHABLE_KEY, authorization: `Bearer ${await signIn(ada.id)}` },
      });
      assert.deepEqual(await response.json(), [{ clerk_id: ada.id }]);
    });

    await test.step("a user sees the members of their own organizations, with their roles", async () => {
      assert.deepEqual(await firstNames(adas, "colleagues", everybody), ["Ada", "Grace", "Mary"]);
      assert.deepEqual(await firstNames(joans, "colleagues", everybody), ["Joan"]);
      const { data } = await adas.from("colleagues").select("organization_clerk_id, role")
        .eq("clerk_id", grace.id).single().throwOnError();
      assert.deepEqual(data, { organization_clerk_id: engines.id, role: "org:member" });
    });

    await test.step("a member who leaves is nobody's colleague, and sees none", async () => {
      const marys = clientOf(await signIn(mary.id));
      assert.equal((await firstNames(marys, "colleagues", everybody)).length, 3);
      await organizations.deleteOrganizationMembership({
        organizationId: engines.id,
        userId: mary.id,
      });
      await webhooksSettled();
      assert.deepEqual(await firstNames(marys, "colleagues", everybody), []);
      assert.deepEqual(await firstNames(adas, "colleagues", everybody), ["Ada", "Grace"]);
      assert.equal((await firstNames(adas, "profiles", everybody)).length, 4);
    });

    await test.step("a profile is found by the index", async () => {
      await rolledBack(async (sql) => {
        await become(sql, "authenticated", { sub: ada.id, sid: "sess_of_ada" });
        await sql`set local enable_seqscan = off`;
        const plan = await sql`explain select * from public.profiles where clerk_id = ${grace.id}`;
        assert.match(JSON.stringify([...plan]), /Index Cond: \(clerk_id = /);
      });
    });

    await test.step("anon is refused", async () => {
      for (const view of views) {
        const { error } = await clientOf().from(view).select();
        assert.equal(error?.code, insufficientPrivilege);
      }
    });

    await test.step("a session with pending tasks and a token without a session see nobody", async () => {
      const now = Math.floor(Date.now() / 1000);
      const claims = { sub: ada.id, role: "authenticated", iat: now, nbf: now, exp: now + 60 };
      for (const token of [await signInPending(ada.id), await signClaims({ ...claims, sid: "" })]) {
        for (const view of views) {
          assert.deepEqual(await firstNames(clientOf(token), view, everybody), []);
        }
      }
    });

    await test.step("nobody writes through a view", async () => {
      const refused = {
        profiles: insufficientPrivilege,
        // A view of two tables cannot be written by anybody.
        colleagues: objectNotInPrerequisiteState,
      };
      for (const view of views) {
        for (
          const { error } of [
            await adas.from(view).insert({ clerk_id: newClerkId() }),
            await adas.from(view).update({ first_name: "Changed" }).eq("clerk_id", ada.id),
            await adas.from(view).delete().eq("clerk_id", ada.id),
          ]
        ) assert.equal(error?.code, refused[view]);
      }
    });

    await test.step("a deactivated user is not shown, and sees nobody", async () => {
      const graces = clientOf(await signIn(grace.id));
      await setActive(grace.id, false);
      for (const view of views) {
        assert.deepEqual(await firstNames(adas, view, [grace.id]), []);
        assert.deepEqual(await firstNames(graces, view, everybody), []);
      }
      await setActive(grace.id, true);
      for (const view of views) {
        assert.deepEqual(await firstNames(adas, view, [grace.id]), ["Grace"]);
      }
    });

    await test.step("a banned user is not shown, and sees nobody", async () => {
      const graces = clientOf(await signIn(grace.id));
      await clerk().users.banUser(grace.id);
      await webhooksSettled();
      for (const view of views) {
        assert.deepEqual(await firstNames(adas, view, [grace.id]), []);
        assert.deepEqual(await firstNames(graces, view, everybody), []);
      }
    });

    await test.step("a deleted user and a tombstone are not shown", async () => {
      const tombstone = newClerkId();
      await withSql((sql) => applyFacts(sql, [userDeletedFact(tombstone, "2026-01-03T00:00:00Z")]));
      await clerk().users.deleteUser(mary.id);
      await webhooksSettled();
      assert.deepEqual(await firstNames(adas, "profiles", [mary.id, tombstone]), []);
    });

    await test.step("the colleagues of a deleted organization are not shown", async () => {
      await organizations.deleteOrganization(engines.id);
      await webhooksSettled();
      assert.deepEqual(await firstNames(adas, "colleagues", everybody), []);
    });
  });
});
