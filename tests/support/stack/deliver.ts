import { type Signing, svixHeaders } from "../svix/signature.ts";
import { runningStack } from "./running_stack.ts";
import { type Answer, call } from "./supabase.ts";

/** Delivers a body to the running stack as Svix does: signed, with its three headers. */
export function deliver(body: string, signing: Partial<Signing> = {}): Promise<Answer> {
  const headers = { "content-type": "application/json", ...signedHeaders(body, signing) };
  return call("clerk-webhook", { method: "POST", body, headers });
}

/** The three headers, by default signed with the running stack's secret. */
export function signedHeaders(body: string | Uint8Array, signing: Partial<Signing> = {}) {
  return svixHeaders(body, { secret: runningStack().CLERK_WEBHOOK_SECRET, ...signing });
}
