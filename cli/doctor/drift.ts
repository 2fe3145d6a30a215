import { z } from "zod";
import type { Result } from "../../supabase/functions/_shared/failure.ts";
import { failed, ok, type Outcome } from "./check.ts";
import { type ClerkInstance, failClerk } from "./clerk_api.ts";
import type { MigratedDatabase } from "./migrations.ts";
import { settled } from "./settled.ts";

const total = z.object({ total_count: z.int() });
const measured = z.array(z.object({ rows: z.int(), undated: z.int() })).length(1);

/** What is counted: its name, its path in Clerk's API, and its name in the database. */
const kinds = [
  { name: "users", path: "users/count", resource: "user" },
  { name: "organizations", path: "organizations", resource: "organization" },
  { name: "memberships", path: "organization_memberships", resource: "membership" },
] as const;

interface Counted {
  readonly name: string;
  /** Undefined if the instance has no organizations. */
  readonly there: number | undefined;
  readonly here: number;
}

/** Whether the database has as many users, organizations and memberships as Clerk. */
export async function checkDrift(
  { api }: ClerkInstance,
  { call }: MigratedDatabase,
): Promise<Outcome<undefined>> {
  const counted = await settled(
    async () => {
      const counts = await Promise.all(kinds.map((kind) => count(api, call, kind)));
      const refusal = counts.find((result) => "finding" in result);
      return refusal ?? counts.flatMap((result) => "finding" in result ? [] : result);
    },
    (counts) => "finding" in counts || counts.every(isEven),
  );
  if ("finding" in counted) return counted;
  const list = counted.filter(({ there }) => there !== undefined)
    .map(({ name, there, here }) =>
      there === here ? `${name} ${there}` : `${name} ${there} in Clerk and ${here} here`
    )
    .join(", ");
  if (counted.every(isEven)) return ok(`As many here as in Clerk: ${list}`, undefined);
  const empty = counted.every(({ here }) => here === 0);
  return failed(
    `The counts differ: ${list}`,
    empty
      ? "Bring everybody in: deno task backfill"
      : "See what differs with deno task reconcile, and mend it with its --repair",
  );
}

function isEven({ there, here }: Counted): boolean {
  return there === undefined || there === here;
}

async function count(
  api: ClerkInstance["api"],
  call: MigratedDatabase["call"],
  { name, path, resource }: typeof kinds[number],
): Promise<Counted | Outcome<never>> {
  const [inClerk, returned] = await Promise.all([
    api.read(path, path === "users/count" ? undefined : new URLSearchParams({ limit: "1" })),
    call("measure_clerk_rows", { p_resource: resource }),
  ]);
  const here = measured.safeParse("rows" in returned ? returned.rows : undefined).data?.[0]?.rows;
  if (here === undefined) {
    return failed("The database does not count its rows", "Look at the check migrations");
  }
  if (resource !== "user" && hasNone(inClerk)) return { name, there: undefined, here };
  if (!inClerk.ok) return failClerk(inClerk.failure);
  const there = total.safeParse(inClerk.value).data?.total_count;
  return there === undefined
    ? failed(
      "Clerk's count is not in the form that is known",
      "Look for a newer version of this project",
    )
    : { name, there, here };
}

/** Clerk refuses requests about organizations in an instance that has them switched off. */
function hasNone(answer: Result<unknown>): boolean {
  return !answer.ok && answer.failure.code === "server_misconfigured";
}
