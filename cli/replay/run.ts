import { callSvix, requireEndpoint, type WantedEndpoint } from "../hosted/endpoints.ts";
import { fail, type Outcome } from "../hosted/outcome.ts";
import { openPortal } from "../hosted/portal.ts";
import type { ClerkAccess } from "../hosted/settings.ts";

/** Milliseconds. Svix recovers nothing older. */
const recoverable = 14 * 86_400_000;

export interface ReplayOptions {
  readonly clerkAccess: ClerkAccess;
  readonly wanted: WantedEndpoint;
  readonly since: Date;
  /** Whether to switch the endpoint on if it is off. */
  readonly enable: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What an endpoint had been sent when the replay began. */
export interface Replay {
  readonly failed: number;
  readonly waiting: number;
}

/** Has Svix deliver again what failed or never came. It does so after this has returned. */
export async function replay(options: ReplayOptions): Promise<Outcome<Replay>> {
  const { clerkAccess, wanted, since, enable, now } = options;
  if (now - since.getTime() > recoverable) {
    return fail(
      "Svix delivers nothing again that is older than 14 days",
      "Give a later time, and have reconcile compare what is older with Clerk",
    );
  }
  const app = await openPortal(clerkAccess, false);
  if (!app.ok) {
    return fail(
      app.problem.what,
      `${app.problem.next}. Or replay it in Clerk: Configure, Webhooks`,
    );
  }
  if (!app.value) return fail("The webhook has no endpoint in Clerk", "Run deploy first");
  const { svix, appId } = app.value;
  const endpoint = await requireEndpoint(app.value, wanted);
  if (!endpoint.ok) return endpoint;
  const { id, disabled } = endpoint.value;
  if (disabled && !enable) {
    return fail(
      "The endpoint is switched off, so Svix delivers nothing to it",
      "Run it again with --enable, once the functions work",
    );
  }
  return await callSvix(async () => {
    if (disabled) await svix.endpoint.patch(appId, id, { disabled: false });
    const { fail: failed, pending: waiting } = await svix.endpoint.getStats(appId, id, { since });
    await svix.endpoint.recover(appId, id, { since });
    await svix.endpoint.replayMissing(appId, id, { since });
    return { failed, waiting };
  });
}
