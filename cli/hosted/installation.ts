import { join } from "node:path";
import { ourMigrations } from "../../local/migrations/ours.ts";
import { checkout } from "../../local/options.ts";
import { ifPresent } from "../../local/presence.ts";
import { findManifest } from "../install/manifest.ts";
import { placeTablesOf } from "../install/migrations.ts";
import { functionNames, readMigrations } from "../install/product.ts";
import { followRenames } from "../install/renamed.ts";
import type { WantedEndpoint } from "./endpoints.ts";
import { fail, type Outcome, succeed } from "./outcome.ts";
import type { ProjectAccess } from "./supabase.ts";

/** What is installed in a project's folder. */
export interface Installation {
  readonly prefix: string;
  /** The tables' schema. */
  readonly schema: string;
  /** The functions' names there. */
  readonly functions: readonly string[];
  /** The first migration, which looks at the database and changes nothing. */
  readonly preflight: string;
}

/** @param schema the tables' schema if the project is this checkout */
export async function readInstallation(
  project: string,
  schema: string,
): Promise<Outcome<Installation>> {
  const found = await findManifest(project);
  const manifest = found && await followRenames(project, found);
  if (manifest === undefined && project !== checkout) {
    return fail(`${project} has no installation`, "Run install there first");
  }
  const installed = manifest ?? { prefix: "", schema };
  const { prefix } = installed;
  const [first = ""] = ourMigrations;
  const path = manifest?.migrations[first];
  const own = path && await ifPresent(Deno.readTextFile(join(project, path)));
  // It is gone where migrations were squashed.
  const [shipped = ""] = placeTablesOf(await readMigrations(), installed.schema).values();
  const preflight = own ?? shipped;
  const functions = functionNames.map((name) => `${prefix}${name}`);
  return succeed({ prefix, schema: installed.schema, functions, preflight });
}

/** The project's reference: the given one, else of the project that `supabase link` has linked. */
export async function readProjectRef(
  project: string,
  given: string | undefined,
): Promise<Outcome<string>> {
  const linked = await ifPresent(Deno.readTextFile(join(project, "supabase/.temp/project-ref")));
  const ref = (given ?? linked ?? "").trim();
  if (/^[a-z]{20}$/.test(ref)) return succeed(ref);
  return fail(
    ref === ""
      ? "There is no project to go to"
      : "The project's reference must have 20 small letters",
    "Give it with --project-ref (in Supabase's dashboard: Project Settings, General)",
  );
}

/** The webhook's endpoint, near the database whoever calls it. */
export function describeEndpoint(
  { ref, url }: Pick<ProjectAccess, "ref" | "url">,
  prefix: string,
  region: string,
): WantedEndpoint {
  const name = `${prefix}clerk-webhook`;
  return {
    uid: `${ref}-${name}`,
    url: `${url}/functions/v1/${name}?forceFunctionRegion=${region}`,
  };
}
