import type { Context } from "hono";
import type { z } from "zod";
import { clerkErrors, type Result, succeed } from "../http/errors.ts";

/** Reads a form, in which Clerk's browser packages send everything. A field that is empty is absent. */
export async function readForm<T>({ req }: Context, schema: z.ZodType<T>): Promise<Result<T>> {
  const fields = [...new URLSearchParams(await req.text())].filter(([, value]) => value !== "");
  const parsed = schema.safeParse(Object.fromEntries(fields));
  if (parsed.success) return succeed(parsed.data);
  const [issue] = parsed.error.issues;
  if (issue?.code === "unrecognized_keys") {
    return clerkErrors.parameterUnknown(issue.keys[0] ?? "");
  }
  const field = String(issue?.path[0] ?? "");
  return clerkErrors.parameterFormatInvalid(field, `${field} is invalid`);
}
