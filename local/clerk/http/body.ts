import type { z } from "zod";
import { clerkErrors, type ClerkFailure, done, type Outcome, refused } from "./errors.ts";

/**
 * Reads a JSON body. An absent body counts as `{}`, as Clerk's own clients leave it out where they
 * have nothing to say.
 */
export async function readBody<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<Outcome<z.output<Schema>>> {
  const text = await request.text();
  const contentType = request.headers.get("content-type") ?? "application/json";
  if (text !== "" && !/^application\/json\b/i.test(contentType)) {
    return refused(clerkErrors.contentTypeUnsupported(contentType));
  }
  let body: unknown;
  try {
    body = text === "" ? {} : JSON.parse(text);
  } catch {
    return refused(clerkErrors.bodyInvalid());
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return refused(clerkErrors.bodyInvalid());
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return done(parsed.data);
  return refused(toClerkFailure(parsed.error, body));
}

/** All that is wrong with a body, one Clerk error each. */
function toClerkFailure(error: z.ZodError, body: object): ClerkFailure {
  const failures = error.issues.flatMap((issue) => toClerkFailures(issue, body));
  return { status: 422, errors: failures.flatMap(({ errors }) => errors) };
}

function toClerkFailures(issue: z.core.$ZodIssue, body: object): ClerkFailure[] {
  const parameter = String(issue.path[0] ?? "");
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map(clerkErrors.parameterUnknown);
    case "invalid_type":
      return [
        parameter in body
          ? clerkErrors.parameterTypeInvalid(parameter, issue.expected)
          : clerkErrors.parameterMissing(parameter),
      ];
    case "invalid_format":
      return [formatFailure(issue.format, parameter)];
    default:
      return [clerkErrors.parameterValueInvalid(parameter, `${parameter} is invalid`)];
  }
}

function formatFailure(format: string, parameter: string): ClerkFailure {
  if (format === "datetime") return clerkErrors.parameterTimeInvalid(parameter);
  const expected = format === "email"
    ? "a valid email address."
    : "a valid phone number according to E.164 international standard.";
  return clerkErrors.parameterFormatInvalid(parameter, `${parameter} must be ${expected}`);
}
