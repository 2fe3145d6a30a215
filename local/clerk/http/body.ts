import type { Context } from "hono";
import type { z } from "zod";
import { clerkErrors, type Refusal, type Result, succeed } from "./errors.ts";

/** Reads a JSON body. No body counts as `{}`, because Clerk's clients send none instead of an empty one. */
export async function readBody<T>(
  { req }: Context,
  schema: z.ZodType<T>,
): Promise<Result<T>> {
  const text = await req.text();
  const contentType = req.header("content-type") ?? "application/json";
  if (text !== "" && !/^application\/json\b/i.test(contentType)) {
    return clerkErrors.contentTypeUnsupported(contentType);
  }
  const body = parseObject(text);
  if (!body) return clerkErrors.bodyInvalid();
  const parsed = schema.safeParse(body);
  return parsed.success ? succeed(parsed.data) : refusalOf(parsed.error, body);
}

function parseObject(text: string): object | undefined {
  try {
    const body: unknown = text === "" ? {} : JSON.parse(text);
    return typeof body === "object" && body !== null && !Array.isArray(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** A refusal with one error for each thing that is wrong with a body. */
function refusalOf(error: z.ZodError, body: object): Refusal {
  const refusals = error.issues.flatMap((issue) => refusalsOf(issue, body));
  return {
    ok: false,
    failure: { status: 422, errors: refusals.flatMap(({ failure }) => failure.errors) },
  };
}

function refusalsOf(issue: z.core.$ZodIssue, body: object): Refusal[] {
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
      return [refusalOfFormat(issue.format, parameter)];
    default:
      return [clerkErrors.parameterValueInvalid(parameter, `${parameter} is invalid`)];
  }
}

function refusalOfFormat(format: string, parameter: string): Refusal {
  if (format === "datetime") return clerkErrors.parameterTimeInvalid(parameter);
  const expected = format === "email"
    ? "a valid email address."
    : "a valid phone number according to E.164 international standard.";
  return clerkErrors.parameterFormatInvalid(parameter, `${parameter} must be ${expected}`);
}
