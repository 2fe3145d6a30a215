import assert from "node:assert/strict";
import { parse } from "smol-toml";
import { sectionOf } from "../../cli/install/configuration.ts";
import { manifestPath, parseManifest } from "../../cli/install/manifest.ts";
import { functionNames } from "../../cli/install/product.ts";
import { versionOf } from "../../cli/install/series.ts";
import { inApplication, plain, succeeds } from "./commands.ts";
import { picture } from "./folders.ts";
import { commit, createRepository, git, status } from "../support/application/repository.ts";

const template = Deno.readTextFileSync(new URL("supabase_init.toml", import.meta.url));

const journal = `${
  JSON.stringify(
    {
      version: "7",
      dialect: "postgresql",
      entries: [
        { idx: 0, version: "7", when: 1730000000000, tag: "0000_brave_ant", breakpoints: true },
      ],
    },
    null,
    2,
  )
}`;

const ownWebhook = {
  "supabase/functions/clerk-webhook/index.ts": 'on("user.created"); db.from("profiles");\n',
  "supabase/functions/clerk-webhook/deno.json": '{ "imports": {} }',
  "supabase/functions/clerk-webhook/lib/more.ts": "\uFEFFexport {};\r\n",
};

interface Layout {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly prefix?: string;
  /** The form of the new migrations' versions. */
  readonly versions?: RegExp;
  /** Whether to install a second time. */
  readonly again?: boolean;
}

const layouts: readonly Layout[] = [
  { title: "a plain application", files: plain, again: true },
  {
    title: "an application from the template, with CRLF and an example of variables",
    files: {
      "supabase/config.toml": template.replaceAll("\n", "\r\n"),
      ".env.example": "A=1\r\nCLERK_SECRET_KEY=\r\nB=2",
      ".gitignore": ".env\n",
    },
  },
  {
    title: "an application with drizzle's migrations",
    files: {
      ...plain,
      "supabase/migrations/0000_brave_ant.sql": "select 1;\n",
      "supabase/migrations/meta/_journal.json": journal,
    },
    versions: /^00\d\d$/,
    again: true,
  },
  {
    title: "an application whose own webhook is replaced",
    files: {
      ...plain,
      ...ownWebhook,
      "supabase/config.toml":
        'project_id = "app"\n\n[functions.clerk-webhook]\nverify_jwt = true # mine\n\n[analytics]\nenabled = true\n',
    },
    args: ["--replace"],
    again: true,
  },
  {
    title: "an application whose own webhook is replaced, and used by no other function",
    files: {
      ...plain,
      ...ownWebhook,
      "supabase/functions/clerk-webhook/index.ts": 'import "./lib/more.ts";\n',
      "supabase/functions/clerk-webhooks/index.ts":
        'import "../_shared/a.ts"; fetch("https://a.example/functions/v1/clerk-webhook/");\n',
      "supabase/functions/_shared/a.ts": "export {};\n",
      "supabase/functions/deno.json": '{ "workspace": ["./clerk-webhook"] }\n',
    },
    args: ["--replace"],
  },
  {
    title: "an application whose own webhook, replaced, has an entrypoint of its own",
    files: {
      ...plain,
      "supabase/functions/clerk-webhook/main.ts": "export {};\n",
      "supabase/config.toml":
        "[functions.clerk-webhook]\nentrypoint = './functions/clerk-webhook/main.ts'\n",
    },
    args: ["--replace"],
  },
  {
    title: "an application whose own webhook stays beside it",
    files: { ...plain, ...ownWebhook },
    args: ["--prefix", "sync"],
    prefix: "sync-",
  },
  {
    title: "an application with a schema for the tables, and shared code of its own",
    files: {
      ...plain,
      "supabase/config.toml": template.trimEnd(),
      "supabase/functions/_shared/cors.ts": "export {};\n",
      "supabase/functions/import_map.json": '{ "imports": {} }\n',
      "supabase/functions/deno.json": "{}\n",
      "supabase/migrations/20250101000000_mine.sql": "select 1;\n",
      "supabase/.env.example": "",
    },
    args: ["--schema", "clerk_data"],
  },
];

