import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { checkout } from "../../local/options.ts";
import { serveLoopback } from "../support/loopback_server.ts";
import { listFiles, readText } from "./tree.ts";

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await readText(path) ?? ""));
}

const importMap = z.object({ imports: z.record(z.string(), z.string()) });

const lockFile = z.strictObject({
  version: z.literal("5"),
  specifiers: z.record(z.string(), z.string()),
  npm: z.record(
    z.string(),
    // Strict, because a package would be fetched from a tarball's address if its entry had one.
    z.strictObject({
      integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/),
      dependencies: z.array(z.string()).default([]),
      optionalPeers: z.array(z.string()).optional(),
      optionalDependencies: z.array(z.string()).optional(),
      os: z.array(z.string()).optional(),
      cpu: z.array(z.string()).optional(),
      scripts: z.literal(true).optional(),
      bin: z.literal(true).optional(),
    }),
  ),
  workspace: z.strictObject({ dependencies: z.array(z.string()) }),
});

/** `npm:name@1.2.3`, with or without a path after it. */
const exactPin = /^npm:\/?((?:@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+)(?:\/[\w./-]*)?$/;

async function pins(): Promise<string[]> {
  const { imports } = await readJson("import_map.json", importMap);
  return Object.values(imports).map((target) => {
    const pin = exactPin.exec(target)?.[1];
    assert.ok(pin, `${target} is not an exact version of an npm package`);
    return pin;
  });
}

Deno.test("every dependency is one exact version of an npm package", async () => {
  const versions = new Set(await pins());
  const names = [...versions].map((pin) => pin.replace(/@[^@]+$/, ""));
  assert.equal(new Set(names).size, names.length);
});

Deno.test("the lock file covers every direct and indirect dependency with its integrity", async () => {
  const lock = await readJson("deno.lock", lockFile);
  const locked = Object.keys(lock.npm);
  assert.deepEqual(
    Object.keys(lock.specifiers).sort(),
    [...new Set(await pins())].map((pin) => `npm:${pin}`).sort(),
  );
  const resolved = Object.entries(lock.specifiers).map(([specifier, version]) =>
    `${specifier.replace(/^npm:/, "").replace(/@[^@]+$/, "")}@${version}`
  );
  const wanted = [...resolved, ...Object.values(lock.npm).flatMap((entry) => entry.dependencies)];
  const missing = wanted.filter((name) =>
    !locked.some((key) => key === name || key.replace(/(?<=.)@.*$/, "") === name)
  );
  assert.deepEqual(missing, []);
});

/** For npx, which runs `bin`. Strict, because dependencies or a `type` here would change what Deno resolves. */
const packageManifest = z.strictObject({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.literal("MIT"),
  private: z.literal(true),
  engines: z.strictObject({ node: z.string() }),
  bin: z.record(z.string(), z.string()),
  files: z.array(z.string()),
});

Deno.test("package.json has the version of CHANGELOG.md, and no dependencies", async () => {
  const { version, bin } = await readJson("package.json", packageManifest);
  assert.equal((await readText("CHANGELOG.md"))?.match(/^## \[(\d[^\]]*)\]/m)?.[1], version);
  for (const path of Object.values(bin)) assert.ok(await readText(path), path);
});

Deno.test("there is one import map, one lock file and one package manifest", async () => {
  const files = (await listFiles()).filter((file) => !file.startsWith("examples/"));
  const named = (name: RegExp) => files.filter((file) => name.test(file));
  assert.deepEqual(named(/(^|\/)(package(-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|\.npmrc)$/), [
    "package.json",
  ]);
  assert.deepEqual(named(/(^|\/)deno\.lock$/), ["deno.lock"]);
  assert.deepEqual(named(/(^|\/)(import_map\.json|deno\.jsonc?)$/), [
    "deno.json",
    "import_map.json",
    // The console's page runs in a browser, so it is checked with other types.
    "local/console/page/deno.json",
  ]);
});

const exampleManifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const npmLock = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      integrity: z.string().optional(),
      dependencies: z.record(z.string(), z.string()).default({}),
      optionalDependencies: z.record(z.string(), z.string()).default({}),
    }),
  ),
});

Deno.test("the example of a frontend pins its packages, whatever registry they come from", async () => {
  const { dependencies, devDependencies } = await readJson(
    "examples/react/package.json",
    exampleManifest,
  );
  const { packages: { "": root, ...packages } } = await readJson(
    "examples/react/package-lock.json",
    npmLock,
  );
  assert.ok(root);
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(version, /^\d+\.\d+\.\d+$/, name);
    assert.equal(packages[`node_modules/${name}`]?.version, version, name);
  }
  const paths = Object.keys(packages);
  for (const [path, entry] of Object.entries(packages)) {
    assert.match(entry.integrity ?? "", /^sha512-/, path);
    assert.equal(entry["resolved"], undefined, path);
    // `npm ci` refuses a lock file that lacks one, even one that no platform here would install.
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
      assert.ok(paths.some((other) => other.endsWith(`node_modules/${name}`)), `${path}: ${name}`);
    }
  }
  const ours = (await pins()).find((pin) => pin.startsWith("@supabase/supabase-js@"));
  assert.equal(`@supabase/supabase-js@${dependencies["@supabase/supabase-js"]}`, ours);
});

Deno.test("every command refuses a module that is missing or different in the lock file", async () => {
  let source = "export {};\n";
  // A remote module stands for a package: the lock file covers both, and a module needs no registry.
  await using server = serveLoopback(() =>
    new Response(source, { headers: { "content-type": "application/typescript" } })
  );
  const address = `${server.url}/dependency.ts`;
  const directory = await Deno.makeTempDir();
  const lock = await readJson("deno.lock", lockFile);

  async function run(remote: Readonly<Record<string, string>>) {
    await Deno.writeTextFile(join(directory, "deno.lock"), JSON.stringify({ ...lock, remote }));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-import=127.0.0.1", "module.ts"],
      cwd: directory,
      env: { NO_COLOR: "1", DENO_DIR: await Deno.makeTempDir({ dir: directory }) },
      stdin: "null",
      stdout: "null",
    }).output();
    return success ? "runs" : new TextDecoder().decode(stderr);
  }

  try {
    for (const name of ["deno.json", "import_map.json"]) {
      await cp(join(checkout, name), join(directory, name));
    }
    await Deno.writeTextFile(join(directory, "module.ts"), `import "${address}";\n`);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(source));
    const locked = { [address]: new Uint8Array(digest).toHex() };
    assert.equal(await run(locked), "runs");
    assert.match(await run({}), /The lockfile is out of date/);
    source = "export const other = 1;\n";
    assert.match(await run(locked), /Integrity check failed/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("CI runs what the tasks run, and no task ignores the lock file", async () => {
  const script = await readText(".ci/run") ?? "";
  assert.match(script, /^deno task ok$/m);
  assert.match(script, /^deno task test$/m);
  const { tasks } = await readJson(
    "deno.json",
    z.object({ tasks: z.record(z.string(), z.object({ command: z.string() })) }),
  );
  for (const text of [script, ...Object.values(tasks).map(({ command }) => command)]) {
    assert.doesNotMatch(text, /--no-lock|--frozen=false|--reload|-r\b/);
  }
});
