import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleFunctions } from "../../local/bundle/bundle.ts";
import { checkout } from "../../local/options.ts";
import type { Row } from "./figures.ts";
import type { Subject } from "./served.ts";

export const functionNames = ["clerk-webhook", "users-me", "users-sync"] as const;
export type FunctionName = typeof functionNames[number];

/** All that is measured. */
export interface Subjects {
  /** The bundles that are deployed. */
  readonly ours: Readonly<Record<FunctionName, Subject>>;
  /** The webhook without grouped calls: each event goes alone and at once. */
  readonly alone: Subject;
  /** The sources, as people deploy them. */
  readonly peers: Readonly<Record<FunctionName, Subject>>;
  readonly empty: Subject;
  /** What each function loads. */
  readonly loaded: readonly Row[];
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const shared = (path: string) => join(checkout, "supabase/functions/_shared", path);

/** Bundles what is measured into a folder. */
export async function createSubjects(directory: string): Promise<Subjects> {
  const sources = functionNames.map((name) => ({
    name,
    entrypoint: join(checkout, "supabase/functions", name, "index.ts"),
  }));
  const peerSources = functionNames.map((name) => ({
    name,
    entrypoint: here(`peers/${name.replaceAll("-", "_")}.ts`),
  }));
  const root = checkout;
  const ours = await bundleFunctions(sources, { root });
  const theirs = await bundleFunctions(peerSources, { root, whole: true });
  const [alone] = await bundleFunctions(sources.slice(0, 1), {
    root,
    replaced: { [shared("database/grouped_calls.ts")]: here("one_at_a_time.ts") },
  });

  async function place(name: string, code: string): Promise<Subject> {
    const entrypoint = join(directory, `${name}.js`);
    await Deno.writeTextFile(entrypoint, code);
    return { name, entrypoint };
  }

  async function placed(name: FunctionName): Promise<Subject> {
    return await place(`ours-${name}`, ours.find((bundle) => bundle.name === name)?.code ?? "");
  }

  const peer = (index: number): Subject => ({
    name: `peer-${functionNames[index]}`,
    entrypoint: peerSources[index]?.entrypoint ?? "",
  });
  return {
    ours: {
      "clerk-webhook": await placed("clerk-webhook"),
      "users-me": await placed("users-me"),
      "users-sync": await placed("users-sync"),
    },
    alone: await place("ours-alone", alone?.code ?? ""),
    peers: { "clerk-webhook": peer(0), "users-me": peer(1), "users-sync": peer(2) },
    empty: { name: "empty", entrypoint: here("peers/empty.ts") },
    loaded: functionNames.map((name, index) => ({
      what: `${name}: what it loads, minified, one module`,
      against: `150 KB (the peer's ${theirs[index]?.modules} modules, minified: ${
        kilobytes(theirs[index]?.code ?? "").toFixed(0)
      } KB)`,
      unit: "KB",
      ours: kilobytes(ours[index]?.code ?? ""),
      theirs: 150,
      target: { atMost: 1 },
    })),
  };
}

function kilobytes(code: string): number {
  return new TextEncoder().encode(code).length / 1000;
}
