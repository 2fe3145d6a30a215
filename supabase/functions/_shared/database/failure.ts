import { fail, type Result } from "../failure.ts";

/** An error from supabase-js. Despite its types, it is whatever answered at the database's address. */
export interface DatabaseError {
  /** PostgREST's code, or PostgreSQL's SQLSTATE. */
  readonly code?: unknown;
  /** May quote a row: never log it or answer with it as it is. */
  readonly message?: unknown;
}

/** Connection, rollback, resources, shutdown, system error; read-only transaction; lock timeout. */
const outage = /^(08|40|53|57|58)...$|^25006$|^55P03$/;
/** PostgREST's error for a transaction on a standby. Its SQLSTATE has many other meanings. */
const standby = /^cannot set transaction read-write mode during recovery$/;
const sqlState = /^[0-9A-Z]{5}$/;
const knownCode = /^(PGRST\w{3}|[0-9A-Z]{5})$/;
/** SQLSTATEs of an authorization that is invalid: of the connection, of a grantor, of a role. */
const invalidAuthorization = /^(28|0L|0P)...$/;
/** What gateways say of a key: Supabase's own, and Kong where Supabase is hosted by its users. */
const gatewayRefusal =
  /^[\w `]*\b(API keys?\b|authentication credentials$|cannot consume this service$)/i;

/** PostgreSQL's message if a table, function, schema or type of this project is missing. */
const missingPart =
  /^(relation "(public\.)?(users|organizations|organization_memberships|clerk_deliveries|clerk_sync_runs)"|(function|schema|type) "?clerk_(sync|auth)\b.*|function public\.\w+\(.*) does not exist$/;
const forbiddenEntry = /^permission denied for (function \w*clerk_\w+|schema clerk_sync)$/;

/** PostgreSQL's messages that quote names, but no values. */
const namingMessages = [
  /^permission denied for (?:table|function|schema|sequence|view) (\w+)$/,
  /^relation "([\w.]+)" does not exist$/,
  /^null value in column "(\w+)" of relation "(\w+)" violates not-null constraint$/,
  /^(?:new row for|insert or update on|update or delete on) (?:relation|table) "(\w+)" violates [\w ]+ "(\w+)"(?: on table "(\w+)")?$/,
  /^duplicate key value violates unique constraint "(\w+)"$/,
];

/**
 * Turns an error of the database's API into a failure.
 *
 * @returns `database_unavailable` if it is down or migrations are missing, `database_refused` if a
 * constraint, a trigger or a right of the application is in the way, `server_misconfigured` if the
 * key is not the service role's. A 401 or 403 that neither PostgREST nor the gateway in front of it
 * wrote says nothing about the key.
 *
 * @param keyVariable the variable that the key was read from, if it was
 */
export function databaseFailure(
  error: DatabaseError,
  status: number,
  keyVariable = "The secret key",
): Result<never> {
  const code = textOf(error.code, knownCode);
  const message = textOf(error.message);
  const reason = ["database: HTTP", status, code, ...namesIn(message)].join(" ").trim();
  if (refusesKey(code, message, status)) {
    return fail("server_misconfigured", {
      message: `${keyVariable} was refused by the database`,
      reason,
    });
  }
  if (/^PGRST20[25]$/.test(code) || missingPart.test(message)) {
    return fail("database_unavailable", {
      message: "Database lacks the tables or functions of this project",
      hint: "Apply the migrations",
      reason,
    });
  }
  const isOutage = !sqlState.test(code) || outage.test(code) || standby.test(message);
  return fail(isOutage ? "database_unavailable" : "database_refused", { reason });
}

/** The end of the reason of `cutOff()`. */
export const cutOffReason = "answer cut off";

/**
 * `server_misconfigured`: the Data API has left rows out, because its settings allow too few at once.
 * What is missing must not count as what is not there.
 */
export function cutOff(): ReturnType<typeof fail> {
  return fail("server_misconfigured", {
    message: "The Data API returns too few rows at once",
    hint: "Set Max rows to 1000 (in Supabase: Project Settings, Data API)",
    reason: `database: ${cutOffReason}`,
  });
}

function refusesKey(code: string, message: string, status: number): boolean {
  if (code === "42501") return forbiddenEntry.test(message);
  if (code.startsWith("PGRST3")) return true;
  if (status !== 401 && status !== 403) return false;
  return code === "" ? gatewayRefusal.test(message) : invalidAuthorization.test(code);
}

function textOf(value: unknown, form = /^/): string {
  return typeof value === "string" && form.test(value) ? value : "";
}

function namesIn(message: string): string[] {
  const match = namingMessages.map((pattern) => pattern.exec(message)).find((found) => found);
  return match ? match.slice(1).filter((name) => name !== undefined) : [];
}
