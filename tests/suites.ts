import type { PostgresMajor } from "../local/binaries/postgres.ts";

/** The edge runtime's level. */
const edgeRuntime = "2.1.4";

/** Tests that run together, with what they need. */
export interface Suite {
  readonly title: string;
  readonly folders: readonly string[];
  /** Version of the Deno that runs the tests, or the functions where there is a stack. */
  readonly deno?: string;
  /** Whether its files run side by side; those that share a stack do not. */
  readonly parallel?: boolean;
  /** Whether the tests expect a running stack. */
  readonly stack?: boolean;
  /** Whether its database grants new tables to the API's roles by itself. */
  readonly automaticGrants?: boolean;
  /** ICU locale that its database sorts by, where that is not by code point. */
  readonly databaseLocale?: string;
  /** The schema of the tables, where that is not public. */
  readonly schema?: string;
  /** Its PostgreSQL, where that is not the one that LOCAL_POSTGRES chooses. */
  readonly postgresMajor?: PostgresMajor;
}

/** What another PostgreSQL may fail first: the schema, writing, rights and what the planner tells. */
const onOtherVersions = [
  "tests/database/apply_clerk_facts_test.ts",
  "tests/database/apply_organization_facts_test.ts",
  "tests/database/hosted_catalogue_test.ts",
  "tests/database/migrations_test.ts",
  "tests/database/row_level_security_test.ts",
  "tests/database/schema_test.ts",
  "tests/http/main_job_test.ts",
  "tests/rights/catalogue_test.ts",
  "tests/rights/planned_counts_test.ts",
  "tests/rights/tenants_test.ts",
];

/** The suite of the inner loop: what needs no stack and no other version of anything. */
export const quick = "Functions and the Clerk double";

/** The longest first, so that the last ones to run side by side end at about the same time. */
export const suites: readonly Suite[] = [
  {
    title: "Through the stack",
    folders: [
      "tests/database",
      "tests/http",
      "tests/deploy",
      "tests/convergence",
      "tests/examples",
    ],
    stack: true,
  },
  { title: "Life cycle of the stack", folders: ["tests/stack"] },
  {
    title: "Rights where new tables are granted by themselves, sorted as in English",
    folders: ["tests/database", "tests/rights", "tests/examples"],
    stack: true,
    automaticGrants: true,
    databaseLocale: "en-US",
  },
  { title: "Faults", folders: ["tests/faults"] },
  { title: "Attacks", folders: ["tests/attacks"] },
  { title: "Load", folders: ["tests/load"] },
  { title: "Doors", folders: ["tests/rights", "tests/leaks", "tests/supply"], stack: true },
  { title: "Many writers at once", folders: ["tests/concurrency"], stack: true },
  { title: "On PostgreSQL 15", folders: onOtherVersions, stack: true, postgresMajor: "15" },
  { title: "On PostgreSQL 18", folders: onOtherVersions, stack: true, postgresMajor: "18" },
  { title: quick, folders: ["tests/functions", "tests/clerk"], parallel: true },
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
      "tests/examples/people_test.ts",
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
    title: `Through the stack, functions on Deno ${edgeRuntime}`,
    folders: ["tests/http"],
    deno: edgeRuntime,
    stack: true,
  },
];
