import { type Failure, meaningOf, type Result } from "../failure.ts";
import type { Log, LogFields } from "./log.ts";

/** How a request was answered. */
export interface Answered {
  readonly requestId: string;
  readonly method: string;
  readonly status: number;
  /** Whole. */
  readonly milliseconds: number;
  readonly result: Result<{ readonly note?: LogFields }>;
}

/** Writes the one log line of a request. An answer's note adds its fields, a failure says what it was. */
export function logRequest(log: Log, answered: Answered): void {
  const { requestId, method, status, milliseconds, result } = answered;
  log(levelOf(status), "request", {
    request_id: requestId,
    method,
    status,
    ms: milliseconds,
    ...(result.ok ? result.value.note : noteOf(result.failure)),
  });
}

function noteOf(failure: Failure): LogFields {
  const { message } = meaningOf(failure);
  return { code: failure.code, error: message, reason: failure.reason };
}

function levelOf(status: number): "info" | "warn" | "error" {
  if (status >= 500) return "error";
  return status >= 400 ? "warn" : "info";
}
