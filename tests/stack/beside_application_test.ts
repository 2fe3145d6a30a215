/** An application with its own users and organizations, and Clerk's tables in a schema beside them. */
import { createClient } from "@supabase/supabase-js";
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { ourMigrations } from "../../local/migrations/ours.ts";
import { checkout } from "../../local/options.ts";
import { startStack } from "../../local/stack.ts";
import { run } from "../support/commands.ts";
import { clerk, signIn, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { freePortBase } from "../support/stack/free_port_base.ts";
import { runningStack, useStack } from "../support/stack/running_stack.ts";
import { callWithToken, errorOf } from "../support/stack/supabase.ts";
import { withFolder } from "./temporary.ts";

/** Tables that are as different from Clerk's as possible. */
const application = `
  create table public.users (
    id bigint generated always as identity primary key,
    email text not null unique,
    name text not null check (name <> ''),
    created_at timestamp not null default now()
  );
  create table public.organizations (
    id bigint generated always as identity primary key,
    owner bigint not null references public.users (id),
    title text not null
  );
  create view public.organization_memberships as
    select o.id as organization, u.id as member from public.organizations as o join public.users as u on u.id = o.owner;
  create type public.clerk_deliveries as enum ('none');
  alter table public.users enable row level security;
  create policy "Everybody reads everybody" on public.users for select using (true);
  grant select on public.users, public.organizations to anon, authenticated;
  create function public.refuse() returns trigger language plpgsql as
    $$ begin raise exception 'nobody writes here'; end $$;
  insert into public.users (email, name) values ('ada@example.com', 'Ada'), ('grace@example.com', 'Grace');
  insert into public.organizations (owner, title) values (1, 'Engines');
  create trigger refuse before insert or update or delete on public.users
    for each row execute function public.refuse();
`;

/** Every row and catalogue entry of these tables, with the transaction that wrote it. */
async function readApplication(databaseUrl: string): Promise<unknown> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    return await sql`
      with own as (
        select oid from pg_class
        where relnamespace = 'public'::regnamespace
          and relname ~ '^(users|organizations|organization_memberships|clerk_deliveries|clerk_sync_runs)'
      )
      select 'row' as kind, u.id::text as id, u.xmin::text || u::text as what from public.users as u
      union all
      select 'row', o.id::text, o.xmin::text || o::text from public.organizations as o
      union all
      select 'class', oid::text, xmin::text || coalesce(relacl::text, '') from pg_class where oid in (select oid from own)
      union all
      select 'column', attrelid || ' ' || attnum, xmin::text from pg_attribute where attrelid in (select oid from own)
      union all
      select 'constraint', oid::text, xmin::text from pg_constraint where conrelid in (select oid from own)
      union all
      select 'index', indexrelid::text, xmin::text from pg_index where indrelid in (select oid from own)
      union all
      select 'trigger', oid::text, xmin::text from pg_trigger where tgrelid in (select oid from own)
      union all
      select 'policy', oid::text, xmin::text from pg_policy where polrelid in (select oid from own)
      union all
      select 'type', oid::text, xmin::text from pg_type where typnamespace = 'public'::regnamespace
      union all
      select 'schema', nspname, xmin::text from pg_namespace where nspname = 'public'
      order by 1, 2
    `;
  } finally {
    await sql.end();
  }
}

/** A project with the checkout's functions, but only the application's migration. */
async function makeProject(folder: string): Promise<void> {
  for (const name of ["supabase", "import_map.json", "deno.json", "deno.lock"]) {
    await cp(join(checkout, name), join(folder, name), {
      recursive: true,
      filter: (source) => !/\/migrations\/|\/\.[^/]*$/.test(source),
    });
  }
  await Deno.writeTextFile(
    join(folder, "supabase", "migrations", "20200101000000_application.sql"),
    application,
  );
}

async function addOurMigrations(folder: string): Promise<void> {
  for (const name of ourMigrations) {
    const path = join("supabase", "migrations", name);
    await Deno.copyFile(join(checkout, path), join(folder, path));
  }
}

