import type { SupabaseSettings } from "../../supabase/functions/_shared/settings/supabase.ts";
import { call } from "./call.ts";
import { failed, ok, type Outcome, skipped } from "./check.ts";
import { type DeployedFunction, errorIn, judge } from "./deployed_function.ts";
import type { Schedule } from "./schedule.ts";

/**
 * Whether clerk-reconcile answers, refuses a wrong key, and takes the one that the schedule has. Without a
 * schedule it need not be there. No call begins a run.
 */
export async function checkReconcileFunction(
  slug: string,
  { url: project }: SupabaseSettings,
  schedule: Schedule | undefined,
): Promise<Outcome<DeployedFunction>> {
  const deployed = {
    name: "clerk-reconcile",
    slug,
    url: `${project}/functions/v1/${slug}`,
  } as const;
  const called = await callWith(deployed, "doctor");
  const error = typeof called === "string" ? undefined : errorIn(called.text);
  if (schedule === undefined && typeof called !== "string") {
    if (called.status === 404 && error === undefined) {
      return skipped(`${slug} is not deployed, which only a schedule needs`);
    }
    if (error?.code === "server_misconfigured" && error.message.includes("CLERK_RECONCILE_KEY")) {
      return ok(`${slug} is deployed, and answers nobody without CLERK_RECONCILE_KEY`, deployed);
    }
  }
  const judged = judge(deployed, called);
  if (!("value" in judged) || schedule === undefined) return judged;
  const answered = await callWith(deployed, schedule.key);
  const taken = typeof answered !== "string" && errorIn(answered.text)?.code === "invalid_request";
  return taken ? ok(`${slug} takes the schedule's key, and refuses another`, deployed) : failed(
    `${slug} does not take the key that the schedule calls it with`,
    "Run deploy with --schedule, or set CLERK_RECONCILE_KEY to what the vault has as clerk_reconcile_key",
  );
}

/** Asks for a kind of run that there is not, so that even the right key changes nothing. */
function callWith({ url }: DeployedFunction, key: string) {
  return call(url, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ kind: "doctor" }),
  });
}
