import type { PastAttempt } from "../endpoint_history.ts";

/** An attempt in the form of Svix' API. */
export function renderAttempt(
  attempt: PastAttempt,
  { withContent, withMessage }: { withContent: boolean; withMessage: boolean },
) {
  const success = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
  return {
    id: attempt.id,
    msgId: attempt.message_id,
    endpointId: attempt.endpoint_id,
    url: attempt.url,
    response: withContent ? attempt.response : "",
    responseStatusCode: attempt.status ?? 0,
    responseDurationMs: attempt.ms,
    status: success ? 0 : 2,
    statusText: success ? "success" : "fail",
    triggerType: 0,
    timestamp: new Date(attempt.at).toISOString(),
    ...(withMessage ? { msg: renderMessage(attempt, withContent) } : {}),
  };
}

function renderMessage(attempt: PastAttempt, withContent: boolean) {
  return {
    id: attempt.message_id,
    eventId: null,
    eventType: attempt.type,
    payload: withContent ? JSON.parse(attempt.payload) : {},
    channels: null,
    tags: null,
    timestamp: new Date(attempt.created_at).toISOString(),
  };
}
