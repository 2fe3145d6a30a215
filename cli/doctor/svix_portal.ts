import { z } from "zod";
import { decodeBase64Url } from "../../supabase/functions/_shared/base64.ts";
import type { ClerkApiSettings } from "../../supabase/functions/_shared/settings/clerk_api.ts";
import { type Environment, variable } from "../../supabase/functions/_shared/settings/variable.ts";
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

const address = z.object({ svix_url: z.url() });
const clerkErrors = z.object({ errors: z.array(z.object({ code: z.string() })) });
const portalKey = z.object({
  appId: z.string().regex(/^\w+$/),
  oneTimeToken: z.string(),
  region: z.string().regex(/^[a-z]{2,12}$/),
});
const exchanged = z.object({ token: z.string() });

/**
 * Opens Svix' portal through Clerk, as its dashboard does. Neither Clerk nor Svix documents this way, so
 * it may be closed one day.
 */
export async function openSvixPortal(
  { apiUrl, secretKey }: ClerkApiSettings,
  environment: Environment,
): Promise<OpenedPortal> {
  const given = await call(`${apiUrl.replace(/\/+$/, "")}/v1/webhooks/svix_url`, {
    method: "POST",
    headers: { authorization: `Bearer ${secretKey}` },
  });
  if (typeof given === "string") return "closed";
  const refusal = clerkErrors.safeParse(jsonOf(given.text)).data?.errors[0]?.code;
  if (refusal === "svix_app_missing") return "no app";
  const key = readKey(address.safeParse(jsonOf(given.text)).data?.svix_url);
  if (!key) return "closed";
  const double = variable(environment, "SVIX_SERVER_URL")?.replace(/\/+$/, "");
  // The token goes there, so it must be Svix or this machine.
  const local = double !== undefined &&
    ["127.0.0.1", "localhost"].includes(new URL(double).hostname);
  const server = local ? double : `https://api.${key.region}.svix.com`;
  const opened = await call(`${server}/api/v1/auth/one-time-token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ oneTimeToken: key.oneTimeToken }),
  });
  const token = typeof opened === "string"
    ? undefined
    : exchanged.safeParse(jsonOf(opened.text)).data?.token;
  if (token === undefined) return "closed";
  return {
    local,
    async read(path, schema) {
      const answer = await call(`${server}/api/v1/app/${key.appId}/${path}`, {
        headers: { authorization: `Bearer ${token}`, accept: "application/json" },
      });
      if (typeof answer === "string" || answer.status !== 200) return undefined;
      return schema.safeParse(jsonOf(answer.text)).data;
    },
  };
}

function readKey(url: string | undefined): z.infer<typeof portalKey> | undefined {
  try {
    // A plus sign in a query stands for a space.
    const encoded = new URLSearchParams(new URL(url ?? "").hash.slice(1)).get("key") ?? "";
    return portalKey.safeParse(
      JSON.parse(new TextDecoder().decode(decodeBase64Url(encoded.replaceAll(" ", "+")))),
    ).data;
  } catch {
    return undefined;
  }
}
