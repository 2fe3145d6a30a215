import { doubleOf } from "../support/stack/double_part.ts";
import type { RunningStack } from "../../local/stack.ts";
import { misbehave } from "./clerk_faults.ts";
import { change, defaultToReadOnly, makeStandby, takeAllConnections } from "./database_faults.ts";
import type { Door, FunctionName } from "./load.ts";
import { freeze, keepDown, type Restore } from "./parts.ts";

/** A fault, and how each function answers while it lasts. */
export interface Fault {
  readonly name: string;
  /** Causes the fault. */
  inject(stack: RunningStack): Promise<Restore>;
  readonly answers: Readonly<Record<FunctionName, readonly string[]>>;
  /** clerk-webhook's answers to events of organizations and memberships, if they differ. */
  readonly ofOrganizations?: readonly string[];
  /** Other answers that may occur while the fault begins or ends. */
  readonly passing?: readonly string[];
  /** The longest time that an answer may take, in milliseconds. */
  readonly limit?: number;
  readonly retryAfter?: string;
  /** The text that every failure must contain. */
  readonly says?: RegExp;
}

/** A door's expected answers during the fault. */
export function answersOf({ answers, ofOrganizations }: Fault, door: Door): readonly string[] {
  if (door !== "clerk-webhook, organizations") return answers[door];
  return ofOrganizations ?? answers["clerk-webhook"];
}

const served = ["200", "201"];
const clerkUnavailable = ["503 clerk_unavailable"];
const databaseUnavailable = ["503 database_unavailable"];

/** Clerk's API fails but its keys are known. Only users-sync needs the API. */
const withoutClerk = {
  "users-me": served,
  "users-sync": clerkUnavailable,
  "clerk-webhook": served,
};
const withoutDatabase = {
  "users-me": databaseUnavailable,
  "users-sync": databaseUnavailable,
  "clerk-webhook": databaseUnavailable,
};
const withoutWrites = { ...withoutDatabase, "users-me": served };
const unaffected = { "users-me": served, "users-sync": served, "clerk-webhook": served };

const lastKnownRow = /"hint":"Until Clerk answers again, users-me gives the last known row/;
const migrationsMissing = /"hint":"Apply the migrations"/;

const readsOfUsers = "GET /v1/users/*";

async function restart(stack: RunningStack, ...names: FunctionName[]): Promise<void> {
  await Promise.all(names.map((name) => stack.functions.get(name)?.restart()));
}

