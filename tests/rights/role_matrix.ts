/**
 * Who may do what: everything in the exposed schema, and the outcome of each request on it. Anything that
 * exists but is not listed here fails the tests.
 */
import { fixtureOf } from "./fixtures.ts";
import type { FunctionVerb } from "./function_requests.ts";
import type { Standing } from "./principals.ts";
import type { TableVerb } from "./table_requests.ts";
import { activeIn, exUser, firstUser, sharedOrganization } from "./tenants.ts";

/** By standing: the status, the code if there is one, and the rows that were read or changed. */
export type Outcomes = Readonly<Record<Exclude<Standing, "refused">, string>>;

export interface ExpectedTable {
  /** What `authenticated` may do with a column: "r" (read), "rw" (read and update) or "" (nothing). */
  readonly columns: Readonly<Record<string, "" | "r" | "rw">>;
  readonly verbs: Readonly<Record<TableVerb, Outcomes>>;
}

export interface ExpectedFunction {
  /** Whether the service role may execute it. Nobody else may execute any function. */
  readonly executable: boolean;
  /** Arguments of a call that affects only the fixtures' rows. */
  readonly call: Readonly<Record<string, unknown>>;
  readonly verbs: Readonly<Record<FunctionVerb, Outcomes>>;
}

/** Only the service role may. PostgREST answers 401 if no token was sent, else 403. */
function serviceOnly(service: string): Outcomes {
  return {
    anon: "401 42501, no row",
    owner: "403 42501, no row",
    neighbour: "403 42501, no row",
    outsider: "403 42501, no row",
    nobody: "403 42501, no row",
    service,
  };
}

/** The same for HEAD. Its answers have no body and so no code. */
function serviceOnlyHead(service: string): Outcomes {
  const refused = "403, no row";
  return {
    anon: "401, no row",
    owner: refused,
    neighbour: refused,
    outsider: refused,
    nobody: refused,
    service,
  };
}

function everyone(outcome: string): Outcomes {
  return {
    anon: outcome,
    owner: outcome,
    neighbour: outcome,
    outsider: outcome,
    nobody: outcome,
    service: outcome,
  };
}

/** Every user with a row may do it to their own row. */
function ofUsers(own: string): Outcomes {
  return {
    anon: "401 42501, no row",
    owner: own,
    neighbour: own,
    outsider: own,
    nobody: "200, no row",
    service: "200, every row",
  };
}

/** Members may do it to what belongs to their organization. */
function ofMembers(owner: string, neighbour: string): Outcomes {
  return { ...ofUsers("200, no row"), owner, neighbour };
}

function counted(table: string): string {
  return `${fixtureOf(table).keys.length} counted`;
}

/** OPTIONS is a browser's preflight. It lists methods and reads nothing. */
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
      deactivated_at: "r",
      revived_at: "r",
      metadata: "rw",
      created_at: "r",
      updated_at: "r",
      synced_at: "r",
    },
    verbs: {
      ...serviceWrites,
      GET: ofUsers("200, own row"),
      HEAD: {
        ...ofUsers("200, 1 counted"),
        anon: "401, no row",
        service: `200, ${counted("users")}`,
      },
      PATCH: ofUsers("200, own row"),
    },
  },
  organizations: {
    columns: {
      id: "r",
      clerk_id: "r",
      name: "r",
      slug: "r",
      image_url: "r",
      created_by: "r",
      public_metadata: "r",
      clerk_created_at: "r",
      clerk_updated_at: "r",
      is_active: "r",
      deleted_at: "r",
      deactivated_at: "r",
      metadata: "r",
      created_at: "r",
      updated_at: "r",
      synced_at: "r",
    },
    verbs: {
      ...serviceWrites,
      GET: ofMembers("200, own row", "200, own row"),
      HEAD: {
        ...ofMembers("200, 1 counted", "200, 1 counted"),
        anon: "401, no row",
        service: `200, ${counted("organizations")}`,
      },
      PATCH: serviceOnly("200, every row"),
    },
  },
  organization_memberships: {
    columns: {
      id: "r",
      clerk_id: "r",
      organization_clerk_id: "r",
      user_clerk_id: "r",
      role: "r",
      permissions: "r",
      clerk_created_at: "r",
      clerk_updated_at: "r",
      is_active: "r",
      deleted_at: "r",
      deactivated_at: "r",
      metadata: "r",
      created_at: "r",
      updated_at: "r",
      synced_at: "r",
    },
    verbs: {
      ...serviceWrites,
      GET: ofMembers(
        `200, ${activeIn(sharedOrganization).length} rows`,
        "200, own row",
      ),
      HEAD: {
        ...ofMembers(
          `200, ${activeIn(sharedOrganization).length} counted`,
          "200, 1 counted",
        ),
        anon: "401, no row",
        service: `200, ${counted("organization_memberships")}`,
      },
      PATCH: serviceOnly("200, every row"),
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
      actor: "",
    },
    verbs: {
      ...serviceWrites,
      GET: serviceOnly("200, every row"),
      HEAD: serviceOnlyHead(`200, ${counted("clerk_deliveries")}`),
      PATCH: serviceOnly("200, every row"),
    },
  },
  clerk_sync_runs: {
    columns: {
      id: "",
      kind: "",
      repairs: "",
      state: "",
      counts: "",
      drift: "",
      holder: "",
      held_until: "",
      started_at: "",
      saved_at: "",
      ended_at: "",
      outcome: "",
      reason: "",
    },
    verbs: {
      ...serviceWrites,
      GET: serviceOnly("200, every row"),
      HEAD: serviceOnlyHead(`200, ${counted("clerk_sync_runs")}`),
      PATCH: serviceOnly("200, every row"),
    },
  },
};

