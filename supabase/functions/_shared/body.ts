import { fail, type Result, succeed } from "./failure.ts";
import { TimeLimitExceeded, upstreamTimeLimit, withinTimeLimit } from "./time_limit.ts";

/** Bytes that a webhook's body may have. */
export const largestBody = 1024 * 1024;

export interface BodyLimits {
  /** Bytes. */
  readonly size?: number;
  /** Milliseconds. */
  readonly time?: number;
}

/**
 * The request's body as it was sent, read no further and waited for no longer than the limits.
 *
 * @returns `payload_too_large`, or `invalid_request` where it breaks off, does not come or is not UTF-8
 */
export async function readBody(
  request: Request,
  { size: largest = largestBody, time = upstreamTimeLimit }: BodyLimits = {},
): Promise<Result<string>> {
  if (Number(request.headers.get("content-length")) > largest) return fail("payload_too_large");
  const reader = request.body?.getReader();
  try {
    const bytes = reader
      ? await withinTimeLimit(readBytes(reader, largest), time)
      : new Uint8Array();
    return bytes ? decode(bytes) : fail("payload_too_large");
  } catch (error) {
    const late = error instanceof TimeLimitExceeded;
    return fail("invalid_request", {
      message: late ? "Body did not arrive in time" : "Body could not be read",
    });
  } finally {
    // Of what is left nobody waits for the end.
    reader?.cancel().catch(() => {});
  }
}

/** Undefined where there are more than so many. */
async function readBytes(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  largest: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
    size += value.byteLength;
    if (size > largest) return undefined;
    chunks.push(value);
  }
}

function decode(bytes: Uint8Array): Result<string> {
  try {
    // The signature covers a byte order mark as well.
    return succeed(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return fail("invalid_request", { message: "Body is not valid UTF-8" });
  }
}
