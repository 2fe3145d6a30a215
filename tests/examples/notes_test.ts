/** examples/notes.sql through the API: what belongs to a user, and what becomes of it when the user goes. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import assert from "node:assert/strict";
import { applyFacts } from "../support/database/apply_facts.ts";
import { withSql } from "../support/database/connections.ts";
import { newClerkId, userDeletedFact, userFact } from "../support/facts/facts.ts";
import {
  clerk,
  signIn,
  signInPending,
  signUp,
  webhooksSettled,
  withoutWebhooks,
} from "../support/stack/clerk.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { callWithToken } from "../support/stack/supabase.ts";
import { withInstalled } from "./installed_example.ts";

/** The example's tables as `supabase gen types` describes them. */
type ExampleDatabase = {
  public: {
    Tables: {
      notes: {
        Row: { id: string; user_id: string; body: string };
        Insert: { body: string; user_id?: string };
        Update: { body?: string; user_id?: string };
        Relationships: [];
      };
      reminders: {
        Row: { id: string; user_clerk_id: string; body: string };
        Insert: { body: string; due_at: string; user_clerk_id?: string };
        Update: { body?: string; user_clerk_id?: string };
        Relationships: [];
      };
    };
    Views: Record<never, never>;
    Functions: { purge_notes: { Args: Record<never, never>; Returns: number } };
  };
};

type Client = SupabaseClient<ExampleDatabase>;

const example = {
  name: "notes",
  relations: ["notes", "reminders"],
  removal: `
    drop table if exists public.notes, public.reminders;
    drop function if exists public.own_user_id(), public.purge_notes()`,
} as const;

const insufficientPrivilege = "42501";
const foreignKeyViolation = "23503";
const notNullViolation = "23502";
const dueAt = "2030-01-01T00:00:00Z";

/** A frontend's client. Without a token, nobody is signed in. */
function clientOf(token?: string): Client {
  const { API_URL, PUBLISHABLE_KEY } = runningStack();
  return createClient<ExampleDatabase>(API_URL, PUBLISHABLE_KEY, {
    accessToken: () => Promise.resolve(token ?? null),
  });
}

/** The client of the application's server. */
function server(): Client {
  const { API_URL, SERVICE_ROLE_KEY } = runningStack();
  return createClient<ExampleDatabase>(API_URL, SERVICE_ROLE_KEY);
}

async function write(client: Client, body: string): Promise<void> {
  await client.from("notes").insert({ body }).throwOnError();
  await client.from("reminders").insert({ body, due_at: dueAt }).throwOnError();
}

/** The codes of the errors when the client writes a note and a reminder. */
async function refusals(client: Client): Promise<(string | undefined)[]> {
  const note = await client.from("notes").insert({ body: "Refused" });
  const reminder = await client.from("reminders").insert({ body: "Refused", due_at: dueAt });
  return [note.error?.code, reminder.error?.code];
}

/** The notes and reminders that a client sees, in order. */
async function seenBy(client: Client): Promise<string[]> {
  const notes = await client.from("notes").select("body").throwOnError();
  const reminders = await client.from("reminders").select("body").throwOnError();
  return [...notes.data, ...reminders.data].map(({ body }) => body).sort();
}

