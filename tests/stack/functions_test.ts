import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { binariesDirectory } from "../../local/binaries/directory.ts";
import { locateDeno } from "../../local/binaries/locate.ts";
import { describeDouble } from "../../local/clerk_source.ts";
import { buildFunctionEnvironment } from "../../local/functions/environment.ts";
import { createFunctions, type Functions } from "../../local/functions/functions.ts";
import { createSecretsReader } from "../../local/functions/secrets_file.ts";
import { generateKeys } from "../../local/keys/keys.ts";
import { checkout } from "../../local/options.ts";
import { type Log, openLog } from "../../local/supervisor/log.ts";
import { startWatchdog } from "../../local/supervisor/watchdog.ts";
import { eventually } from "../support/eventually.ts";
import { serveLoopback } from "../support/loopback_server.ts";
import { withFolder } from "./temporary.ts";

const keys = await generateKeys();
const clerk = await describeDouble(keys, "http://127.0.0.1:4");

type Project = {
  functions: Functions;
  lines: string[];
  write(path: string, text: string): Promise<void>;
  ask(name: string, query?: string): Promise<string>;
};

/** Runs the functions of a project made of these files, with this version of Deno. */
async function withFunctions(
  files: Record<string, string>,
  test: (project: Project) => Promise<void>,
  { version = Deno.version.deno, overrides = {} as Record<string, string | null> } = {},
) {
  await withFolder(async (folder) => {
    const project = join(folder, "project");
    const write = async (path: string, text: string) => {
      const file = join(project, path);
      await Deno.mkdir(dirname(file), { recursive: true });
      // Replaced in one step like an editor does, because half a file would be another change.
      const draft = join(dirname(file), `.${basename(file)}.draft`);
      await Deno.writeTextFile(draft, text);
      await Deno.rename(draft, file);
    };
    for (const name of ["import_map.json", "deno.lock"]) {
      await write(name, await Deno.readTextFile(join(checkout, name)));
    }
    for (const [path, text] of Object.entries(files)) await write(path, text);

    const directory = await binariesDirectory(checkout, folder);
    const file = await locateDeno(version, { directory, print: () => {} });
    const watchdog = startWatchdog(join(folder, "lock"));
    const logs: Log[] = [];
    const lines: string[] = [];
    const print = (line: string) => void lines.push(line);
    const secrets = createSecretsReader(project, print);
    const functions = createFunctions(
      {
        deno: { file, version },
        project,
        directory: join(folder, "functions"),
        environment: () =>
          buildFunctionEnvironment({
            apiUrl: "http://127.0.0.1:1",
            databaseUrl: "postgresql://127.0.0.1:2",
            clerk,
            keys,
            secrets,
            overrides,
          }),
      },
      (name) => {
        const log = openLog(join(folder, `${name}.log`));
        logs.push(log);
        return { log, watchdog, print, fail: (error) => assert.fail(error) };
      },
      { watch: true, print },
    );
    const ask = async (name: string, query = "") => {
      const port = await functions.port(name)?.();
      if (port === undefined) return "down";
      // The function may be restarting just now.
      return await fetch(`http://127.0.0.1:${port}/${name}${query}`)
        .then((response) => response.text(), () => "ended");
    };
    try {
      await functions.start();
      await test({ functions, lines, write, ask });
    } finally {
      await functions.stop();
      for (const log of logs) log.close();
      await watchdog.dismiss();
    }
  });
}

const index = (name: string) => `supabase/functions/${name}/index.ts`;
const answering = (text: string) => `Deno.serve(() => new Response(${JSON.stringify(text)}));\n`;

Deno.test("with the developer's own instance, the app's origins reach the functions", async () => {
  await withFolder(async (project) => {
    const file = join(project, "supabase/functions/.env");
    await Deno.mkdir(dirname(file), { recursive: true });
    const secrets = { CLERK_AUTHORIZED_PARTIES: "https://app.example.com" };
    await Deno.writeTextFile(
      file,
      `CLERK_AUTHORIZED_PARTIES=${secrets.CLERK_AUTHORIZED_PARTIES}\n`,
    );
    const read = createSecretsReader(project, (line) => assert.fail(line), {});
    assert.deepEqual(await read(), secrets);
  });
});