for (
  const { title, files, args = [], prefix = "", versions = /^20\d{12}$/, again = false } of layouts
) {
  Deno.test(`${title}: installed and taken out, it is as before`, async () => {
    await inApplication(files, async (application) => {
      const { folder } = application;
      const before = picture(folder);
      const said = await succeeds(application.install(args));
      assert.match(said, /^Installed version \d+\.\d+\.\d+ in \.: the functions /);
      for (const name of functionNames) assert.ok(said.includes(prefix + name));

      const after = picture(folder);
      const manifest = parseManifest((after[manifestPath] ?? "").replace(/^file /, ""));
      assert.equal(manifest.prefix, prefix);
      assertOnlyAdds(before, after, args.includes("--replace"));
      assertSections((after["supabase/config.toml"] ?? "").replace(/^file /, ""), prefix);
      assertMigrations(Object.keys(before), Object.values(manifest.migrations), versions);
      const all = Object.values(after).join("\n");
      assert.ok(all.includes(`create table if not exists ${manifest.schema}.users`));

      const drizzle = after["supabase/migrations/meta/_journal.json"];
      if (drizzle !== undefined) assertNumbered(drizzle.replace(/^file /, ""), Object.keys(after));

      if (again) {
        assert.match(await succeeds(application.install()), /is in \. already, and complete/);
        assert.deepEqual(picture(folder), after);
      }

      const taken = await succeeds(application.uninstall());
      assert.doesNotMatch(taken, /Note/);
      assert.match(taken, new RegExp(`drop table if exists ${manifest.schema}\\.users;`));
      assert.deepEqual(await status(folder), []);
      assert.deepEqual(picture(folder), before);
    });
  });
}

/** Nothing of the application's is gone or changed, but for what install may edit. */
function assertOnlyAdds(
  before: Record<string, string>,
  after: Record<string, string>,
  replaces: boolean,
) {
  const edited = ["supabase/config.toml", "supabase/migrations/meta/_journal.json"];
  for (const [path, content] of Object.entries(before)) {
    if (edited.includes(path) || path.endsWith(".env.example")) continue;
    if (replaces && path.startsWith("supabase/functions/clerk-webhook/")) continue;
    assert.equal(after[path], content, path);
  }
}

function assertSections(configuration: string, prefix: string) {
  const { functions } = JSON.parse(JSON.stringify(parse(configuration)));
  for (const name of functionNames) {
    assert.deepEqual(functions[prefix + name], sectionOf(prefix + name));
  }
}

