import { fail, type Result, succeed } from "./failure.ts";

/** Bytes that a webhook's body may have. */
export const largestBody = 1024 * 1024;

/**
 * The request's body as it was sent, read no further than the limit.
 *
 * @returns `payload_too_large`, or `invalid_request` where it breaks off or is not UTF-8
 */
export async function readBody(request: Request, limit = largestBody): Promise<Result<string>> {
  if (Number(request.headers.get("content-length")) > limit) return fail("payload_too_large");
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let size = 0;
  let text = "";
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > limit) return fail("payload_too_large");
      text += decoder.decode(chunk, { stream: true });
    }
    return succeed(text + decoder.decode());
  } catch (error) {
    const malformed = error instanceof TypeError;
    return fail("invalid_request", {
      message: malformed ? "Body is not valid UTF-8" : "Body could not be read",
    });
  }
}
