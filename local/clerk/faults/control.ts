import { Hono } from "hono";
import { z } from "zod";
import { readJson } from "../control/guard.ts";
import { fault, type Faults } from "./fault.ts";
import type { SigningKeys } from "../keys/rotation.ts";

const faultsBody = z.strictObject({ faults: z.array(fault) });
const rotationBody = z.strictObject({ keep_ms: z.int().nonnegative().default(0) });

/** `/double/faults` and `/double/keys`: what goes wrong at Clerk, and what changes there. */
export function createFaultRoutes(deps: { faults: Faults; keys: SigningKeys }): Hono {
  const { faults, keys } = deps;
  const routes = new Hono();
  routes.get("/faults", (context) => context.json({ faults: faults.list() }));
  routes.put("/faults", async (context) => {
    faults.set(faultsBody.parse(await readJson(context)).faults);
    return context.json({ faults: faults.list() });
  });
  routes.delete("/faults", (context) => {
    faults.set([]);
    return context.json({ faults: [] });
  });
  routes.post("/keys/rotate", async (context) => {
    const { keep_ms: keepMs } = rotationBody.parse(await readJson(context));
    const { publicJwk, publicKeyPem } = await keys.rotate(keepMs);
    return context.json({ kid: publicJwk.kid, pem: publicKeyPem });
  });
  return routes;
}
