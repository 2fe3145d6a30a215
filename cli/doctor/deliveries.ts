import { failed, ok, type Outcome, warn } from "./check.ts";
import type { MigratedDatabase } from "./migrations.ts";
import { describeSeconds } from "./sync_status.ts";

/** Seconds. A delivery takes less than one; Svix' first repetition comes after 5, the next after 300. */
const longLag = 60;

const log = "Read the function's log: Supabase dashboard, Edge Functions, clerk-webhook";
const database =
  "Read docs/troubleshooting.md (Database refused the row), and fix the constraint or trigger";

/** How long webhooks take to arrive. */
export function checkLag({ status }: MigratedDatabase): Outcome<undefined> {
  const { lag_p50: usual, lag_p95: slow, events_last_hour: events } = status;
  if (usual === null || slow === null) {
    return ok("No webhook in the last hour, so no lag", undefined);
  }
  const lag = `half of the last hour's ${events} webhooks came within ${describeSeconds(usual)}, ` +
    `95 % within ${describeSeconds(slow)}`;
  if (usual > longLag) {
    return failed(
      `Webhooks are late: ${lag}`,
      "Look at webhook-attempts: failed deliveries come again later. If there are none, see https://status.svix.com",
    );
  }
  if (slow > longLag) return warn(`Some webhooks are late: ${lag}`, log, undefined);
  return ok(`${lag.charAt(0).toUpperCase()}${lag.slice(1)}`, undefined);
}

/** Whether webhooks have stopped. */
export function checkSilence({ status }: MigratedDatabase): Outcome<undefined> {
  const { silence, usual_silence: usual, silent } = status;
  if (silence === null) {
    return warn(
      "No webhook has ever arrived",
      "Change a user in Clerk. If nothing comes, look at webhook-endpoint",
      undefined,
    );
  }
  const since = `the newest webhook came ${describeSeconds(silence)} ago`;
  if (silent) {
    return failed(
      `Webhooks have stopped: ${since}, and the longest pause before was ${
        describeSeconds(usual ?? 0)
      }`,
      "Look at webhook-endpoint and webhook-attempts. Then bring in what was missed: deno task reconcile --repair",
    );
  }
  return ok(`${since.charAt(0).toUpperCase()}${since.slice(1)}`, undefined);
}

/** Whether deliveries were refused and have not succeeded since. */
export function checkRefusedDeliveries({ status }: MigratedDatabase): Outcome<undefined> {
  const { rejected, rejected_reason: refusal, invalid, invalid_reason: fault } = status;
  if (rejected > 0) {
    return failed(`The database refuses ${count(rejected)}${because(refusal)}`, database);
  }
  if (invalid > 0) {
    return warn(
      `${count(invalid)} ${invalid === 1 ? "was" : "were"} refused${because(fault)}`,
      "Look: select * from public.clerk_deliveries where outcome = 'invalid'. Mend the cause, then: deno task replay",
      undefined,
    );
  }
  return ok("No delivery was refused", undefined);
}

function count(deliveries: number): string {
  return deliveries === 1 ? "1 delivery" : `${deliveries} deliveries`;
}

/** The ledger's reasons quote no values: SQLSTATE and names, or paths. */
function because(reason: string | null): string {
  return reason === null ? "" : `, most often: ${reason.slice(0, 200)}`;
}