function assertMigrations(existing: readonly string[], added: readonly string[], form: RegExp) {
  const versions = (paths: readonly string[]) =>
    paths.flatMap((path) => versionOf(path.replace(/^supabase\/migrations\//, "")) ?? []);
  const placed = versions(added);
  assert.equal(placed.length, added.length);
  assert.equal(new Set(placed).size, placed.length);
  for (const version of placed) {
    assert.match(version, form);
    for (const own of versions(existing)) assert.ok(own < version);
  }
}

for (const [from, to] of [["\n", "\r\n"], ["\r\n", "\n"]] as const) {
  Deno.test(`an installation whose line ends git changes from ${JSON.stringify(from)} is still complete, and taken out`, async () => {
    const files = {
      "supabase/config.toml": 'project_id = "app"\n\n[functions.users-me]\nenabled = true\n',
      ".env.example": "A=1\n",
    };
    const written = Object.entries(files).map(([path, text]) => [path, withEnds(text, from)]);
    await inApplication(Object.fromEntries(written), async ({ folder, install, uninstall }) => {
      await succeeds(install());
      for (const [path, kind] of Object.entries(picture(folder))) {
        if (kind === "folder") continue;
        const text = await Deno.readTextFile(`${folder}/${path}`);
        await Deno.writeTextFile(`${folder}/${path}`, withEnds(text, to));
      }
      await commit(folder);
      assert.match(await succeeds(install()), /is in \. already, and complete/);
      assert.deepEqual(await status(folder), []);

      assert.doesNotMatch(await succeeds(uninstall()), /has changed since/);
      for (const [path, text] of Object.entries(files)) {
        assert.equal(await Deno.readTextFile(`${folder}/${path}`), withEnds(text, to));
      }
    });
  });
}

function withEnds(text: string, end: string): string {
  return text.replaceAll(/\r?\n/g, end);
}

Deno.test("uninstall goes on without the commit of a replaced function, and names its files", async () => {
  const section = { "supabase/config.toml": "[functions.clerk-webhook]\nenabled = true\n" };
  await inApplication({ ...ownWebhook, ...section }, async ({ folder, install, uninstall }) => {
    await succeeds(install(["--replace"]));
    const replaced = (await git(folder, "rev-parse", "HEAD")).trim();
    await commit(folder);
    // As in a shallow clone, or after the branch was squashed.
    await Deno.remove(`${folder}/.git`, { recursive: true });
    await createRepository(folder);
    const said = await succeeds(uninstall());
    for (const path of Object.keys(ownWebhook)) {
      assert.ok(said.includes(`${path} was yours. Bring it back from commit ${replaced}`), path);
    }
    assert.ok(!(manifestPath in picture(folder)));
    assert.doesNotMatch(said, /Take this out/);
  });
});

Deno.test("a replaced file that may be run may be run again afterwards", async () => {
  await inApplication({ ...plain, ...ownWebhook }, async ({ folder, install, uninstall }) => {
    for (const path of Object.keys(ownWebhook)) await Deno.chmod(`${folder}/${path}`, 0o755);
    await commit(folder);
    const before = picture(folder);
    await succeeds(install(["--replace"]));
    await commit(folder);
    const { output } = await uninstall(["--dry-run"]);
    await Deno.writeTextFile(`${folder}.patch`, output);
    await git(folder, "apply", "--whitespace=nowarn", `${folder}.patch`);
    assert.deepEqual(picture(folder), before);
    await git(folder, "reset", "--quiet", "--hard");
    await succeeds(uninstall());
    assert.deepEqual(picture(folder), before);
    await commit(folder);
    await git(folder, "diff", "--exit-code", "HEAD~2");
  });
});

Deno.test("uninstall says where the files are that edited ones had replaced", async () => {
  const configuration = "[functions.clerk-webhook]\nverify_jwt = true\n";
  const files = { ...ownWebhook, "supabase/config.toml": configuration };
  await inApplication(files, async ({ folder, install, uninstall }) => {
    await succeeds(install(["--replace"]));
    const replaced = (await git(folder, "rev-parse", "HEAD")).trim();
    const code = "supabase/functions/clerk-webhook/index.ts";
    await Deno.writeTextFile(`${folder}/${code}`, "edited\n");
    const settings = await Deno.readTextFile(`${folder}/supabase/config.toml`);
    await Deno.writeTextFile(
      `${folder}/supabase/config.toml`,
      settings.replace("verify_jwt = false", "verify_jwt = false # edited"),
    );
    await commit(folder);
    const said = await succeeds(uninstall());
    assert.ok(said.includes(`${code} stays, because you have edited it\n`));
    assert.ok(said.includes(`${code} was another file of yours before: git show ${replaced}:./`));
    assert.match(said, /config\.toml has changed since: .* It was another before: git show /);
    for (const [, what = ""] of said.matchAll(/git show (\S+)/g)) await git(folder, "show", what);
    assert.equal(await git(folder, "show", `${replaced}:./${code}`), ownWebhook[code]);
  });
});

Deno.test("a migration that is a link counts, as it does for the Supabase CLI", async () => {
  const shared = { "shared/a.sql": "select 1;\n" };
  await inApplication({ ...plain, ...shared }, async ({ folder, install }) => {
    await Deno.mkdir(`${folder}/supabase/migrations`);
    const own = "supabase/migrations/20990101000000_a.sql";
    await Deno.symlink("../../shared/a.sql", `${folder}/${own}`);
    await commit(folder);
    assert.match(await succeeds(install()), /Your migration 20990101000000 is in the future/);
    const paths = Object.keys(picture(folder)).filter((path) => path.includes("_clerk_sync_p"));
    for (const path of paths.filter((path) => path.endsWith(".sql"))) assert.ok(path > own);
  });
});

Deno.test("a link to a folder that had nothing else stays a link", async () => {
  await inApplication(plain, async ({ folder, install, uninstall }) => {
    await Deno.mkdir(`${folder}/code`);
    await Deno.symlink("../code", `${folder}/supabase/functions`);
    await commit(folder);
    const before = picture(folder);
    await succeeds(install());
    await succeeds(uninstall());
    assert.deepEqual(picture(folder), before);
  });
});

/** drizzle-kit counts its entries: each has its own number, and its file. */
function assertNumbered(journal: string, paths: readonly string[]) {
  const entries: { tag: string; idx: number }[] = JSON.parse(journal).entries;
  entries.forEach(({ tag, idx }, index) => {
    assert.equal(idx, index);
    assert.equal(Number(tag.slice(0, 4)), idx);
    assert.ok(paths.includes(`supabase/migrations/${tag}.sql`));
  });
}

Deno.test("what --dry-run prints is what install does, and it changes nothing", async () => {
  const crlf = layouts[1]?.files ?? {};
  await inApplication(crlf, async ({ folder, install, uninstall }) => {
    const { code, output, errors } = await install(["--dry-run"]);
    assert.equal(code, 0, errors);
    assert.deepEqual(await status(folder), []);
    assert.match(output, /^diff --git a\/\.env\.example b\/\.env\.example\n/);
    const patch = `${folder}.patch`;
    await Deno.writeTextFile(patch, output);
    await git(folder, "apply", "--whitespace=nowarn", patch);
    const applied = withoutTimes(picture(folder));
    await git(folder, "reset", "--quiet", "--hard");
    await git(folder, "clean", "-qfd");
    await succeeds(install());
    assert.deepEqual(applied, withoutTimes(picture(folder)));

    await commit(folder);
    const again = await install(["--dry-run"]);
    assert.deepEqual([again.code, again.output, again.errors], [0, "", "Nothing would change\n"]);
    const before = picture(folder);
    const taking = await uninstall(["--dry-run"]);
    assert.deepEqual(picture(folder), before);
    await Deno.writeTextFile(patch, taking.output);
    await git(folder, "apply", "--whitespace=nowarn", patch);
    await commit(folder);
    await git(folder, "diff", "--exit-code", "HEAD~2");
  });
});

/** With each run's time taken out of the migrations' names. */
function withoutTimes(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [
      path.replace(/\/\d{14}_/, "/TIME_"),
      content.replaceAll(/\/\d{14}_/g, "/TIME_"),
    ]),
  );
}

Deno.test("a project in a monorepo is installed into from its root, and edited files stay at the end", async () => {
  await inApplication(
    { "packages/db/supabase/config.toml": "", "a.txt": "" },
    async ({ folder, install, uninstall }) => {
      const said = await succeeds(install());
      assert.match(said, /^Installed version \S+ in packages\/db: /);
      await commit(folder);
      const own = `${folder}/packages/db/supabase/functions/users-me/handler.ts`;
      const text = `${await Deno.readTextFile(own)}// mine\n`;
      await Deno.writeTextFile(own, text);
      assert.match(
        await succeeds(install(["--allow-dirty"])),
        /users-me\/handler\.ts stays as you have edited it\n/,
      );
      assert.match(
        await succeeds(uninstall()),
        /users-me\/handler\.ts stays, because you have edited it\n/,
      );
      assert.equal(await Deno.readTextFile(own), text);
      const left = Object.keys(picture(folder)).filter((path) => path.endsWith(".ts"));
      assert.deepEqual(left, ["packages/db/supabase/functions/users-me/handler.ts"]);
    },
  );
});