/** A function that only reads. */
function reader(
  post: string,
  { options = "404 PGRST202, no row", get = post } = {},
): ExpectedFunction["verbs"] {
  return {
    POST: serviceOnly(post),
    GET: serviceOnly(get),
    HEAD: serviceOnlyHead(`${get.slice(0, 3)}, no row`),
    OPTIONS: everyone(options),
  };
}

/**
 * A function that writes. PostgREST runs GET and HEAD in read-only transactions, and OPTIONS only finds
 * functions that can be called without arguments.
 */
function writer(
  post: string,
  { options = "404 PGRST202, no row", get = "405 25006" } = {},
): ExpectedFunction["verbs"] {
  return {
    POST: serviceOnly(post),
    GET: serviceOnly(`${get}, no row`),
    HEAD: serviceOnlyHead(`${get.slice(0, 3)}, no row`),
    OPTIONS: everyone(options),
  };
}

/** Older than any row of any test. */
const ages = "1000 years";
const someRun = fixtureOf("clerk_sync_runs").newKey;
const someFacts = fixtureOf("users").keys.map((clerkId) => ({
  kind: "user",
  clerk_id: clerkId,
  first_name: "Changed",
  clerk_updated_at: "2026-02-01T00:00:00Z",
}));

/** Functions of the exposed schema, by signature. */
export const functions: Readonly<Record<string, ExpectedFunction>> = {
  "apply_clerk_facts(p_facts jsonb, p_return_users boolean)": {
    executable: true,
    call: {
      p_facts: someFacts,
      p_return_users: true,
    },
    // In a query the facts are text, not a JSON array.
    verbs: writer("200, every row", { get: "400 22023" }),
  },
  "purge_clerk_deliveries(p_older_than interval)": {
    executable: true,
    call: { p_older_than: ages },
    verbs: writer("200, no row", { options: "200, no row" }),
  },
  "purge_deleted_users(p_older_than interval)": {
    executable: true,
    call: { p_older_than: ages },
    verbs: writer("200, no row"),
  },
  "revive_clerk_user(p_clerk_id text, p_reason text)": {
    executable: true,
    call: { p_clerk_id: exUser, p_reason: "Deleted by mistake" },
    verbs: writer("200, a row"),
  },
  "find_clerk_users(p_clerk_ids text[])": {
    executable: true,
    call: { p_clerk_ids: `{${firstUser}}` },
    verbs: reader("200, no row"),
  },
  "link_clerk_user(p_id uuid, p_new_clerk_id text, p_reason text)": {
    executable: true,
    call: {
      p_id: fixtureOf("users").primaryKeyOf(firstUser).id,
      p_new_clerk_id: firstUser,
      p_reason: "The same person",
    },
    verbs: writer("200, no row"),
  },
  "claim_clerk_sync_run(p_kind text, p_repairs boolean, p_holder uuid, p_anew boolean)": {
    executable: true,
    // A kind that the table refuses, so that no run begins.
    call: { p_kind: "none", p_repairs: false, p_holder: someRun },
    verbs: writer("400 23514, no row"),
  },
  "save_clerk_sync_run(p_id uuid, p_holder uuid, p_state jsonb, p_counts jsonb, p_drift bigint, p_outcome text, p_reason text)":
    {
      executable: true,
      call: { p_id: someRun, p_holder: someRun, p_state: {}, p_counts: {} },
      verbs: writer("200, no row"),
    },
  "release_clerk_sync_run(p_id uuid, p_holder uuid)": {
    executable: true,
    call: { p_id: someRun, p_holder: someRun },
    verbs: writer("200, no row"),
  },
  "repair_clerk_facts(p_facts jsonb)": {
    executable: true,
    call: { p_facts: someFacts },
    verbs: writer("200, every row", { get: "400 22023" }),
  },
  "compare_clerk_facts(p_facts jsonb)": {
    executable: true,
    call: { p_facts: someFacts },
    verbs: reader("200, no row", { get: "400 22023, no row" }),
  },
  "measure_clerk_rows(p_resource text, p_from timestamp with time zone, p_to timestamp with time zone)":
    {
      executable: true,
      call: { p_resource: "user" },
      verbs: reader("200, no row"),
    },
  "find_unlisted_clerk_rows(p_resource text, p_listed text[], p_from timestamp with time zone, p_to timestamp with time zone, p_after text)":
    {
      executable: true,
      call: { p_resource: "user", p_listed: "{}", p_from: "2000-01-01", p_to: "2000-01-02" },
      verbs: reader("200, no row"),
    },
  "find_undated_clerk_rows(p_resource text, p_after text)": {
    executable: true,
    call: { p_resource: "user", p_after: "zzz" },
    verbs: reader("200, no row"),
  },
  "clerk_sync_status()": {
    executable: true,
    call: {},
    verbs: reader("200, no row", { options: "200, no row" }),
  },
};

