import * as z from "zod/mini";
import type { Result } from "../_shared/failure.ts";
import { fail, succeed } from "../_shared/failure.ts";
import { readBody } from "../_shared/http/body.ts";
import { createEndpoint, type Endpoint, type Handler } from "../_shared/http/endpoint.ts";
import type { Log } from "../_shared/http/log.ts";
import { type Slice, type SliceKind, sliceKinds, unknownKind } from "../_shared/reconcile/slice.ts";
import { sumOf } from "../_shared/runs/tally.ts";

export const endpoint: Endpoint = { methods: ["POST"], browsers: false };

export interface ClerkReconcileDependencies {
  /** The bearer that callers must have. */
  readonly key: string;
  readonly advance: (kind: SliceKind) => Promise<Result<Slice>>;
  readonly log: Log;
}

/**
 * `POST clerk-reconcile`: advances a reconciliation that repairs, for some seconds. Call it with
 * `{"kind":"continue"}` until the answer says `"done":true`.
 */
export function createClerkReconcile(dependencies: ClerkReconcileDependencies): Handler {
  const { key, advance, log } = dependencies;
  return createEndpoint(endpoint, log, async (request) => {
    const authorization = request.headers.get("authorization");
    if (authorization === null) return fail("missing_token");
    if (!await isSame(authorization, `Bearer ${key}`)) {
      return fail("invalid_token", { message: "CLERK_RECONCILE_KEY is another" });
    }
    const body = await readBody(request);
    if (!body.ok) return body;
    const kind = readKind(body.value);
    if (kind === undefined) return unknownKind();
    const slice = await advance(kind);
    if (!slice.ok) return slice;
    const { outcome, done, counts } = slice.value;
    const note = { type: kind, outcome: outcome ?? "open", drift: sumOf(counts, "left") };
    return succeed({ status: 200, body: { outcome, kind: slice.value.kind, counts, done }, note });
  });
}

const asked = z.object({ kind: z.enum(sliceKinds) });

function readKind(text: string): SliceKind | undefined {
  try {
    return asked.safeParse(JSON.parse(text)).data?.kind;
  } catch {
    return undefined;
  }
}

/** Compares in a time that tells nothing of the texts. */
async function isSame(one: string, other: string): Promise<boolean> {
  const [left, right] = await Promise.all(
    [one, other].map(async (text) =>
      new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))
    ),
  );
  if (!left || !right) return false;
  return left.reduce((difference, byte, index) => difference | (byte ^ (right[index] ?? 0)), 0) ===
    0;
}
