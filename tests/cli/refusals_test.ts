import assert from "node:assert/strict";
import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../local/options.ts";
import { runCli } from "../support/application/cli.ts";
import { inApplication, plain, refuses, succeeds } from "./commands.ts";
import { inFolder, picture, put, putCommand } from "./folders.ts";
import { commit } from "../support/application/repository.ts";

interface Refusal {
  readonly title: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly args?: readonly string[];
  readonly line: RegExp;
  prepare?(folder: string): void;
}

const webhook = "supabase/functions/clerk-webhook/index.ts";
const ownWebhook = {
  ...plain,
  [webhook]:
    'on("user.created", "user.deleted"); db.from("profiles").upsert(); db.from("teams");\n',
};

const latin1 = new Uint8Array([0x23, 0x20, 0xe4, 0x0a]);

const refusals: readonly Refusal[] = [
  {
    title: "a folder that is no Supabase project",
    files: { "README.md": "" },
    line: /has no supabase\/config\.toml\. Run "npx supabase init" in your application first/,
  },
  {
    title: "several Supabase projects",
    files: { "a/supabase/config.toml": "", "b/supabase/config.toml": "" },
    line: /several Supabase projects here: a, b\. Give the folder of one/,
  },
  { title: "an unknown option", files: plain, args: ["--force"], line: /--force.*--help/ },
  {
    title: "an option whose value is missing",
    files: plain,
    args: ["--prefix", "--dry-run"],
    line: /^Option '--prefix' argument is ambiguous\. .*[^.]\. See the options with --help$/m,
  },
  {
    title: "uncommitted changes",
    files: plain,
    prepare: (folder) => put(folder, { "README.md": "changed\n", "new.ts": "" }),
    line: /git has uncommitted changes \(README\.md, new\.ts\)\. Commit or stash them/,
  },
  {
    title: "a Supabase CLI that is too old",
    files: { ...plain, ".gitignore": "node_modules\n" },
    prepare: (folder) => putCommand(join(folder, "node_modules/.bin/supabase"), "echo 1.200.3"),
    line: /Your Supabase CLI is 1\.200\.3\. The functions need 1\.215\.0 or newer/,
  },
  {
    title: "a config.toml that cannot be read",
    files: { "supabase/config.toml": 'project_id = "a"\n[functions.a]\n[functions.a]\n' },
    line: /supabase\/config\.toml cannot be read: line 3: .* Mend it first, nothing was changed/,
  },
  {
    title: "a config.toml that is not UTF-8, whose bytes would be lost",
    files: { "supabase/config.toml": latin1 },
    line: /supabase\/config\.toml is not encoded as UTF-8\. Save it as UTF-8, and try again/,
  },
  {
    title: "an example of variables that is not UTF-8",
    files: { ...plain, ".env.example": latin1 },
    line: /\.env\.example is not encoded as UTF-8\. Save it/,
  },
  {
    title: "a folder in the place of a file",
    files: { ...plain, ".env.example/a": "" },
    line: /\.env\.example is a folder, but must be a file\. Move it away/,
  },
  {
    title: "a file in the place of a folder",
    files: { ...plain, "supabase/functions/users-me": "" },
    line: /^supabase\/functions\/users-me must be a folder, but is none\. Move it away/,
  },
  {
    title: "a file in the place of all migrations",
    files: { ...plain, "supabase/migrations": "" },
    line: /^supabase\/migrations must be a folder/,
  },
  {
    title: "a folder that is a broken link",
    files: plain,
    prepare: (folder) => symlinkSync("../nowhere", join(folder, "supabase/functions")),
    line: /^supabase\/functions must be a folder/,
  },
  {
    title: "a file that is a broken link",
    files: plain,
    prepare: (folder) => symlinkSync("nowhere", join(folder, ".env.example")),
    line: /^\.env\.example is a link to nothing\. Take it away/,
  },
  {
    title: "a section that contradicts",
    files: { "supabase/config.toml": "[functions.users-me]\nverify_jwt = true\n" },
    line: /\[functions\.users-me\] verify_jwt = true in supabase\/config\.toml/,
  },
  {
    title: "a webhook of the application's own",
    files: ownWebhook,
    line:
      /functions\/clerk-webhook is there already\. It seems to handle user\.created and user\.deleted, and to use the tables profiles and teams\. Add --replace .* or --prefix NAME .*NAME-clerk-webhook/,
  },
  ...[[], ["--replace"]].map((args) => ({
    title: `a webhook whose section names code in another folder (${args.join()})`,
    files: {
      "supabase/config.toml":
        '[functions.clerk-webhook]\nimport_map = "./functions/import_map.json"\nentrypoint = "./functions/webhooks/clerk.ts"\n',
      "supabase/functions/webhooks/clerk.ts": 'on("user.created"); db.from("profiles");\n',
    },
    args,
    line:
      /^\[functions\.clerk-webhook\] is there already, with its code in supabase\/functions\/webhooks\/clerk\.ts\. It seems to handle user\.created, and to use the table profiles\. Add --prefix NAME to install beside it, as NAME-clerk-webhook$/m,
  })),
  {
    title: "a function whose code is in another folder on a branch alone",
    files: {
      "supabase/config.toml":
        '[remotes.staging.functions]\nusers-me = { entrypoint = "../src/me.ts" }\n',
    },
    line:
      /^\[functions\.users-me\] is there already, with its code in src\/me\.ts\..* --prefix NAME/,
  },
  {
    title: "a function that is built before it is deployed, and not built now",
    files: {
      "supabase/config.toml":
        '[functions.users-me]\nentrypoint = "functions/users-me/dist/index.js"\n',
    },
    line:
      /^\[functions\.users-me\] is there already, with its code in .*dist\/index\.js\..* --prefix/,
  },
  {
    title: "a webhook of the application's own that has the prefix, too",
    files: { ...plain, "supabase/functions/my-clerk-webhook/index.ts": "" },
    args: ["--prefix", "my"],
    line: /functions\/my-clerk-webhook is there already\..* as NAME-clerk-webhook$/m,
  },
  {
    title: "to replace a webhook of which git ignores a file",
    files: { ...ownWebhook, ".gitignore": "more.ts\n" },
    args: ["--replace"],
    prepare: (folder) => put(folder, { "supabase/functions/clerk-webhook/more.ts": "" }),
    line:
      /^git does not have supabase\/functions\/clerk-webhook\/more\.ts, and --replace would lose it\. Move it away/,
  },
  {
    title: "to replace a webhook with packages that git ignores, however many",
    files: { ...ownWebhook, ".gitignore": "node_modules\n" },
    args: ["--replace"],
    prepare: (folder) =>
      put(
        folder,
        Object.fromEntries(
          Array.from({ length: 3_000 }, (_, index) => [
            `supabase/functions/clerk-webhook/node_modules/${"long".repeat(20)}/${index}.js`,
            "",
          ]),
        ),
      ),
    line:
      /^git does not have supabase\/functions\/clerk-webhook\/node_modules\/\S+, and .* Move it away/,
  },
  ...[".gitignore", "README.md"].map((path) => ({
    title: `to replace a webhook with secrets that git does not have, whatever ${path} says`,
    files: { ...ownWebhook, [path]: ".env\n" },
    args: ["--replace", "--allow-dirty"],
    prepare: (folder: string) =>
      put(folder, {
        "supabase/functions/clerk-webhook/.env": "SECRET=a\n",
        "supabase/functions/clerk-webhook/.a.ts": "",
      }),
    line:
      /^git does not have supabase\/functions\/clerk-webhook\/\.env, and --replace would lose it\. Move it away/,
  })),
  {
    title: "to replace a webhook of which git does not have a file yet",
    files: ownWebhook,
    args: ["--replace", "--allow-dirty"],
    prepare: (folder) => put(folder, { "supabase/functions/clerk-webhook/more.ts": "" }),
    line: /^git does not have supabase\/functions\/clerk-webhook\/more\.ts\. Commit it, so that/,
  },
  {
    title: "to replace a webhook that is not in git as it is now",
    files: ownWebhook,
    args: ["--replace", "--allow-dirty"],
    prepare: (folder) => put(folder, { [webhook]: "edited\n" }),
    line: /git does not have all of supabase\/functions\/clerk-webhook as it is now\. Commit it/,
  },
  {
    title: "to replace a webhook with a picture, which no text brings back",
    files: {
      ...ownWebhook,
      "supabase/functions/clerk-webhook/a.png": new Uint8Array([0x89, 0x50, 0xff, 0]),
    },
    args: ["--replace"],
    line: /supabase\/functions\/clerk-webhook\/a\.png is no text file.*Move it away/,
  },
  {
    title: "to replace a webhook with a link",
    files: { ...ownWebhook, "other.ts": "export {};\n" },
    args: ["--replace"],
    prepare: (folder) => {
      symlinkSync("../../../other.ts", join(folder, "supabase/functions/clerk-webhook/link.ts"));
    },
    line: /clerk-webhook\/link\.ts is no text file/,
  },
  ...[
    {
      by: "an import",
      put: {
        "supabase/functions/other/index.ts": 'import { u } from "../clerk-webhook/lib/u.ts";\n',
      },
    },
    {
      by: "an import map",
      put: {
        "supabase/functions/deno.json": '{ "imports": { "u": "./clerk-webhook/lib/u.ts" } }\n',
      },
    },
    {
      by: "another function's section",
      put: {
        "supabase/config.toml":
          '[functions.other]\nstatic_files = ["./functions/clerk-webhook/lib/*.ts"]\n',
      },
    },
  ].map(({ by, put }) => ({
    title: `to replace a webhook whose files are used by ${by}`,
    files: { ...ownWebhook, "supabase/functions/clerk-webhook/lib/u.ts": "export {};\n", ...put },
    args: ["--replace"],
    line: new RegExp(
      `^${
        Object.keys(put)
      } uses supabase/functions/clerk-webhook/lib/\\S+, which --replace would take away\\. Move .* --prefix NAME$`,
      "m",
    ),
  })),
  {
    title: "to replace a webhook whose folder another function reaches with a link",
    files: { ...ownWebhook, "supabase/functions/other/index.ts": "export {};\n" },
    args: ["--replace"],
    prepare: (folder) =>
      symlinkSync("../clerk-webhook", join(folder, "supabase/functions/other/link")),
    line:
      /^supabase\/functions\/other\/link uses supabase\/functions\/clerk-webhook, which --replace/,
  },
  {
    title: "a folder of our own name that is not ours",
    files: { ...plain, "supabase/functions/_clerk_sync/failure.ts": "mine\n" },
    line: /_clerk_sync\/failure\.ts is not from an installation\. Move it away/,
  },
  {
    title: "a series without room",
    files: { ...plain, "supabase/migrations/9998_a.sql": "" },
    line: /series of migrations ends with 9998: \d+ more have no room in 4 digits/,
  },
  {
    title: "a schema of the platform",
    files: plain,
    args: ["--schema", "auth"],
    line: /--schema must be a schema of your own/,
  },
];