export const faults: readonly Fault[] = [
  {
    name: "Clerk down",
    inject: (stack) => keepDown(doubleOf(stack)),
    answers: withoutClerk,
    says: lastKnownRow,
  },
  {
    name: "Clerk frozen",
    inject: (stack) => freeze(doubleOf(stack)),
    answers: withoutClerk,
    says: lastKnownRow,
  },
  {
    name: "Clerk slow (2 s)",
    inject: () => misbehave({ route: readsOfUsers, delay_ms: 2000 }),
    answers: unaffected,
  },
  {
    name: "Clerk answers 429 with Retry-After",
    inject: () => misbehave({ route: readsOfUsers, status: 429, retry_after: 7 }),
    answers: { ...withoutClerk, "users-sync": ["503 clerk_rate_limited"] },
    retryAfter: "7",
    says: lastKnownRow,
  },
  {
    name: "Clerk answers 500",
    inject: () => misbehave({ route: readsOfUsers, status: 500 }),
    answers: withoutClerk,
    says: lastKnownRow,
  },
  {
    // Clerk's list still shows the user.
    name: "Clerk answers 404 for a live user",
    inject: () => misbehave({ route: readsOfUsers, status: 404 }),
    answers: withoutClerk,
    says: lastKnownRow,
  },
  {
    name: "Clerk answers 404 for every user, lists included",
    inject: () => misbehave({ route: "GET /v1/users*", status: 404 }),
    answers: withoutClerk,
    says: lastKnownRow,
  },
  {
    name: "Clerk answers with a page",
    inject: () => misbehave({ route: readsOfUsers, garbage: "page" }),
    answers: withoutClerk,
    says: lastKnownRow,
  },
  {
    name: "Clerk answers with truncated JSON",
    inject: () => misbehave({ route: readsOfUsers, garbage: "truncated" }),
    answers: withoutClerk,
    says: lastKnownRow,
  },
  {
    name: "Clerk breaks connections off",
    inject: () => misbehave({ route: readsOfUsers, connection: "broken" }),
    answers: withoutClerk,
    says: lastKnownRow,
  },
  {
    name: "Clerk's whole API fails, functions just started",
    async inject(stack) {
      const restore = await misbehave({ route: "* /v1/*", status: 500 });
      await restart(stack, "users-me", "users-sync");
      return restore;
    },
    answers: { ...withoutClerk, "users-me": clerkUnavailable },
    // The gateway answers so, like the platform, if the restarted function was handling a request.
    passing: ["500 WORKER_ERROR"],
  },
  {
    name: "PostgREST down",
    inject: ({ postgrest }) => keepDown(postgrest),
    answers: withoutDatabase,
  },
  {
    name: "PostgREST frozen",
    inject: ({ postgrest }) => freeze(postgrest),
    answers: withoutDatabase,
  },
  {
    name: "PostgREST frozen and Clerk slow (4 s)",
    async inject({ postgrest }) {
      const restores = [
        await misbehave({ route: readsOfUsers, delay_ms: 4000 }),
        await freeze(postgrest),
      ];
      return async () => {
        for (const restore of restores) await restore();
      };
    },
    answers: withoutDatabase,
    limit: 11_000,
  },
  {
    name: "PostgREST restarted",
    async inject({ postgrest }) {
      await postgrest.restart();
      return () => Promise.resolve();
    },
    answers: unaffected,
    passing: databaseUnavailable,
  },
  {
    name: "PostgreSQL killed",
    inject: ({ postgres }) => keepDown(postgres),
    answers: withoutDatabase,
  },
  {
    name: "PostgreSQL frozen",
    inject: ({ postgres }) => freeze(postgres),
    answers: withoutDatabase,
  },
  {
    name: "PostgreSQL out of connections",
    inject: takeAllConnections,
    answers: withoutDatabase,
  },
  {
    name: "PostgreSQL read-only (a standby)",
    inject: makeStandby,
    answers: withoutWrites,
    passing: databaseUnavailable,
  },
  {
    // PostgREST sets the access mode of each of its transactions.
    name: "PostgreSQL read-only by default (default_transaction_read_only)",
    inject: defaultToReadOnly,
    answers: unaffected,
    passing: databaseUnavailable,
  },
  {
    name: "A migration missing: the function that writes",
    inject: () =>
      change(
        "alter function public.apply_clerk_facts(jsonb, boolean) rename to missing",
        "alter function public.missing(jsonb, boolean) rename to apply_clerk_facts",
      ),
    answers: withoutWrites,
    says: migrationsMissing,
  },
  {
    name: "A migration missing: the table of users",
    inject: () =>
      change(
        "alter table public.users rename to missing",
        "alter table public.missing rename to users",
      ),
    answers: withoutDatabase,
    // The state of an organization needs no other table.
    ofOrganizations: [...served, ...databaseUnavailable],
    says: migrationsMissing,
  },
  {
    name: "A migration missing: the function that users-me calls",
    inject: () =>
      change(
        "alter function public.find_clerk_users(text[]) rename to missing",
        "alter function public.missing(text[]) rename to find_clerk_users",
      ),
    answers: { ...unaffected, "users-me": databaseUnavailable },
    says: migrationsMissing,
  },
  {
    // News of users are still written.
    name: "A migration missing: the tables of organizations and memberships",
    inject: () =>
      change(
        `alter table public.organizations rename to missing;
        alter table public.organization_memberships rename to missing_too`,
        `alter table public.missing rename to organizations;
        alter table public.missing_too rename to organization_memberships`,
      ),
    answers: { ...unaffected, "users-me": databaseUnavailable },
    ofOrganizations: databaseUnavailable,
    says: migrationsMissing,
  },
];
