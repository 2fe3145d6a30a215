/** Sends a history's items to the functions through the gateway, as Svix and the frontend do. */
import { z } from "zod";
import { askDouble } from "../../local/clerk/control/client.ts";
import { readInstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { loadKeys } from "../../local/keys/keys.ts";
import { sessionToken } from "../support/clerk/session_tokens.ts";
import { deliver } from "../support/stack/deliver.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { callWithToken } from "../support/stack/supabase.ts";
import type { Item } from "./history.ts";
import { bodyOf, clerkJson } from "./messages.ts";
import type { Ids } from "./subject.ts";

/** The relevant parts of a function's answer. */
export interface HttpAnswer {
  readonly status: number;
  /** The webhook's outcome. */
  readonly outcome?: string | undefined;
  /** The error's code. */
  readonly code?: string | undefined;
  /** users-sync's row. */
  readonly user?: { readonly clerk_id: string; readonly clerk_updated_at: string } | undefined;
}

const body = z.object({
  outcome: z.string().optional(),
  error: z.object({ code: z.string() }).optional(),
  user: z.looseObject({ clerk_id: z.string(), clerk_updated_at: z.string() }).optional(),
});

/** Seconds that tokens are valid for, longer than a bundle takes. */
const tokenLife = 600;

export interface HttpClients {
  /** Delivers the event that brings the item. */
  deliverEvent(item: Item, ids: Ids, svixId: string): Promise<HttpAnswer>;
  /** Calls users-sync while Clerk returns exactly this state of the user, or no user. */
  synchronise(item: Item, ids: Ids): Promise<HttpAnswer>;
}

export async function createHttpClients(): Promise<HttpClients> {
  const directory = z.string().min(1).parse(Deno.env.get("LOCAL_DIR"));
  const { privateKey, publicJwk } = await readInstanceKey(
    (await loadKeys(directory)).clerkPrivateKeyPem,
  );
  const key = { privateKey, kid: publicJwk.kid };

  return {
    async deliverEvent(item, ids, svixId) {
      return answerOf(await deliver(bodyOf(item, ids) ?? "", { id: svixId }));
    },
    async synchronise(item, ids) {
      const clerkId = ids(item.subject);
      const dictated = await askDouble(
        runningStack(),
        "PUT",
        `users/${clerkId}`,
        item.kind === "state" ? clerkJson(item.subject, item.state, ids) : null,
      );
      await dictated.body?.cancel();
      if (!dictated.ok) throw new Error(`The Clerk double answers ${dictated.status}`);
      const exp = Math.floor(Date.now() / 1000) + tokenLife;
      const token = await sessionToken(key, { claims: { sub: clerkId, exp } });
      return answerOf(await callWithToken("users-sync", token));
    },
  };
}

function answerOf({ status, body: json }: { status: number; body: unknown }): HttpAnswer {
  const { outcome, error, user } = body.parse(json);
  return { status, outcome, code: error?.code, user };
}