Deno.test("examples/notes.sql gives users their own rows", async (test) => {
  await withInstalled(example, async () => {
    const [ada, grace] = await Promise.all([signUp(), signUp({ firstName: "Grace" })]);
    await webhooksSettled();
    const [owner, other] = await Promise.all(
      [ada, grace].map(async ({ id }) => clientOf(await signIn(id))),
    );
    assert.ok(owner && other);
    const anon = clientOf();
    const ofAda = async () => {
      const [row] = await withSql((sql) =>
        sql`select id from public.users where clerk_id = ${ada.id}`
      );
      return String(row?.id);
    };

    await test.step("a user writes rows, which belong to the user by themselves", async () => {
      await write(owner, "Ada's");
      await write(other, "Grace's");
      const note = await owner.from("notes").select("user_id").single().throwOnError();
      assert.equal(note.data.user_id, await ofAda());
      const reminder = await owner.from("reminders").select("user_clerk_id").single()
        .throwOnError();
      assert.equal(reminder.data.user_clerk_id, ada.id);
    });

    await test.step("a user sees their own rows and no others", async () => {
      assert.deepEqual(await seenBy(owner), ["Ada's", "Ada's"]);
      assert.deepEqual(await seenBy(other), ["Grace's", "Grace's"]);
    });

    await test.step("a user changes and deletes their own rows and no others", async () => {
      for (const table of ["notes", "reminders"] as const) {
        const edited = await other.from(table).update({ body: "Edited" }).neq("body", "")
          .select("body").throwOnError();
        assert.deepEqual(edited.data, [{ body: "Edited" }]);
        const deleted = await other.from(table).delete().neq("body", "").select("body")
          .throwOnError();
        assert.deepEqual(deleted.data, [{ body: "Edited" }]);
      }
      assert.deepEqual(await seenBy(owner), ["Ada's", "Ada's"]);
    });

    await test.step("nobody chooses or changes the owner", async () => {
      const user_id = await ofAda();
      const user_clerk_id = ada.id;
      const answers = [
        await other.from("notes").insert({ body: "Forged", user_id }),
        await other.from("reminders").insert({ body: "Forged", due_at: dueAt, user_clerk_id }),
        await owner.from("notes").update({ user_id }).neq("body", ""),
        await owner.from("reminders").update({ user_clerk_id }).neq("body", ""),
      ];
      for (const { error } of answers) assert.equal(error?.code, insufficientPrivilege);
    });

    await test.step("anon and a session with pending tasks are refused", async () => {
      const pending = clientOf(await signInPending(ada.id));
      for (const client of [anon, pending]) {
        assert.deepEqual(await refusals(client), Array(2).fill(insufficientPrivilege));
      }
      assert.deepEqual(await seenBy(pending), []);
      assert.equal((await anon.from("notes").select()).error?.code, insufficientPrivilege);
    });

    await test.step("the server names the owner itself", async () => {
      const forgotten = await server().from("notes").insert({ body: "Nobody's" });
      assert.equal(forgotten.error?.code, notNullViolation);
      await server().from("notes").insert({ body: "Server's", user_id: await ofAda() })
        .throwOnError();
      await server().from("notes").delete().eq("body", "Server's").throwOnError();
    });

    await test.step("a user without a row is told to call users-sync, and can write afterwards", async () => {
      // A sign-in is an event too.
      const token = await withoutWebhooks(async () => await signIn((await signUp()).id));
      const early = clientOf(token);
      assert.deepEqual(await seenBy(early), []);
      assert.deepEqual(await refusals(early), Array(2).fill(foreignKeyViolation));
      const { error } = await early.from("notes").insert({ body: "Too early" });
      assert.equal(error?.hint, "Call users-sync first");
      assert.equal((await callWithToken("users-sync", token)).status, 201);
      await write(early, "Joan's");
      assert.deepEqual(await seenBy(early), ["Joan's", "Joan's"]);
    });

    await test.step("a deactivated user sees and writes nothing until they are active again", async () => {
      const set = (active: boolean) =>
        withSql((sql) =>
          sql`update public.users set is_active = ${active} where clerk_id = ${ada.id}`
        );
      await set(false);
      assert.deepEqual(await seenBy(owner), []);
      assert.deepEqual(await refusals(owner), Array(2).fill(insufficientPrivilege));
      await set(true);
      assert.deepEqual(await seenBy(owner), ["Ada's", "Ada's"]);
    });

    await test.step("after the user's deletion the rows stay, and only the server sees them", async () => {
      await clerk().users.deleteUser(ada.id);
      await webhooksSettled();
      assert.deepEqual(await seenBy(owner), []);
      assert.deepEqual(await seenBy(other), []);
      assert.deepEqual(await refusals(owner), Array(2).fill(insufficientPrivilege));
      const kept = (await seenBy(server())).filter((body) => body === "Ada's");
      assert.deepEqual(kept, ["Ada's", "Ada's"]);
    });

    await test.step("the foreign keys refuse to lose the user's row", async () => {
      await withSql(async (sql) => {
        await assert.rejects(
          () => sql`delete from public.users where clerk_id = ${ada.id}`,
          { code: foreignKeyViolation },
        );
      });
    });

    await test.step("purge_notes() deletes what belongs to erased users, and nothing before they are erased", async () => {
      assert.equal((await server().rpc("purge_notes").throwOnError()).data, 0);
      await withSql((sql) => sql`select public.purge_deleted_users('0')`);
      assert.deepEqual(
        (await seenBy(server())).filter((body) => body === "Ada's"),
        ["Ada's", "Ada's"],
      );
      assert.equal((await server().rpc("purge_notes").throwOnError()).data, 2);
      assert.deepEqual(await seenBy(server()), ["Joan's", "Joan's"]);
    });

    await test.step("a revived user sees their rows again", async () => {
      await write(other, "Grace's");
      await withSql(async (sql) => {
        await applyFacts(sql, [userDeletedFact(grace.id, new Date().toISOString())]);
        assert.deepEqual(await seenBy(other), []);
        await sql`select public.revive_clerk_user(${grace.id}, 'Deleted by mistake')`;
      });
      assert.deepEqual(await seenBy(other), ["Grace's", "Grace's"]);
    });

    await test.step("users may not purge", async () => {
      assert.equal((await other.rpc("purge_notes")).error?.code, insufficientPrivilege);
    });

    await test.step("the synchronisation does not wait for somebody who writes a note", async () => {
      const id = newClerkId();
      await withSql(async (sql) => {
        await applyFacts(sql, [userFact(id)]);
        await sql.begin(async (writer) => {
          await writer`insert into public.notes (user_id, body)
            select u.id, 'Open' from public.users as u where u.clerk_id = ${id}`;
          await writer`insert into public.reminders (user_clerk_id, body, due_at)
            values (${id}, 'Open', ${dueAt})`;
          await sql.begin(async (sync) => {
            await sync`set local statement_timeout = '3s'`;
            const newer = userFact(id, { clerk_updated_at: "2026-01-03T00:00:00.000Z" });
            assert.deepEqual(await applyFacts(sync, [newer]), ["updated"]);
          });
        });
      });
    });
  });
});
