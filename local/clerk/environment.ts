import { z } from "zod";
import { endpointSettings } from "./svix/endpoint.ts";

/** A variable that may be missing or empty. */
function optional<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => value === "" ? undefined : value, schema.optional());
}

const milliseconds = z.string()
  .transform((text) => text.split(",").map((part) => Number(part.trim())))
  .pipe(z.array(z.int().nonnegative()));

/** The double's environment. README.md explains each variable. */
export const doubleEnvironment = z.object({
  CLERK_DOUBLE_PORT: z.coerce.number().int().min(0).max(65_535),
  CLERK_DOUBLE_DATABASE: z.string().min(1),
  CLERK_SECRET_KEY: z.string().regex(/^sk_(test|live)_\w+$/),
  CLERK_DOUBLE_PRIVATE_KEY: z.string().includes("PRIVATE KEY"),
  CLERK_INSTANCE_ID: z.string().startsWith("ins_"),
  CLERK_DOUBLE_ISSUER: optional(z.url()),
  CLERK_DOUBLE_ORIGIN: optional(z.url()),
  CLERK_WEBHOOK_URL: optional(endpointSettings.shape.url.unwrap()),
  CLERK_WEBHOOK_SECRET: optional(
    z.string().transform((text) => text.split(/[\s,]+/)).pipe(endpointSettings.shape.secrets),
  ),
  CLERK_DOUBLE_RETRY_SCHEDULE: optional(milliseconds),
});
