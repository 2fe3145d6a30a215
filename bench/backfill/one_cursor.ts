import { createClient } from "@supabase/supabase-js";
import { z } from "zod";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import type { UserFact } from "../../supabase/functions/_shared/facts/fact.ts";
import type { StackValues } from "../../local/values.ts";

const pageLength = 500;
const users = z.array(clerkUser);

/** A client as an application makes it. */
export function createUpsert(values: StackValues): (facts: readonly UserFact[]) => Promise<void> {
  const supabase = createClient(values.API_URL, values.SERVICE_ROLE_KEY, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
  return async (facts) => {
    const rows = facts.map(({ kind: _, ...row }) => row);
    await supabase.from("bare").upsert(rows, { onConflict: "clerk_id" }).throwOnError();
  };
}

/** The usual script: one page after another by cursor, each written by a bare upsert. */
export async function readByOneCursor(
  values: StackValues,
  write: (facts: readonly UserFact[]) => Promise<void>,
): Promise<number> {
  let read = 0;
  let cursor: string | undefined;
  for (;;) {
    const query = new URLSearchParams({ order_by: "+created_at", limit: String(pageLength) });
    if (cursor !== undefined) query.set("starting_after", cursor);
    const response = await fetch(`${values.CLERK_API_URL}/v1/users?${query}`, {
      headers: { authorization: `Bearer ${values.CLERK_SECRET_KEY}` },
    });
    const page = users.parse(await response.json());
    if (page.length > 0) await write(page);
    read += page.length;
    if (page.length < pageLength) return read;
    cursor = page.at(-1)?.clerk_id;
  }
}