for (const version of [Deno.version.deno, "2.1.4"]) {
  Deno.test(`a function's environment has only the platform's variables and the secrets (Deno ${version})`, async () => {
    const source = "Deno.serve(() => Response.json(Deno.env.toObject()));\n";
    await withFunctions({
      [index("environment")]: source,
      "supabase/functions/.env":
        "OWN_SECRET='own value'\nCLERK_SECRET_KEY=sk_live_real\nCLERK_JWT_KEY=x\nSUPABASE_URL=y\nGONE=1\n",
    }, async ({ ask }) => {
      const environment = JSON.parse(await ask("environment"));
      assert.deepEqual(Object.keys(environment).sort(), [
        "CLERK_API_URL",
        "CLERK_RECONCILE_KEY",
        "CLERK_SECRET_KEY",
        "CLERK_WEBHOOK_SECRET",
        "OWN_SECRET",
        "SB_EXECUTION_ID",
        "SB_REGION",
        "SUPABASE_ANON_KEY",
        "SUPABASE_DB_URL",
        "SUPABASE_JWKS",
        "SUPABASE_PUBLISHABLE_KEYS",
        "SUPABASE_SECRET_KEYS",
        "SUPABASE_SERVICE_ROLE_KEY",
        "SUPABASE_URL",
      ]);
      assert.equal(environment.OWN_SECRET, "own value");
      assert.equal(environment.CLERK_SECRET_KEY, keys.clerkSecretKey);
      assert.equal(environment.SUPABASE_URL, "http://127.0.0.1:1");
      assert.deepEqual(JSON.parse(environment.SUPABASE_SECRET_KEYS), { default: keys.secretKey });
    }, { version, overrides: { GONE: null } });
  });

  Deno.test(`secrets with reserved names are left out with a message, and the others arrive (Deno ${version})`, async () => {
    const source = "Deno.serve(() => Response.json(Deno.env.toObject()));\n";
    await withFunctions({
      [index("environment")]: source,
      [index("other")]: source,
      "supabase/functions/.env":
        "\uFEFFCLERK_SECRET_KEY=sk_live_real\r\nDENO_DIR=/nowhere\r\nPATH=\r\nHTTPS_PROXY=x\r\n" +
        'SUPABASE_DB_URL=y\r\nLD_PRELOAD=z\r\nOWN="two\\nlines"\r\nPATHS=a b # c\r\n',
    }, async ({ ask, lines }) => {
      const environment = JSON.parse(await ask("environment"));
      assert.deepEqual([environment.OWN, environment.PATHS], ["two\nlines", "a b"]);
      assert.ok(!JSON.stringify(environment).includes("sk_live_real"));
      assert.deepEqual(
        ["DENO_DIR", "PATH", "HTTPS_PROXY"].filter((name) => name in environment),
        [],
      );
      const reason = "It would change the functions' runtime, not the functions";
      assert.deepEqual(lines, [
        `supabase/functions/.env: DENO_DIR is left out. ${reason}`,
        `supabase/functions/.env: PATH is left out. ${reason}`,
        `supabase/functions/.env: HTTPS_PROXY is left out. ${reason}`,
        "supabase/functions/.env: SUPABASE_DB_URL is left out. " +
        "Supabase sets the variables that begin with SUPABASE_",
        `supabase/functions/.env: LD_PRELOAD is left out. ${reason}`,
      ]);
    }, { version });
  });

  Deno.test(`the app's origins are left out with a message, because the double's tokens are of others (Deno ${version})`, async () => {
    await withFunctions({
      [index("environment")]: "Deno.serve(() => Response.json(Deno.env.toObject()));\n",
      "supabase/functions/.env": "CLERK_AUTHORIZED_PARTIES=https://app.example.com\n",
    }, async ({ ask, lines }) => {
      const environment = JSON.parse(await ask("environment"));
      assert.equal("CLERK_AUTHORIZED_PARTIES" in environment, false);
      assert.deepEqual(lines, [
        "supabase/functions/.env: CLERK_AUTHORIZED_PARTIES is left out. " +
        "The Clerk double's tokens are of other origins",
      ]);
    }, { version });
  });

  Deno.test(`a function's requests pass the proxy that it does not see (Deno ${version})`, async () => {
    await using proxy = serveLoopback(() => new Response("through the proxy"));
    const source = `Deno.serve(async () => {
      const answer = await fetch("http://clerk.invalid/").then((a) => a.text(), () => "failed");
      return new Response([answer, Deno.env.has("HTTP_PROXY"), Deno.env.has("NO_PROXY")].join());
    });\n`;
    const before = Deno.env.get("HTTP_PROXY");
    Deno.env.set("HTTP_PROXY", proxy.url);
    try {
      await withFunctions({ [index("proxied")]: source }, async ({ ask }) => {
        assert.equal(await ask("proxied"), "through the proxy,false,false");
      }, { version });
    } finally {
      if (before === undefined) Deno.env.delete("HTTP_PROXY");
      else Deno.env.set("HTTP_PROXY", before);
    }
    assert.equal(proxy.requests.length, 1);
  });

  Deno.test(`a function can use the import map, every form of Deno.serve and waitUntil (Deno ${version})`, async () => {
    const hono = `import { Hono } from "hono";
      const app = new Hono().get("*", (context) => context.text(new URL(context.req.url).hostname));
      Deno.serve({ port: 9999, hostname: "0.0.0.0" }, app.fetch);\n`;
    const waiting = `Deno.serve({ handler: () => {
        EdgeRuntime.waitUntil(new Promise((resolve) => setTimeout(resolve, 1)));
        return new Response("answered");
      } });\n`;
    await withFunctions(
      { [index("hono")]: hono, [index("waiting")]: waiting },
      async ({ ask }) => {
        assert.equal(await ask("hono"), "127.0.0.1");
        assert.equal(await ask("waiting"), "answered");
      },
      { version },
    );
  });

  Deno.test(`a function can reach the network but nothing else on the machine (Deno ${version})`, async () => {
    const source = `Deno.serve(async () => {
        const refused = async (work) => {
          try { await work(); return false; } catch (error) { return /NotCapable|PermissionDenied/.test(error.name); }
        };
        return Response.json([
          await refused(() => Deno.readTextFile("/etc/hostname")),
          await refused(() => Deno.writeTextFile("/tmp/x", "")),
          await refused(() => new Deno.Command("/bin/sh").output()),
        ]);
      });\n`;
    await withFunctions({ [index("curious")]: source }, async ({ ask }) => {
      assert.equal(await ask("curious"), "[true,true,true]");
    }, { version });
  });
}

