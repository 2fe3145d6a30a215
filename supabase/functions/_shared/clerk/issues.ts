import type * as z from "zod";

/** Lists problems by path: "data.id: Invalid input: expected string, received undefined". */
export function describeIssues(error: z.ZodError, prefix: readonly string[] = []): string {
  return error.issues.slice(0, 5)
    .map((issue) => `${[...prefix, ...issue.path].join(".") || "body"}: ${issue.message}`)
    .join("; ");
}