/** Functions of schema clerk_sync, which the API does not expose. The service role may execute them. */
export const internalFunctions: readonly string[] = [
  "apply_batch(p_facts jsonb, p_careful boolean)",
  "apply_facts(p_facts jsonb)",
  "current_memberships(p_user_clerk_id text, p_organization_clerk_id text)",
  "differing_columns(p_state jsonb, p_row jsonb)",
  "describe_refusal(p_sqlstate text, p_table text, p_column text, p_constraint text, p_context text)",
  "end_memberships(p_facts jsonb)",
  "find_ended_memberships(p_facts jsonb)",
  "has_place(p_fact jsonb)",
  "inherit_deactivation()",
  "is_active_user(p_row jsonb)",
  "is_outage(p_sqlstate text)",
  "known_organization_memberships(p_facts jsonb)",
  "known_organizations(p_facts jsonb)",
  "known_users(p_facts jsonb)",
  "limit_lock_wait()",
  "lock_memberships(p_facts jsonb)",
  "membership_content(p_state jsonb)",
  "organization_content(p_state jsonb)",
  "organizations_of(p_user_clerk_id text)",
  "record_delivery(p_fact jsonb, p_outcome text, p_reason text)",
  "record_deliveries(p_facts jsonb, p_applied clerk_sync.applied_facts)",
  "references_to_user(p_clerk_id text)",
  "repeats(p_facts jsonb)",
  "share_deactivation()",
  "stamp_deactivated_at()",
  "stamp_updated_at()",
  "user_content(p_state jsonb)",
  "visible_user(p_row jsonb)",
  "write_facts(p_resource text, p_facts jsonb, p_careful boolean)",
  "write_organization_memberships(p_facts jsonb, p_look boolean)",
  "write_organizations(p_facts jsonb, p_look boolean)",
  "write_users(p_facts jsonb, p_look boolean)",
];

/** Functions of schema clerk_auth, which is not exposed either. Policies call them as the caller. */
export const policyFunctions: readonly string[] = [
  "has_role(p_organization_id text, p_role text)",
  "is_member(p_organization_id text)",
  "organization_id()",
  "organization_ids()",
  "organization_ids(p_role text)",
  "role_in(p_organization_id text)",
  "user_id()",
];

/** Those of the policy functions that read with their owner's rights. */
export const definers: readonly string[] = [
  "organization_ids()",
  "organization_ids(p_role text)",
  "role_in(p_organization_id text)",
  "user_id()",
];
