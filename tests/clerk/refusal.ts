import { isClerkAPIResponseError } from "@clerk/backend/errors";
import assert from "node:assert/strict";

/** Awaits a refusal. Returns its status and codes as the client read them. */
export async function refusal(
  request: Promise<unknown>,
): Promise<{ status: number; codes: string[] }> {
  const error: unknown = await request.then(
    () => assert.fail("The request was not refused"),
    (error) => error,
  );
  if (!isClerkAPIResponseError(error)) throw error;
  assert.ok(error.clerkTraceId);
  return { status: error.status, codes: error.errors.map(({ code }) => code) };
}
