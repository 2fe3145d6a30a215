import { z } from "zod";

const values = z.object({
  API_URL: z.url(),
  CONSOLE_URL: z.url(),
  DB_URL: z.string().min(1),
  ANON_KEY: z.string().min(1),
  SERVICE_ROLE_KEY: z.string().min(1),
  PUBLISHABLE_KEY: z.string().min(1),
  SECRET_KEY: z.string().min(1),
  JWT_SECRET: z.string().min(1),
  CLERK_API_URL: z.url(),
  CLERK_SECRET_KEY: z.string().min(1),
  CLERK_RECONCILE_KEY: z.string().min(1),
  CLERK_WEBHOOK_SECRET: z.string().min(1),
  CLERK_JWT_KEY: z.string().min(1),
});

/** The values that `deno task status` prints. */
export type StackValues = z.infer<typeof values>;

/**
 * Whether the stack's database automatically grants new tables in schema public to the API's roles. Both
 * kinds of projects exist. tests/run.ts says which kind this is.
 */
export const automaticGrants = Deno.env.get("LOCAL_AUTOMATIC_GRANTS") === "true";

/** The stacks that this process uses in place of the test run's. The last one counts. */
const own: StackValues[] = [];

/** Makes this process use this stack until it is disposed of. */
export function useStack(stack: StackValues): Disposable {
  own.push(stack);
  return {
    [Symbol.dispose]() {
      own.splice(own.indexOf(stack), 1);
    },
  };
}

/** The stack to use: the process' own, or the test run's, which tests/run.ts passes in the environment. */
export function runningStack(): StackValues {
  const last = own.at(-1);
  if (last) return last;
  const parsed = values.safeParse(Deno.env.toObject());
  if (parsed.success) return parsed.data;
  throw new Error("These tests need a running stack: run them with `deno task test tests/…`");
}
