import assert from "node:assert/strict";
import { z } from "zod";

const errorBody = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    request_id: z.string().min(8),
  }),
});

export type AnsweredError = z.infer<typeof errorBody>["error"];

/** The error in an answer. Asserts the form that all errors have. */
export async function readError(response: Response): Promise<AnsweredError> {
  assert.equal(response.headers.get("content-type"), "application/json");
  const { error } = errorBody.parse(await response.json());
  assert.equal(response.headers.get("x-request-id"), error.request_id);
  return error;
}

/** The body of a success. Asserts the form that all successes have. */
export async function readSuccess(response: Response): Promise<unknown> {
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.ok(response.headers.get("x-request-id"));
  return await response.json();
}
