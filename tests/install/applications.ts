import type { Application } from "./application.ts";

/** The source of an application's function. It is no module of this project. */
function readSource(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`${name}.ts.txt`, import.meta.url));
}

/** The next version in a series of times. */
function nextTime(versions: readonly string[]): string {
  const time = new Date(Date.now() + 60_000).toISOString().replace(/\D/g, "").slice(0, 14);
  const last = [...versions].sort().at(-1) ?? "";
  return time > last ? time : String(BigInt(last) + 1n);
}

function nextNumber(versions: readonly string[]): string {
  const last = [...versions].sort().at(-1) ?? "0000";
  return String(Number(last) + 1).padStart(last.length, "0");
}

const hello = `Deno.serve(() => new Response("Hello"));\n`;

const corsHello = await readSource("hello");

const todos = `create table public.todos (
  id bigint generated always as identity primary key,
  owner text not null default auth.jwt() ->> 'sub',
  title text not null
);
alter table public.todos enable row level security;
create policy "Own todos" on public.todos for all to authenticated using (owner = auth.jwt() ->> 'sub');
`;

/** As tutorials have it: without the order of events, and with the first address. */
const tutorialWebhook = await readSource("tutorial_webhook");

const profiles = `create table public.profiles (
  id uuid primary key default gen_random_uuid(),
  clerk_user_id text unique not null,
  name text
);
alter table public.profiles enable row level security;
create policy "Own profile" on public.profiles for select to authenticated
  using (clerk_user_id = auth.jwt() ->> 'sub');
`;

const plainConfiguration = `project_id = "my-app"

[api]
schemas = ["public", "graphql_public"] # both

[db]
major_version = 17
`;

/** @param initialized the files that the real Supabase CLI's \`init\` makes */
export function listApplications(initialized: Readonly<Record<string, string>>): Application[] {
  return [
    { title: "a fresh project of the Supabase CLI", files: initialized, next: nextTime },
    {
      title: "one with functions, _shared, an import map and migrations",
      files: {
        ".gitignore": ".env\n",
        ".env.example": "NEXT_PUBLIC_SUPABASE_URL=\nCLERK_SECRET_KEY=\n",
        "supabase/config.toml":
          `${plainConfiguration}\n[functions.hello]\nverify_jwt = false # everybody\nimport_map = "./functions/import_map.json"\n`,
        "supabase/functions/_shared/cors.ts": `export const corsHeaders = { "x-own": "1" };\n`,
        "supabase/functions/hello/index.ts": corsHello,
        "supabase/functions/import_map.json":
          `{"imports":{"std/server":"./_shared/server.ts","zod":"npm:zod@3.22.0"}}\n`,
        "supabase/functions/_shared/server.ts": `export const serve = Deno.serve;\n`,
        "supabase/migrations/20240102030405_todos.sql": todos,
      },
      next: nextTime,
    },
    {
      title: "one with a deno.json for each function",
      files: {
        "supabase/config.toml":
          `${plainConfiguration}\n[functions.hello]\nenabled = true\nverify_jwt = true\nimport_map = "./functions/hello/deno.json"\nentrypoint = "./functions/hello/index.ts"`,
        "supabase/functions/hello/index.ts": hello,
        "supabase/functions/hello/deno.json": `{ "imports": {} }\n`,
        "supabase/migrations/20991231235930_todos.sql": todos,
      },
      next: nextTime,
    },
    {
      title: "one with users and organizations of its own",
      files: {
        "supabase/config.toml": plainConfiguration,
        "supabase/migrations/20240102030405_users.sql": `
create table public.users (id serial primary key, name text not null, team int not null);
create table public.organizations (id serial primary key, name text not null unique);
create policy "Everybody" on public.users for all to authenticated using (true);
`,
      },
      args: ["--schema", "clerk_data"],
      schema: "clerk_data",
      next: nextTime,
    },
    {
      title: "one with profiles that name Clerk's id",
      files: {
        "supabase/config.toml": plainConfiguration,
        "supabase/migrations/20240102030405_profiles.sql": profiles,
        "supabase/migrations/README.md": "Our migrations\n",
      },
      next: nextTime,
    },
    {
      title: "one project of a monorepo",
      files: {
        "package.json": `{ "workspaces": ["apps/*", "packages/*"] }\n`,
        "apps/web/supabase/config.toml": plainConfiguration,
        "apps/web/supabase/migrations/20240102030405_todos.sql": todos,
        "packages/other/supabase/config.toml": plainConfiguration,
      },
      project: "apps/web",
      args: ["apps/web"],
      next: nextTime,
    },
    {
      title: "one with drizzle's short numbers",
      files: {
        "supabase/config.toml": plainConfiguration.replaceAll("\n", "\r\n"),
        "supabase/migrations/0000_shiny_storm.sql": todos,
        "supabase/migrations/0001_calm_wolf.sql": profiles,
        "supabase/migrations/meta/_journal.json": JSON.stringify(
          {
            version: "7",
            dialect: "postgresql",
            entries: ["0000_shiny_storm", "0001_calm_wolf"].map((tag, idx) => ({
              idx,
              version: "7",
              when: 1_700_000_000_000 + idx,
              tag,
              breakpoints: true,
            })),
          },
          null,
          2,
        ),
      },
      next: nextNumber,
    },
    {
      title: "one whose own clerk-webhook gives way",
      files: {
        "supabase/config.toml":
          `${plainConfiguration}\n[functions.clerk-webhook]\nverify_jwt = true # oh\n\n[functions.hello]\nverify_jwt = false\n`,
        "supabase/functions/hello/index.ts": hello,
        "supabase/functions/clerk-webhook/index.ts": tutorialWebhook,
        "supabase/functions/clerk-webhook/old.ts": "export {};\n",
        "supabase/migrations/20240102030405_profiles.sql": profiles,
      },
      args: ["--replace"],
      next: nextTime,
    },
    {
      title: "one whose own clerk-webhook stays",
      files: {
        "supabase/config.toml": plainConfiguration,
        "supabase/functions/clerk-webhook/index.ts": tutorialWebhook,
        "supabase/migrations/20240102030405_profiles.sql": profiles,
      },
      args: ["--prefix", "sync"],
      prefix: "sync-",
      next: nextTime,
    },
    {
      title: "one whose migrations are numbered by day, in packages/supabase",
      files: {
        "packages/supabase/config.toml": plainConfiguration,
        "packages/supabase/migrations/20240102_todos.sql": todos,
        "packages/supabase/migrations/20240103_profiles.sql": profiles,
      },
      project: "packages",
      args: ["packages/supabase"],
      next: nextTime,
    },
  ];
}
