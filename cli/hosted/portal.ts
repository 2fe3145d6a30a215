import { Svix } from "svix";
import { z } from "zod";
import { decodeBase64Url } from "../../supabase/functions/_shared/base64.ts";
import { ask, type Refusal } from "./ask.ts";
import { clerkService } from "./clerk.ts";
import { fail, type Outcome, succeed } from "./outcome.ts";
import type { ClerkAccess } from "./settings.ts";

const portal = z.object({ svix_url: z.url() });
const key = z.object({
  appId: z.string().regex(/^\w+$/),
  oneTimeToken: z.string().min(1),
  // It becomes part of the address that the token is sent to.
  region: z.string().regex(/^[a-z]{2,10}$/),
});
const session = z.object({ token: z.string().min(1) });
const clerkErrors = z.object({ errors: z.array(z.object({ code: z.string() })) });

const again = "Run it again. If it fails again, Clerk may have changed the way there";

/** The Clerk instance's app at Svix. */
export interface SvixApp {
  readonly svix: Svix;
  readonly appId: string;
}

/** What opens Svix' API for the app of a Clerk instance. */
export interface PortalPass {
  /** Of the API's server. */
  readonly url: string;
  readonly token: string;
  readonly appId: string;
}

/** Opens the instance's app at Svix, as `enterPortal()` does. */
export async function openPortal(
  access: ClerkAccess,
  create: boolean,
): Promise<Outcome<SvixApp | undefined>> {
  const entered = await enterPortal(access, create);
  if (!entered.ok) return entered;
  if (entered.value === undefined) return succeed(undefined);
  const { url, token, appId } = entered.value;
  const options = { serverUrl: url, requestTimeout: access.timeLimit };
  return succeed({ appId, svix: new Svix(token, options) });
}

/**
 * Enters Clerk's portal to Svix as a browser does: Clerk's Backend API gives an address with a token
 * that works once, and Svix gives one for its API in exchange. Clerk does not document it.
 *
 * @param create whether to make the app if the instance has none
 * @returns undefined if there is no app, and none was to be made
 */
export async function enterPortal(
  access: ClerkAccess,
  create: boolean,
): Promise<Outcome<PortalPass | undefined>> {
  const address = await readAddress(access, create);
  if (!address.ok) return address;
  if (address.value === undefined) return succeed(undefined);
  const decoded = decodeKey(address.value);
  if (!decoded.ok) return decoded;
  const { appId, oneTimeToken, region } = decoded.value;
  const url = access.svixUrl ?? `https://api.${region}.svix.com`;
  const { timeLimit } = access;
  const exchanged = await ask({ name: "Svix", url, refused: again, timeLimit }, {
    method: "POST",
    path: "/api/v1/auth/one-time-token",
    body: { oneTimeToken },
    schema: session,
  });
  return exchanged.ok ? succeed({ url, appId, token: exchanged.value.token }) : exchanged;
}

async function readAddress(
  access: ClerkAccess,
  create: boolean,
): Promise<Outcome<string | undefined>> {
  const post = (path: string, otherwise: (refusal: Refusal) => Outcome<undefined> | undefined) =>
    ask<z.infer<typeof portal> | undefined>(
      clerkService(access),
      { method: "POST", path, schema: portal },
      otherwise,
    );
  const absent = () => succeed(undefined);
  const open = () =>
    post(
      "/v1/webhooks/svix_url",
      (refusal) => says(refusal, "svix_app_missing") ? absent() : undefined,
    );
  const opened = await open();
  if (!opened.ok) return opened;
  if (opened.value || !create) return succeed(opened.value?.svix_url);
  const created = await post(
    "/v1/webhooks/svix",
    (refusal) => says(refusal, "svix_app_exists") ? absent() : undefined,
  );
  if (!created.ok) return created;
  // Somebody else has just made it.
  const last = created.value ? created : await open();
  if (!last.ok) return last;
  return last.value
    ? succeed(last.value.svix_url)
    : fail("Clerk has no Svix app for this instance", again);
}

function says({ text }: Refusal, code: string): boolean {
  try {
    return clerkErrors.parse(JSON.parse(text)).errors.some((error) => error.code === code);
  } catch {
    return false;
  }
}

function decodeKey(address: string): Outcome<z.infer<typeof key>> {
  try {
    const encoded = new URLSearchParams(new URL(address).hash.slice(1)).get("key") ?? "";
    // A plus sign in a query stands for a space.
    const text = new TextDecoder().decode(decodeBase64Url(encoded.replaceAll(" ", "+")));
    return succeed(key.parse(JSON.parse(text)));
  } catch {
    return fail("The address of Clerk's portal to Svix has no key that can be read", again);
  }
}
