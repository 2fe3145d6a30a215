import { Hono } from "hono";
import { z } from "zod";
import type { Context } from "../context.ts";
import { readJson } from "../control/json.ts";
import { createDiscoveryRoutes } from "./discovery.ts";
import type { InstanceKey } from "./instance_key.ts";
import { createSigningKeys, type SigningKeys } from "./rotation.ts";

const rotation = z.strictObject({ keep_ms: z.int().nonnegative().default(0) });

export interface KeysContext extends Context {
  readonly key: InstanceKey;
}

/** The keys that sign tokens, and the routes that publish them. */
export interface Keys {
  readonly signingKeys: SigningKeys;
  readonly routes: Hono;
  /** `/.well-known`, which needs no secret key. */
  readonly discovery: Hono;
  readonly control: Hono;
}

export function createKeys({ key, issuerOf, now }: KeysContext): Keys {
  const signingKeys = createSigningKeys(key, now);

  const routes = new Hono();
  routes.get("/jwks", () => Response.json({ keys: signingKeys.published() }));

  const control = new Hono();
  control.post("/keys/rotate", async (context) => {
    const { keep_ms: keepFor } = await readJson(context, rotation);
    const { publicJwk, publicKeyPem } = await signingKeys.rotate(keepFor);
    return Response.json({ kid: publicJwk.kid, pem: publicKeyPem });
  });

  const discovery = createDiscoveryRoutes(signingKeys.published, issuerOf);
  return { signingKeys, routes, discovery, control };
}