Deno.test("a function restarts when its file or the shared code changes", async () => {
  const importing = `import { text } from "../_shared/text.ts";
    Deno.serve(() => new Response(text));\n`;
  await withFunctions({
    [index("one")]: answering("one"),
    [index("two")]: importing,
    "supabase/functions/_shared/text.ts": 'export const text = "two";\n',
  }, async ({ ask, write, functions, lines }) => {
    const untouched = functions.parts.get("two")?.pid;
    await write(index("one"), answering("one, changed"));
    await eventually("the change of one", async () => await ask("one") === "one, changed");
    assert.equal(functions.parts.get("two")?.pid, untouched);
    assert.deepEqual(lines, ["one reloaded"]);

    await write("supabase/functions/_shared/text.ts", 'export const text = "shared";\n');
    await eventually("the change of the shared code", async () => await ask("two") === "shared");
    assert.equal(await ask("one"), "one, changed");
  });
});

Deno.test("a syntax error is shown, and the function is back when it is fixed", async () => {
  await withFunctions({ [index("one")]: answering("good") }, async ({ ask, write, lines }) => {
    await write(index("one"), "Deno.serve((");
    await eventually("the function to be down", async () => await ask("one") === "down");
    assert.match(lines.join("\n"), /one did not start \(code 1\).*index\.ts:1/s);
    await write(index("one"), answering("mended"));
    await eventually("the function to be back", async () => await ask("one") === "mended");
  });
});

Deno.test("a function that never starts does not stop the others", async () => {
  const files = { [index("bad")]: 'import "./missing.ts";\n', [index("good")]: answering("good") };
  await withFunctions(files, async ({ ask, functions, write }) => {
    assert.equal(functions.parts.get("bad")?.state, "broken");
    assert.equal(await ask("good"), "good");
    await write("supabase/functions/bad/missing.ts", answering("found"));
    await eventually("the missing file to be noticed", async () => await ask("bad") === "found");
  });
});

Deno.test("a function added while the stack runs is served", async () => {
  await withFunctions({ [index("one")]: answering("one") }, async ({ ask, write, functions }) => {
    assert.equal(functions.port("late"), undefined);
    await write(index("late"), answering("late"));
    await eventually("the new function", () => functions.port("late") !== undefined);
    assert.equal(await ask("late"), "late");
  });
});

Deno.test("a function that keeps ending is restarted and never fails the stack", async () => {
  const source = `Deno.serve((request) => {
      if (request.url.endsWith("?end")) setTimeout(() => { throw new Error("later") });
      return new Response("up");
    });\n`;
  await withFunctions({ [index("one")]: source }, async ({ ask, functions, lines }) => {
    for (let death = 0; death < 4; death++) {
      await functions.parts.get("one")?.ready();
      const pid = functions.parts.get("one")?.pid;
      assert.equal(await ask("one"), "up");
      // The function may end before it answers.
      await ask("one", "?end");
      await eventually("its end", () => functions.parts.get("one")?.pid !== pid);
    }
    assert.equal(await ask("one"), "up");
    assert.deepEqual(new Set(lines), new Set(["one exited (code 1), restarting"]));
  });
});

Deno.test("functions stopped during discovery never run", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "supabase", "functions", "late"), { recursive: true });
    await Deno.writeTextFile(
      join(folder, "supabase", "functions", "late", "index.ts"),
      "Deno.serve(() => new Response());",
    );
    const functions = createFunctions(
      {
        deno: { file: Deno.execPath(), version: Deno.version.deno },
        project: folder,
        directory: join(folder, "functions"),
        environment: () => assert.fail("a function is about to run"),
      },
      () => assert.fail("a function is about to run"),
      { watch: true, print: () => {} },
    );
    const starting = functions.start();
    await functions.stop();
    await assert.rejects(starting, /stopped/);
    assert.equal(functions.parts.size, 0);
  });
});
