import { z } from "zod";
import { decodeBase64Url } from "../../supabase/functions/_shared/base64.ts";
import { ask, type Service } from "./ask.ts";
import { fail, type Outcome, succeed } from "./outcome.ts";
import type { ClerkAccess } from "./settings.ts";
import { type RsaKeys, rsaKeySet } from "./signing_keys.ts";

const instance = z.object({ id: z.string() });
const domains = z.object({
  data: z.array(z.object({ is_satellite: z.boolean(), frontend_api_url: z.url() })),
});
const listed = z.array(z.object({ id: z.string() }));
const token = z.object({ jwt: z.string() });
const claims = z.object({ role: z.string().optional() });

/** What a token of somebody who is signed in says about their role. */
export type RoleClaim = "right" | "missing" | "nobody is signed in";

/** Clerk's Backend API, as far as an operator asks it. */
export interface Clerk {
  instanceId(): Promise<Outcome<string>>;
  /** The Frontend API's address, which is the `iss` of every session token. */
  issuer(): Promise<Outcome<string>>;
  /** The public keys of the session tokens. */
  signingKeys(): Promise<Outcome<RsaKeys>>;
  /** Asks for a token of whoever signed in last, looks at it and forgets it. */
  roleClaim(): Promise<Outcome<RoleClaim>>;
}

export function createClerk(access: ClerkAccess): Clerk {
  const service = clerkService(access);

  async function firstId(path: string): Promise<Outcome<string | undefined>> {
    const found = await ask(service, { method: "GET", path, schema: listed });
    return found.ok ? succeed(found.value[0]?.id) : found;
  }

  return {
    async instanceId() {
      const found = await ask(service, { method: "GET", path: "/v1/instance", schema: instance });
      return found.ok ? succeed(found.value.id) : found;
    },
    async issuer() {
      const found = await ask(service, { method: "GET", path: "/v1/domains", schema: domains });
      if (!found.ok) return found;
      const primary = found.value.data.find(({ is_satellite: isSatellite }) => !isSatellite);
      if (primary) return succeed(primary.frontend_api_url.replace(/\/+$/, ""));
      return fail("The Clerk instance has no domain", "Set one in Clerk: Configure, Domains");
    },
    signingKeys: () => ask(service, { method: "GET", path: "/v1/jwks", schema: rsaKeySet }),
    async roleClaim() {
      const user = await firstId("/v1/users?limit=1&order_by=-last_sign_in_at");
      if (!user.ok) return user;
      if (user.value === undefined) return succeed("nobody is signed in");
      const session = await firstId(`/v1/sessions?user_id=${user.value}&status=active&limit=1`);
      if (!session.ok) return session;
      if (session.value === undefined) return succeed("nobody is signed in");
      const path = `/v1/sessions/${session.value}/tokens`;
      const signed = await ask(service, { method: "POST", path, body: {}, schema: token });
      if (!signed.ok) return signed;
      return succeed(roleOf(signed.value.jwt) === "authenticated" ? "right" : "missing");
    },
  };
}

export function clerkService({ apiUrl, secretKey, timeLimit }: ClerkAccess): Service {
  return {
    name: "Clerk",
    url: apiUrl,
    token: secretKey,
    refused: "Copy CLERK_SECRET_KEY again (in Clerk: Configure, API keys)",
    timeLimit,
  };
}

function roleOf(jwt: string): string | undefined {
  try {
    const payload = new TextDecoder().decode(decodeBase64Url(jwt.split(".")[1] ?? ""));
    return claims.parse(JSON.parse(payload)).role;
  } catch {
    return undefined;
  }
}