/** A client for the tables of a schema, with this key and token. */
function tablesOf(schema: string, key: string, token?: string) {
  return createClient(runningStack().API_URL, key, {
    ...(token === undefined ? {} : { accessToken: () => Promise.resolve(token) }),
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  }).schema(schema);
}

Deno.test("Clerk's tables can be beside an application's own users and organizations", async (test) => {
  await withFolder(async (folder) => {
    const project = join(folder, "project");
    const directory = join(folder, "local");
    const options = {
      project,
      directory,
      portBase: freePortBase(),
      databaseSettings: { fsync: "off" },
      webhookRetrySchedule: [100, 200, 400, 800, 1600],
    };
    await makeProject(project);
    const alone = await startStack(options);
    const before = await readApplication(alone.values.DB_URL);
    await alone.stop();
    await addOurMigrations(project);
    const stack = await startStack({ ...options, schema: "clerk" });
    using _used = useStack(stack.values);
    const { ANON_KEY, SERVICE_ROLE_KEY, DB_URL } = stack.values;
    try {
      await test.step("webhooks and functions write Clerk's tables", async () => {
        const [ada, grace] = await Promise.all([signUp(), signUp({ firstName: "Grace" })]);
        const { id } = await clerk().organizations.createOrganization({
          name: "Engines",
          createdBy: ada.id,
        });
        await webhooksSettled();
        const token = await signIn(ada.id);
        assert.equal((await callWithToken("users-sync", token)).status, 200);
        const { status, body } = await callWithToken("users-me", token, "GET");
        assert.equal(status, 200);
        assert.match(
          JSON.stringify(body),
          new RegExp(`"clerk_id":"${ada.id}".*"clerk_id":"${id}"`),
        );

        const read = async (table: string, key: string, token?: string) => {
          const { data, error } = await tablesOf("clerk", key, token).from(table)
            .select("clerk_id").order("clerk_id");
          return error === null ? data.map((row) => row.clerk_id) : error.code;
        };
        assert.deepEqual(await read("users", ANON_KEY, token), [ada.id]);
        assert.deepEqual(await read("organizations", ANON_KEY, token), [id]);
        assert.deepEqual(await read("users", SERVICE_ROLE_KEY), [ada.id, grace.id].sort());
        for (const table of ["users", "organizations", "organization_memberships"]) {
          assert.equal(await read(table, ANON_KEY), "42501", table);
        }
        const ledger = await tablesOf("clerk", ANON_KEY, token).from("clerk_deliveries").select();
        assert.equal(ledger.error?.code, "42501");

        await tablesOf("clerk", ANON_KEY, token).from("users").update({
          metadata: { theme: "dark" },
        })
          .eq("clerk_id", ada.id).throwOnError();
        await clerk().users.deleteUser(ada.id);
        await webhooksSettled();
        const refused = await callWithToken("users-me", token, "GET");
        assert.equal(errorOf(refused).code, "user_inactive");
      });

      await test.step("the application's tables and their catalogue entries stay unchanged", async () => {
        assert.deepEqual(await readApplication(DB_URL), before);
        const { data } = await tablesOf("public", ANON_KEY).from("users").select("name").order(
          "id",
        );
        assert.deepEqual(data, [{ name: "Ada" }, { name: "Grace" }]);
      });

      await test.step("a second set of Clerk's tables is refused", async () => {
        const migrate = (schema: string) =>
          run("migrate", {
            directory: join(folder, "other"),
            environment: { DB_CONNECTION_STRING: DB_URL, CLERK_SYNC_SCHEMA: schema },
          });
        for (const schema of ["public", "other"]) {
          assert.deepEqual(await migrate(schema), {
            code: 1,
            output: "",
            errors: `The tables are already in schema clerk, not in ${schema}. ` +
              "Set CLERK_SYNC_SCHEMA=clerk\n",
          });
        }
        assert.deepEqual(await readApplication(DB_URL), before);
      });
    } finally {
      await stack.stop();
    }
  });
});
