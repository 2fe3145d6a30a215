import { z } from "zod";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import { failed, ok, type Outcome } from "./check.ts";
import { type ClerkInstance, failClerk } from "./clerk_api.ts";
import type { MigratedDatabase } from "./migrations.ts";
import { settled } from "./settled.ts";

/** How many users are compared. */
const size = 20;

const compared = z.array(z.object({
  item: z.int(),
  difference: z.string(),
  columns: z.array(z.string()).nullable(),
}));

interface Sample {
  readonly size: number;
  readonly differences: readonly { readonly id: string; readonly what: string }[];
}

/** Whether the rows of the users who changed last show what Clerk says. */
export async function checkSample(
  instance: ClerkInstance,
  database: MigratedDatabase,
): Promise<Outcome<undefined>> {
  let before: readonly string[] | undefined;
  const sample = await settled(async () => {
    const seen = await compare(instance, database);
    if ("finding" in seen) return seen;
    // The second time, a user who has only just changed does not count either.
    const differences = seen.differences.filter(({ id }) => before?.includes(id) ?? true);
    before = differences.map(({ id }) => id);
    return { ...seen, differences };
  }, (seen) => "finding" in seen || seen.differences.length === 0);
  if ("finding" in sample) return sample;
  const { differences } = sample;
  if (differences.length === 0) {
    return ok(describeSize(sample.size), undefined);
  }
  const shown = differences.slice(0, 3).map(({ id, what }) => `${id} ${what}`).join("; ");
  return failed(
    `${differences.length} of the ${sample.size} users who changed last differ from Clerk: ${shown}${
      differences.length > 3 ? "; …" : ""
    }`,
    "See what differs with deno task reconcile, and mend it with its --repair",
  );
}

async function compare(
  { api }: ClerkInstance,
  { call }: MigratedDatabase,
): Promise<Sample | Outcome<never>> {
  const query = new URLSearchParams({ limit: String(size), order_by: "-updated_at" });
  const answer = await api.read("users", query);
  if (!answer.ok) return failClerk(answer.failure);
  const users = z.array(clerkUser).safeParse(answer.value);
  if (!users.success) {
    return failed(
      "Clerk's users are not in the form that is known",
      "Look for a newer version of this project",
    );
  }
  const returned = await call("compare_clerk_facts", { p_facts: users.data });
  const rows = compared.safeParse("rows" in returned ? returned.rows : undefined);
  if (!rows.success) {
    return failed("The database does not compare its rows", "Look at the check migrations");
  }
  const differences = rows.data.map(({ item, difference, columns }) => ({
    id: users.data[item - 1]?.clerk_id ?? "",
    what: `is ${difference.replaceAll("_", " ")}${
      columns?.length ? ` (${columns.join(", ")})` : ""
    }`,
  }));
  return { size: users.data.length, differences };
}

function describeSize(size: number): string {
  if (size === 0) return "Clerk has no user to compare";
  return size === 1
    ? "The user who changed last is as in Clerk"
    : `The ${size} users who changed last are as in Clerk`;
}
