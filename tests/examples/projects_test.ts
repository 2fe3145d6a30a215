/** examples/projects.sql through the API, as each kind of caller, with Clerk's tokens. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import assert from "node:assert/strict";
import { withSql } from "../support/database/connections.ts";
import { clerk, signIn, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { apiKnows } from "../support/stack/known_tables.ts";
import { runningStack } from "../support/stack/running_stack.ts";

/** The example's table as `supabase gen types` describes it. */
type ExampleDatabase = {
  public: {
    Tables: {
      projects: {
        Row: { name: string; created_by: string | null };
        Insert: { organization_clerk_id: string; name: string };
        Update: { organization_clerk_id?: string; name?: string; created_by?: string };
        Relationships: [];
      };
    };
    Views: Record<never, never>;
    Functions: Record<never, never>;
  };
};

type Client = SupabaseClient<ExampleDatabase>;

const insufficientPrivilege = "42501";

/** A frontend's client. Without a token, nobody is signed in. */
function clientOf(token?: string): Client {
  const { API_URL, PUBLISHABLE_KEY } = runningStack();
  return createClient<ExampleDatabase>(API_URL, PUBLISHABLE_KEY, {
    accessToken: () => Promise.resolve(token ?? null),
  });
}

async function namesSeenBy(client: Client): Promise<string[]> {
  const { data } = await client.from("projects").select("name").order("name").throwOnError();
  return data.map(({ name }) => name);
}

Deno.test("examples/projects.sql gives members the projects of their organizations", async (test) => {
  // The table already exists if the example has been made a migration.
  const [{ theirs } = {}] = await withSql((sql) =>
    sql<{ theirs: boolean }[]>`select to_regclass('public.projects') is not null as theirs`
  );
  try {
    await withSql(async (sql) => {
      await sql`drop table if exists public.projects`;
      await sql.unsafe(
        await Deno.readTextFile(new URL("../../examples/projects.sql", import.meta.url)),
      );
    });
    await apiKnows(["projects"], true);

    const [ada, grace, joan, mary] = await Promise.all(
      ["Ada", "Grace", "Joan", "Mary"].map((firstName) => signUp({ firstName })),
    );
    assert.ok(ada && grace && joan && mary);
    const { organizations } = clerk();
    const engines = await organizations.createOrganization({ name: "Engines", createdBy: ada.id });
    const others = await organizations.createOrganization({ name: "Others", createdBy: joan.id });
    const memberOf = { organizationId: engines.id, role: "org:member" };
    await organizations.createOrganizationMembership({ ...memberOf, userId: grace.id });
    await organizations.createOrganizationMembership({ ...memberOf, userId: mary.id });
    await organizations.deleteOrganizationMembership({
      organizationId: engines.id,
      userId: mary.id,
    });
    await webhooksSettled();

    const admin = clientOf(await signIn(ada.id));
    const member = clientOf(await signIn(grace.id));
    const outsider = clientOf(await signIn(joan.id));
    const formerMember = clientOf(await signIn(mary.id));
    const anon = clientOf();
    const project = (name: string, organization = engines.id) => ({
      name,
      organization_clerk_id: organization,
    });

    await test.step("a member and an admin can add projects, which store their ids as the creator", async () => {
      for (
        const [client, name, user] of [[admin, "Difference", ada], [member, "Loom", grace]] as const
      ) {
        const { data } = await client.from("projects").insert(project(name)).select().single()
          .throwOnError();
        assert.equal(data.created_by, user.id);
      }
      await outsider.from("projects").insert(project("Compiler", others.id)).throwOnError();
    });

    await test.step("a member and an admin see their organization's projects and no others", async () => {
      assert.deepEqual(await namesSeenBy(admin), ["Difference", "Loom"]);
      assert.deepEqual(await namesSeenBy(member), ["Difference", "Loom"]);
    });

    await test.step("an outsider sees only their own organization's projects", async () => {
      assert.deepEqual(await namesSeenBy(outsider), ["Compiler"]);
    });

    await test.step("a former member sees nothing", async () => {
      assert.deepEqual(await namesSeenBy(formerMember), []);
    });

    await test.step("anon is refused", async () => {
      const { error } = await anon.from("projects").select();
      assert.equal(error?.code, insufficientPrivilege);
    });

    await test.step("nobody can add projects to another organization", async () => {
      for (const client of [outsider, formerMember, anon]) {
        const { error } = await client.from("projects").insert(project("Intruder"));
        assert.equal(error?.code, insufficientPrivilege);
      }
    });

    await test.step("a member can edit a colleague's project, an outsider cannot", async () => {
      const rename = (client: Client, name: string) =>
        client.from("projects").update({ name }).eq("name", "Difference").select();
      for (const client of [outsider, formerMember]) {
        assert.deepEqual((await rename(client, "Stolen").throwOnError()).data, []);
      }
      const { data } = await rename(member, "Analytical").throwOnError();
      assert.deepEqual(data.map(({ name }) => name), ["Analytical"]);
    });

    await test.step("a project's organization and creator cannot be changed", async () => {
      for (const change of [{ organization_clerk_id: others.id }, { created_by: grace.id }]) {
        const { error } = await admin.from("projects").update(change).eq("name", "Loom");
        assert.equal(error?.code, insufficientPrivilege);
      }
    });

    await test.step("an admin can delete projects, a member cannot", async () => {
      const remove = async (client: Client) =>
        (await client.from("projects").delete().eq("name", "Loom").select().throwOnError()).data
          .length;
      assert.equal(await remove(member), 0);
      assert.equal(await remove(outsider), 0);
      assert.equal(await remove(formerMember), 0);
      assert.equal(await remove(admin), 1);
    });

    await test.step("a member who becomes an admin can delete projects once the event arrives", async () => {
      await member.from("projects").insert(project("Punched cards")).throwOnError();
      await organizations.updateOrganizationMembership({
        organizationId: engines.id,
        userId: grace.id,
        role: "org:admin",
      });
      await webhooksSettled();
      const { data } = await member.from("projects").delete().eq("name", "Punched cards").select()
        .throwOnError();
      assert.equal(data.length, 1);
    });

    await test.step("nobody sees a deleted organization's projects", async () => {
      await organizations.deleteOrganization(engines.id);
      await webhooksSettled();
      for (const client of [admin, member]) assert.deepEqual(await namesSeenBy(client), []);
      assert.deepEqual(await namesSeenBy(outsider), ["Compiler"]);
    });
  } finally {
    if (!theirs) {
      await withSql((sql) => sql`drop table public.projects`);
      // Other tests list the API's tables.
      await apiKnows(["projects"], false);
    }
  }
});
