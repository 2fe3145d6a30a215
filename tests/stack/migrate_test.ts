import assert from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import { readEnvironment } from "../../local/options.ts";
import { startStack } from "../../local/stack.ts";
import { runOnDatabase } from "../../local/supabase_cli.ts";
import { placeIn, run } from "../support/commands.ts";
import { freePortBase } from "../support/stack/free_port_base.ts";
import { makeUsedFolder } from "../support/stack/used_folder.ts";
import { withFolder, withUsedFolder } from "./temporary.ts";

const portBase = freePortBase();
const here = `127.0.0.1:${portBase + 1}`;
const asked =
  "Use one like postgresql://USER:PASSWORD@HOST:5432/postgres (in the dashboard: Connect)";
const pooler =
  "cannot be reached: it has only an IPv6 address, which this network may not reach. " +
  "Use the pooler's address (in the dashboard: Connect, Session pooler)";

const refusals: Record<string, string> = {
  [`postgresql://postgres@${here}/postgres`]:
    "The database needs a password for user postgres, but its address has none. " +
    "Write it as USER:PASSWORD@",
  [`postgresql://postgres:wrong@${here}/postgres`]:
    "The database refused the password of user postgres. Correct it in the address",
  [`postgresql://${here}/postgres?user=postgres&password=wrong`]:
    "The database refused the password of user postgres. Correct it in the address",
  [`postgresql://postgres:[YOUR-PASSWORD]@${here}/postgres`]:
    "The database's address still says [YOUR-PASSWORD]. Replace it with the database's password",
  [`postgresql://postgres:100%@${here}/postgres`]:
    "The database's address has a % in its user or password that is not percent-encoded. " +
    "Write it as %25",
  [`postgresql://postgres:a%ZZb@${here}/postgres`]:
    "The database's address has a % in its user or password that is not percent-encoded. " +
    "Write it as %25",
  [`postgresql://postgres:a/b@${here}/postgres`]: "The database's address is not a URL like " +
    "postgresql://USER:PASSWORD@HOST:5432/postgres (in the dashboard: Connect). " +
    "Percent-encode the password's special characters",
  "https://abcdefghijklmnopqrst.supabase.co": `This is a web address, not the database's. ${asked}`,
  "postgresql://postgres:x@[2001:db8::1]:5432/postgres": `[2001:db8::1]:5432 ${pooler}`,
  "postgresql://postgres:x@127.0.0.1:1/postgres":
    "No database answers at 127.0.0.1:1. Check the address, and that the database is running",
};

Deno.test("migrate says in one line what is wrong with an address", async () => {
  await withFolder(async (folder) => {
    const directory = join(folder, "local");
    const { postgresMajor } = readEnvironment();
    await makeUsedFolder(directory);
    const stack = await startStack({ directory, portBase, postgresMajor });
    try {
      for (const [address, line] of Object.entries(refusals)) {
        const place = placeIn(join(folder, "other"), {
          environment: { DB_CONNECTION_STRING: address },
        });
        const { code, output, errors } = await run("migrate", place);
        assert.equal(code, 1, address);
        assert.deepEqual({ output, errors }, { output: "", errors: `${line}\n` });
      }
      for (
        const address of [
          `postgresql://postgres@${here}/postgres?password=postgres`,
          `postgresql://postgres:postgres@${here}/postgres`,
        ]
      ) {
        const { output, errors } = await run(
          "migrate",
          placeIn(join(folder, "other"), { environment: { DB_CONNECTION_STRING: address } }),
        );
        assert.equal(errors, "");
        // The password equals the user's name, and other text with it must not be hidden.
        assert.match(output, /^Target: custom Postgres .*\n.*up to date/);
      }
    } finally {
      await stack.stop();
    }
  });
});

Deno.test("migrate points to --fresh if the local stack has migrations that are gone", async () => {
  await withUsedFolder(async (directory) => {
    const { postgresMajor } = readEnvironment();
    const stack = await startStack({ directory, portBase: freePortBase(), postgresMajor });
    try {
      const sql = postgres(stack.values.DB_URL, { max: 1 });
      await sql`insert into supabase_migrations.schema_migrations (version) values ('20200101000000')`;
      await sql.end();
      assert.deepEqual(await run("migrate", placeIn(directory)), {
        code: 1,
        output: "",
        errors:
          "Nothing has been changed: the database's migration history has 1 version that is " +
          "not in supabase/migrations. Start over with: deno task start --fresh\n",
      });
    } finally {
      await stack.stop();
    }
  });
});

/** Runs a script as the Supabase CLI, to see what it is given and how its output is changed. */
async function given(folder: string, databaseUrl: string, script: string) {
  const file = join(folder, "supabase");
  await Deno.writeTextFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  return await runOnDatabase({ file, home: folder, project: folder, databaseUrl, args: ["x"] });
}

Deno.test("no password is in the CLI's arguments or output", async () => {
  await withFolder(async (folder) => {
    const script = 'echo "$@" "<$PGPASSWORD>"';
    for (
      const address of [
        "postgresql://ada:s3cr%40t@db.example:5432/postgres?sslmode=require",
        "postgresql://ada@db.example:5432/postgres?sslmode=require&password=s3cr%40t",
      ]
    ) {
      const { stdout } = await given(folder, address, script);
      assert.match(
        stdout,
        /--remote=postgresql:\/\/ada@db\.example:5432\/postgres\?sslmode=require /,
      );
      assert.match(stdout, /<\[password\]>\n$/);
      assert.ok(!stdout.includes("s3cr"), stdout);
    }
  });
});

Deno.test("the CLI's advice about options that the user did not type is not passed on", async () => {
  await withFolder(async (folder) => {
    const { success, stderr } = await given(
      folder,
      "postgresql://ada:unlike-any-word@db.example/postgres",
      `cat >&2 <<'END'
ERROR: relation "x" exists (SQLSTATE 42P07)
Try rerunning the command with --debug to troubleshoot the error.
Connect to your database by setting the env var correctly: SUPABASE_DB_PASSWORD
Warning: --db-url is deprecated. Use --remote=<db-url> instead
Make sure your local IP is allowed in Network Restrictions and Network Bans.
https://supabase.com/dashboard/project/_/database/settings
END
exit 1`,
    );
    assert.deepEqual({ success, stderr }, {
      success: false,
      stderr: 'ERROR: relation "x" exists (SQLSTATE 42P07)',
    });
  });
});

Deno.test("the CLI's advice to repair the migration history is never passed on", async () => {
  await withFolder(async (folder) => {
    const { stdout, stderr } = await given(
      folder,
      "postgresql://ada:unlike-any-word@db.example/postgres",
      `cat > advice <<'END'
The history differs.
If the error persists, try repairing the migration history table:
supabase migration repair --status applied 20250101000000
And update local migrations to match remote database:
supabase db pull
END
cat advice; cat advice >&2; exit 1`.replaceAll("advice", join(folder, "advice")),
    );
    assert.deepEqual({ stdout, stderr }, {
      stdout: "The history differs.",
      stderr: "The history differs.",
    });
  });
});