for (const { title, files, args = [], line, prepare } of refusals) {
  Deno.test(`install refuses ${title} in one line, and changes nothing`, async () => {
    await inApplication(files, async (application) => {
      prepare?.(application.folder);
      if (/\blink$/.test(title)) await commit(application.folder);
      await refuses(application, () => application.install(args), line);
    });
  });
}

Deno.test("install refuses its own checkout, however the folder is called", async () => {
  await inFolder(async (top) => {
    const own = join(top, "own");
    for (const name of ["cli", "local", "supabase", "deno.json", "deno.lock", "import_map.json"]) {
      cpSync(join(checkout, name), join(own, name), { recursive: true });
    }
    symlinkSync("own", join(top, "link"));
    const before = picture(own);
    for (const folder of [own, join(own, "supabase"), join(top, "link")]) {
      for (const args of [[], ["--replace"], ["--prefix", "a"], ["--dry-run"]]) {
        const { code, output, errors } = await runCli("install", folder, args, { from: own });
        assert.match(
          errors,
          /^This is this project's own checkout\. Give the folder of your app[^\n]+\n$/,
        );
        assert.deepEqual([code, output], [1, ""]);
      }
    }
    assert.deepEqual(picture(own), before);
  });
});

Deno.test("--allow-dirty goes on with uncommitted changes", async () => {
  await inApplication(plain, async ({ folder, install }) => {
    put(folder, { "README.md": "changed\n" });
    await succeeds(install(["--allow-dirty"]));
  });
});

