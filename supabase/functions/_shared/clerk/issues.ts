import { en } from "zod/locales";
import * as z from "zod/mini";

// zod/mini has no messages of its own.
z.config(en());

/** Lists problems by path: "data.id: Invalid input: expected string, received undefined". */
export function describeIssues(error: z.core.$ZodError, prefix: readonly string[] = []): string {
  return error.issues.slice(0, 5)
    .map((issue) => `${[...prefix, ...issue.path].join(".") || "body"}: ${issue.message}`)
    .join("; ");
}
