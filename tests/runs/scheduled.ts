import { z } from "zod";
import { runningStack } from "../support/stack/running_stack.ts";
import { call } from "../support/stack/supabase.ts";

const answered = z.object({
  kind: z.string().nullable(),
  outcome: z.string().nullable(),
  done: z.boolean(),
});

/** Asks clerk-reconcile for a slice, as the schedule does. */
export function ask(kind: string, key = runningStack().CLERK_RECONCILE_KEY) {
  return call("clerk-reconcile", {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ kind }),
  });
}

/** Asks for a reconciliation, and for more of it until it ends. */
export async function askToTheEnd(kind: string): Promise<z.infer<typeof answered>> {
  let answer = answered.parse((await ask(kind)).body);
  while (!answer.done) answer = answered.parse((await ask("continue")).body);
  return answer;
}
