/**
 * Who may do what, written down: everything in the exposed schema, and what each request on it comes to.
 * Whatever exists and is not listed here fails the tests.
 */
import type { FunctionVerb } from "./function_requests.ts";
import { fixtureOf } from "./fixtures.ts";
import type { Standing } from "./principals.ts";
import type { TableVerb } from "./table_requests.ts";

/** By standing: status, code where the answer has one, and the rows that were read or changed. */
export type Outcomes = Readonly<Record<Exclude<Standing, "refused">, string>>;

export interface ExpectedTable {
  /** What `authenticated` may do with a column: r, read it; rw, read and update it; "", nothing. */
  readonly columns: Readonly<Record<string, "" | "r" | "rw">>;
  readonly verbs: Readonly<Record<TableVerb, Outcomes>>;
}

export interface ExpectedFunction {
  /** Whether the service role may execute it. Nobody else may execute anything. */
  readonly executable: boolean;
  /** Arguments of a call that is harmless to all but the fixtures' rows. */
  readonly call: Readonly<Record<string, unknown>>;
  readonly verbs: Readonly<Record<FunctionVerb, Outcomes>>;
}

/** For the service role alone. PostgREST answers 401 where no token was sent, else 403. */
function serviceOnly(service: string): Outcomes {
  return {
    anon: "401 42501, no row",
    owner: "403 42501, no row",
    nobody: "403 42501, no row",
    service,
  };
}

/** The same for HEAD, whose answers have no body and so no code. */
function serviceOnlyHead(service: string): Outcomes {
  return { anon: "401, no row", owner: "403, no row", nobody: "403, no row", service };
}

function everyone(outcome: string): Outcomes {
  return { anon: outcome, owner: outcome, nobody: outcome, service: outcome };
}

/** OPTIONS is a browser's question in advance; it names methods and reads nothing. */
const preflight = everyone("200, no row");

const serviceWrites = {
  OPTIONS: preflight,
  POST: serviceOnly("201, a new row"),
  "POST merge-duplicates": serviceOnly("200, every row"),
  "POST ignore-duplicates": serviceOnly("201, no row"),
  PUT: serviceOnly("204, a row"),
  DELETE: serviceOnly("200, every row"),
};

/** Tables and views of the exposed schema. */
export const tables: Readonly<Record<string, ExpectedTable>> = {
  users: {
    columns: {
      id: "r",
      clerk_id: "r",
      email: "r",
      email_verified: "r",
      first_name: "r",
      last_name: "r",
      username: "r",
      image_url: "r",
      phone: "r",
      external_id: "r",
      public_metadata: "r",
      banned: "r",
      locked: "r",
      last_sign_in_at: "r",
      clerk_created_at: "r",
      clerk_updated_at: "r",
      is_active: "r",
      deleted_at: "r",
      erased_at: "r",
      metadata: "rw",
      created_at: "r",
      updated_at: "r",
      synced_at: "r",
    },
    verbs: {
      ...serviceWrites,
      GET: {
        anon: "401 42501, no row",
        owner: "200, own row",
        nobody: "200, no row",
        service: "200, every row",
      },
      HEAD: {
        anon: "401, no row",
        owner: "200, 1 counted",
        nobody: "200, no row",
        service: "200, 3 counted",
      },
      PATCH: {
        anon: "401 42501, no row",
        owner: "200, own row",
        nobody: "200, no row",
        service: "200, every row",
      },
    },
  },
  clerk_deliveries: {
    columns: {
      delivery_id: "",
      event_type: "",
      subject: "",
      source: "",
      occurred_at: "",
      received_at: "",
      last_received_at: "",
      attempts: "",
      outcome: "",
      reason: "",
    },
    verbs: {
      ...serviceWrites,
      GET: serviceOnly("200, every row"),
      HEAD: serviceOnlyHead("200, 3 counted"),
      PATCH: serviceOnly("200, every row"),
    },
  },
};

/**
 * A function that writes: PostgREST runs GET and HEAD in read-only transactions, and OPTIONS only finds
 * what can be called without arguments.
 */
function writer(post: string, options = "404 PGRST202, no row"): ExpectedFunction["verbs"] {
  return {
    POST: serviceOnly(post),
    GET: serviceOnly("405 25006, no row"),
    HEAD: serviceOnlyHead("405, no row"),
    OPTIONS: everyone(options),
  };
}

/** Longer ago than any row of any test. */
const ages = "1000 years";

/** Functions of the exposed schema, by signature. */
export const functions: Readonly<Record<string, ExpectedFunction>> = {
  "apply_clerk_facts(p_facts jsonb, p_return_users boolean)": {
    executable: true,
    call: {
      p_facts: fixtureOf("users").keys.map((clerkId) => ({
        kind: "user",
        clerk_id: clerkId,
        first_name: "Changed",
        clerk_updated_at: "2026-02-01T00:00:00Z",
      })),
      p_return_users: true,
    },
    verbs: writer("200, every row"),
  },
  "purge_clerk_deliveries(p_older_than interval)": {
    executable: true,
    call: { p_older_than: ages },
    verbs: writer("200, no row", "200, no row"),
  },
  "purge_deleted_users(p_older_than interval)": {
    executable: true,
    call: { p_older_than: ages },
    verbs: writer("200, no row"),
  },
  // A trigger's: PostgREST does not know it.
  "set_users_updated_at()": {
    executable: false,
    call: {},
    verbs: {
      POST: everyone("404 PGRST202, no row"),
      GET: everyone("404 PGRST202, no row"),
      HEAD: everyone("404, no row"),
      OPTIONS: everyone("404 PGRST202, no row"),
    },
  },
};

/** Functions of schema clerk_sync, which the API does not expose; the service role may execute them. */
export const internalFunctions: readonly string[] = [
  "apply_facts(p_facts jsonb)",
  "apply_user_facts(p_facts jsonb)",
  "merge_users(p_current users, p_incoming users)",
  "rank_user(p_user users)",
  "read_user_fact(p_fact jsonb)",
  "record_deliveries(p_facts jsonb, p_applied clerk_sync.applied_fact[])",
  "shows_fact(p_user users, p_fact users)",
];
