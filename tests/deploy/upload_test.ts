import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { checkout } from "../../local/options.ts";
import type { Deployment } from "../support/deploy/deployment.ts";
import { rehearseOwnDeployment } from "./own_deployment.ts";
import { canary } from "./project_copy.ts";

const names = ["clerk-webhook", "users-me", "users-sync"];
/** Bytes. The platform's limit of 20 MB includes the packages, about 6 MB compressed. */
const muchSource = 500_000;
/** `npm:name@1.2.3`, optionally with one path or all paths in it. */
const exactPackage = /^npm:\/?(?:@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+(?:\/[\w./-]*)?$/;

let deployment: Deployment;

Deno.test.beforeAll(async () => {
  deployment = await rehearseOwnDeployment();
  assert.equal(deployment.uploads.length, names.length);
});

Deno.test("a deployment uploads and activates the three functions, which verify callers themselves", () => {
  assert.deepEqual(deployment.uploads.map(({ slug }) => slug).sort(), names);
  for (const { slug, metadata } of deployment.uploads) {
    assert.deepEqual(metadata, {
      entrypoint_path: `supabase/functions/${slug}/index.ts`,
      import_map_path: "import_map.json",
      static_patterns: [],
      verify_jwt: false,
      name: slug,
    });
  }
  assert.deepEqual(
    deployment.activated.map(({ slug, verify_jwt: verifyJwt }) => ({ slug, verifyJwt }))
      .sort((a, b) => a.slug.localeCompare(b.slug)),
    names.map((slug) => ({ slug, verifyJwt: false })),
  );
});

Deno.test("a deployment makes no unexpected request, and none beyond loopback", () => {
  assert.deepEqual(deployment.unknown, []);
  assert.deepEqual(deployment.hosts, []);
  assert.match(deployment.output, /Deployed Functions .*: users-sync, users-me, clerk-webhook/);
  assert.doesNotMatch(deployment.output, /warning|deprecated/i);
});

Deno.test("an upload holds only the import map and the modules that the function imports", async () => {
  for (const { slug, files } of deployment.uploads) {
    const modules = await importedModules(join("supabase", "functions", slug, "index.ts"));
    assert.ok(modules.every((path) => path.startsWith("supabase/functions/")), slug);
    assert.deepEqual([...files.keys()].sort(), ["import_map.json", ...modules].sort(), slug);
  }
});

Deno.test("an upload holds a few unchanged files, and no secret from beside them", async () => {
  for (const { slug, files } of deployment.uploads) {
    let size = 0;
    for (const [path, text] of files) {
      assert.equal(text, await Deno.readTextFile(join(checkout, path)), path);
      assert.ok(!text.includes(canary), path);
      size += new Blob([text]).size;
    }
    assert.ok(size < muchSource, `${slug} has ${size} bytes of source`);
  }
});

Deno.test("the uploaded import map pins every package to one version", () => {
  for (const { metadata, files } of deployment.uploads) {
    const { imports, ...others } = z.looseObject({ imports: z.record(z.string(), z.string()) })
      .parse(JSON.parse(files.get(metadata.import_map_path ?? "") ?? ""));
    assert.deepEqual(others, {});
    assert.ok(Object.keys(imports).length > 0);
    for (const address of Object.values(imports)) assert.match(address, exactPackage);
  }
});

const graph = z.object({ modules: z.array(z.object({ specifier: z.string() })) });

/** The checkout's modules that an entry point imports, by their paths from the root. */
async function importedModules(entrypoint: string): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entrypoint],
    cwd: checkout,
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr));
  return graph.parse(JSON.parse(decoder.decode(stdout))).modules
    .filter(({ specifier }) => specifier.startsWith("file:"))
    .map(({ specifier }) => relative(checkout, fileURLToPath(specifier)));
}