Deno.test("an empty --schema or --prefix counts as none", async () => {
  await inApplication(plain, async ({ folder, install }) => {
    const said = await succeeds(install(["--schema", "", "--prefix", ""]));
    assert.match(said, /the functions clerk-webhook,/);
    const files = Object.values(picture(folder)).join("\n");
    assert.ok(files.includes("create table if not exists public.users"));
  });
});

Deno.test("install refuses to put the migrations there twice, if the manifest is lost", async () => {
  await inApplication(plain, async (application) => {
    const { folder, install } = application;
    await succeeds(install());
    await Deno.remove(join(folder, "supabase/functions"), { recursive: true });
    await commit(folder);
    const line =
      /^supabase\/migrations\/\d+_clerk_sync_preflight\.sql is from an installation, but supabase\/functions\/_clerk_sync\/manifest\.json is missing\. Restore it with git, or/;
    await refuses(application, install, line);
    await refuses(application, () => install(["--replace"]), line);
  });
});

Deno.test("an installation cannot move, and uninstall needs one", async () => {
  await inApplication(plain, async (application) => {
    const { install, uninstall } = application;
    await refuses(
      application,
      uninstall,
      /\. has no installation: there is no supabase\/functions\/_clerk_sync\/manifest\.json/,
    );
    await succeeds(install(["--schema", "clerk_data"]));
    const another = /installed with another (schema|prefix) already/;
    await refuses(application, () => install(["--schema", "other"]), another);
    await refuses(application, () => install(["--prefix", "other"]), another);
  });
});
