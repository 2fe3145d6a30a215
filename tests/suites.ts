import type { PostgresMajor } from "../local/binaries/postgres.ts";

/** The Deno version that Supabase's edge runtime is based on. */
export const edgeRuntime = "2.1.4";

/** Tests that run together, and what they need. */
export interface Suite {
  readonly title: string;
  readonly folders: readonly string[];
  /** The Deno version that runs the tests; this one if absent. */
  readonly deno?: string;
  /** Whether functions run as they are deployed: from their bundles, on the edge runtime's Deno. */
  readonly deployed?: boolean;
  /** Whether its files run side by side. Files that share a stack do not. */
  readonly parallel?: boolean;
  /** Whether the tests need Chromium or Chrome. Without one, the suite is left out. */
  readonly browser?: boolean;
  /** Whether the tests expect a running stack. */
  readonly stack?: boolean;
  /** Whether its database grants new tables to the API's roles automatically. */
  readonly automaticGrants?: boolean;
  /** The ICU locale that its database sorts by; by code point if absent. */
  readonly databaseLocale?: string;
  /** The schema of the tables; public if absent. */
  readonly schema?: string;
  /** Its PostgreSQL; the one that LOCAL_POSTGRES chooses if absent. */
  readonly postgresMajor?: PostgresMajor;
}

/** The tests most likely to fail on another PostgreSQL: schema, writing, rights and query plans. */
const onOtherVersions = [
  "tests/database/apply_clerk_facts_test.ts",
  "tests/database/apply_organization_facts_test.ts",
  "tests/database/ending_memberships_test.ts",
  "tests/database/hosted_catalogue_test.ts",
  "tests/database/migrations_test.ts",
  "tests/database/row_level_security_test.ts",
  "tests/database/schema_test.ts",
  "tests/http/main_job_test.ts",
  "tests/rights/catalogue_test.ts",
  "tests/rights/planned_counts_test.ts",
  "tests/rights/tenants_test.ts",
];

/** The tests of `tests/database` whose outcome new tables' grants or the sort order could change. */
const onOtherGrants = [
  "apply_clerk_facts",
  "apply_organization_facts",
  "clerk_sync_runs",
  "clerk_sync_status",
  "compare_clerk_facts",
  "deactivation",
  "hosted_catalogue",
  "link_clerk_user",
  "migrations",
  "policy_helpers",
  "policy_plans",
  "refusals",
  "revive_clerk_user",
  "row_level_security",
  "schema",
].map((name) => `tests/database/${name}_test.ts`);

/** The suite that --quick runs: it needs no stack and no other version of anything. */
export const quick = "Functions and the Clerk double";

/** The longest first, so that the last suites running side by side end at about the same time. */
export const suites: readonly Suite[] = [
  { title: "Life cycle of the stack", folders: ["tests/stack"] },
  { title: "Histories", folders: ["tests/convergence"], stack: true },
  {
    title: "Through the stack",
    folders: ["tests/database", "tests/http", "tests/deploy", "tests/examples"],
    stack: true,
  },
  {
    title: "Rights with new tables granted automatically, sorted as in English",
    folders: [...onOtherGrants, "tests/rights", "tests/examples"],
    stack: true,
    automaticGrants: true,
    databaseLocale: "en-US",
  },
  { title: "Faults", folders: ["tests/faults"] },
  { title: "Backfill and reconcile", folders: ["tests/runs"], stack: true },
  { title: "Into applications", folders: ["tests/install"], stack: true },
  { title: "Operations", folders: ["tests/operations"] },
  { title: "Live projects", folders: ["tests/live"], stack: true },
  { title: "Attacks", folders: ["tests/attacks"] },
  { title: "In a browser", folders: ["tests/browser"], browser: true, stack: true },
  { title: "Load", folders: ["tests/load"] },
  { title: "Doors", folders: ["tests/rights", "tests/leaks", "tests/supply"], stack: true },
  { title: "Many writers at once", folders: ["tests/concurrency"], stack: true },
  { title: "On PostgreSQL 15", folders: onOtherVersions, stack: true, postgresMajor: "15" },
  { title: "On PostgreSQL 18", folders: onOtherVersions, stack: true, postgresMajor: "18" },
  { title: quick, folders: ["tests/functions", "tests/clerk"], parallel: true },
  { title: "The installer", folders: ["tests/cli"], parallel: true },
  {
    title: "Tables in a schema of their own",
    folders: [
      "tests/schema",
      ...[
        "apply_clerk_facts",
        "apply_organization_facts",
        "deactivation",
        "migrations",
        "policy_helpers",
        "refusals",
        "revive_clerk_user",
        "row_level_security",
      ].map((name) => `tests/database/${name}_test.ts`),
      ...["notes", "outbox", "people"].map((name) => `tests/examples/${name}_test.ts`),
    ],
    stack: true,
    schema: "clerk_data",
  },
  { title: "Parts killed", folders: ["tests/crash"] },
  {
    title: `Functions, Deno ${edgeRuntime}`,
    folders: ["tests/functions"],
    parallel: true,
    deno: edgeRuntime,
  },
  {
    title: `Through the stack, bundles on Deno ${edgeRuntime}`,
    folders: ["tests/http"],
    deployed: true,
    stack: true,
  },
  {
    title: `Attacks, bundles on Deno ${edgeRuntime}`,
    folders: ["tests/attacks"],
    deployed: true,
  },
];
