import assert from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import { z } from "zod";
import { generateKeys } from "../../local/keys/keys.ts";
import { readEnvironment } from "../../local/options.ts";
import { type RunningStack, startStack } from "../../local/stack.ts";
import { freePortBase } from "../support/stack/free_port_base.ts";
import { withUsedFolder } from "./temporary.ts";

async function withSql<T>(url: string, run: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await run(sql);
  } finally {
    await sql.end();
  }
}

async function withStack(directory: string, test: (stack: RunningStack) => Promise<void>) {
  const stack = await startStack({
    directory,
    portBase: freePortBase(),
    postgresMajor: readEnvironment().postgresMajor,
  });
  try {
    await test(stack);
  } finally {
    await stack.stop();
  }
}

/** The SQLSTATE of a statement's failure. */
function failure(url: string, statement: string): Promise<unknown> {
  return withSql(url, (sql) => sql.unsafe(statement)).then(
    () => "done",
    (error) => error instanceof postgres.PostgresError ? error.code : error,
  );
}

function addressOf({ values }: RunningStack, role: string): string {
  const url = new URL(values.DB_URL);
  url.username = role;
  return url.href;
}

const keys = z.object({ databaseAdminPassword: z.string(), authenticatorPassword: z.string() });

Deno.test("the database's superuser and its files are safe from who knows the known password", async (test) => {
  await withUsedFolder(async (directory) => {
    await withStack(directory, async (stack) => {
      const { values, adminUrl, functions } = stack;
      const { DB_URL } = values;

      await test.step("only the role postgres, which is not a superuser, has the known password", async () => {
        assert.equal(new URL(DB_URL).password, "postgres");
        await withSql(DB_URL, async (sql) => {
          const [row] = await sql`select rolsuper from pg_roles where rolname = current_user`;
          assert.equal(row?.rolsuper, false);
          const known = await sql`select rolname from pg_roles where rolcanlogin`;
          for (const { rolname: role } of known) {
            if (role === "postgres") continue;
            assert.equal(await failure(addressOf(stack, role), "select 1"), "28P01", role);
          }
        });
        assert.equal(await failure(DB_URL, "copy (select 1) to program 'true'"), "42501");
        assert.equal(await failure(DB_URL, "alter role supabase_admin password 'x'"), "42501");
        assert.equal(await failure(adminUrl, "select pg_read_file('PG_VERSION')"), "done");
      });

      await test.step("nobody gets into the database without a password", async () => {
        await withSql(adminUrl, async (sql) => {
          const rules = await sql`select distinct auth_method from pg_hba_file_rules`;
          assert.deepEqual(rules.map(({ auth_method: method }) => method), ["scram-sha-256"]);
          const [row] = await sql`
            select current_setting('unix_socket_directories') as sockets,
              current_setting('listen_addresses') as addresses`;
          assert.deepEqual({ ...row }, { sockets: "", addresses: "127.0.0.1" });
        });
      });

      await test.step("the superuser's password is only in the keys file", async () => {
        const { databaseAdminPassword: password } = keys.parse(
          JSON.parse(await Deno.readTextFile(join(directory, "keys.json"))),
        );
        assert.ok(!JSON.stringify(values).includes(password));
        for (const { pid } of functions.values()) {
          if (Deno.build.os !== "linux") break;
          const environment = await Deno.readTextFile(`/proc/${pid}/environ`);
          assert.ok(!environment.includes(password));
        }
        const files = await new Deno.Command("grep", {
          args: ["-rl", password, directory],
        }).output();
        assert.equal(new TextDecoder().decode(files.stdout), `${join(directory, "keys.json")}\n`);
      });
    });
  });
});

Deno.test("an older stack gets its own passwords at its next start", async () => {
  await withUsedFolder(async (directory) => {
    const { databaseAdminPassword: _own, authenticatorPassword: _other, ...former } =
      await generateKeys();
    const file = join(directory, "keys.json");
    await withStack(directory, async ({ adminUrl }) => {
      await withSql(adminUrl, (sql) => sql`alter role supabase_admin password 'postgres'`);
    });
    await Deno.writeTextFile(file, JSON.stringify(former));
    await withStack(directory, async (stack) => {
      const { clerkInstanceId } = JSON.parse(await Deno.readTextFile(file));
      assert.equal(clerkInstanceId, former.clerkInstanceId);
      assert.equal(await failure(addressOf(stack, "supabase_admin"), "select 1"), "28P01");
      assert.equal(await failure(stack.adminUrl, "select 1"), "done");
    });
    await Deno.remove(file);
    await assert.rejects(
      withStack(directory, () => Promise.resolve()),
      /does not accept the superuser's password in keys\.json.*start --fresh$/,
    );
  });
});
