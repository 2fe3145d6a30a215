/**
 * Draws where a function's time goes, as flame graphs: in this checkout, or in several.
 *
 * deno run -A bench/flame_graph.ts webhook|users-me FILE.svg [LABEL=CHECKOUT]…
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { bundleFunctions } from "../local/bundle/bundle.ts";
import { keepLoopbackDirect } from "../local/direct_loopback.ts";
import { checkout } from "../local/options.ts";
import { findFreePort } from "../local/ports.ts";
import { denoOf } from "../tests/support/deploy/binaries.ts";
import { edgeRuntime } from "../tests/support/deploy/deployed_function.ts";
import { untilInterrupted } from "../tests/support/until_interrupted.ts";
import { drawFlameGraphs, type Graph } from "./flame_graph/draw.ts";
import { profileWhile } from "./flame_graph/profiler.ts";
import { treeOf } from "./flame_graph/tree.ts";
import { calls, sessionTokens } from "./throughput/calls.ts";
import { createCast } from "./throughput/cast.ts";
import { newUsers } from "./throughput/contenders.ts";
import { signUps } from "./throughput/deliveries.ts";
import { load, requirePrograms } from "./throughput/load.ts";
import { serve } from "./throughput/served.ts";
import { openSite, type Site } from "./throughput/site.ts";
import { someUsers } from "./throughput/tables.ts";

const seconds = 3;
const functions = { webhook: "clerk-webhook", "users-me": "users-me" } as const;
const [what, file, ...versions] = z.tuple([z.enum(["webhook", "users-me"]), z.string()], z.string())
  .parse(Deno.args);

keepLoopbackDirect();
await requirePrograms();
await untilInterrupted(async () => {
  const directory = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-flames-" });
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => Deno.remove(directory, { recursive: true }));
  const site = cleanUp.use(await openSite(1_000, directory));
  const deno = { file: await denoOf(edgeRuntime), version: edgeRuntime };
  const options = await cleanUp.use(createCast(site, { directory, deno })).optionsFor(0);

  async function graphOf(label: string, project: string): Promise<Graph> {
    const entrypoint = join(directory, `${label}.js`);
    await Deno.writeTextFile(entrypoint, await codeOf(project));
    const inspector = findFreePort();
    const inspect = `--inspect=127.0.0.1:${inspector}`;
    await using served = await serve({ name: label, entrypoint }, { ...options, flags: [inspect] });
    const loading = { url: served.url, connections: 64, seconds };
    const run = async () =>
      await load({ ...loading, requests: await requestsFor(site) }, join(directory, "requests"));
    await run();
    const requests = await requestsFor(site);
    const profile = await profileWhile(inspector, async () => {
      await load({ ...loading, requests }, join(directory, "requests"));
    });
    return { label, tree: treeOf(profile) };
  }

  const graphs: Graph[] = [];
  for (const version of versions.length > 0 ? versions : [`${what}=${checkout}`]) {
    const [label = "", project = checkout] = version.split("=");
    graphs.push(await graphOf(label, project));
  }
  await Deno.writeTextFile(file, drawFlameGraphs(graphs));
});

/** The function with its names, and with one event a batch: groups would hide what one costs. */
async function codeOf(project: string): Promise<string> {
  const grouped = join(project, "supabase/functions/_shared/database/grouped_calls.ts");
  const alone = fileURLToPath(new URL("throughput/one_at_a_time.ts", import.meta.url));
  const entrypoint = join(project, "supabase/functions", functions[what], "index.ts");
  const [bundle] = await bundleFunctions([{ name: what, entrypoint }], {
    root: project,
    readable: true,
    replaced: { [grouped]: alone },
  });
  return bundle?.code ?? "";
}

async function requestsFor(site: Site): Promise<readonly string[]> {
  if (what === "users-me") {
    return calls("GET", "users-me", await sessionTokens(someUsers(1_000, 500), site.instanceKey));
  }
  const prepare = newUsers(64, (ids) => signUps(ids, site.values.CLERK_WEBHOOK_SECRET));
  return prepare(1).requests;
}
