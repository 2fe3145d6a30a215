import type { z } from "zod";
import type { ClerkApiSettings } from "../../supabase/functions/_shared/settings/clerk_api.ts";
import { upstreamTimeLimit } from "../../supabase/functions/_shared/time_limit.ts";
import { enterPortal } from "../hosted/portal.ts";
import { accessWith } from "../hosted/settings.ts";
import { call, jsonOf } from "./call.ts";

/** Svix' API for the app of a Clerk instance, read-only. */
export interface SvixPortal {
  /** Whether it is the local double's. */
  readonly local: boolean;
  /** Reads below the app. Undefined if there is no such answer. */
  read<Value>(path: string, schema: z.ZodType<Value>): Promise<Value | undefined>;
}

/** The portal, or why there is none: Clerk has no Svix app, or a step on the way fails. */
export type OpenedPortal = SvixPortal | "no app" | "closed";

export async function openSvixPortal(settings: ClerkApiSettings): Promise<OpenedPortal> {
  const access = accessWith(settings, upstreamTimeLimit);
  const entered = await enterPortal(access, false);
  if (!entered.ok) return "closed";
  if (entered.value === undefined) return "no app";
  const { url, token, appId } = entered.value;
  return {
    local: access.svixUrl !== undefined,
    async read(path, schema) {
      const answer = await call(`${url}/api/v1/app/${appId}/${path}`, {
        headers: { authorization: `Bearer ${token}`, accept: "application/json" },
      });
      if (typeof answer === "string" || answer.status !== 200) return undefined;
      return schema.safeParse(jsonOf(answer.text)).data;
    },
  };
}
