import { fileURLToPath } from "node:url";
import { buildDenoEnvironment } from "./functions/deno_environment.ts";
import type { Keys } from "./keys/keys.ts";
import type { PartSpecification } from "./supervisor/part.ts";

/** Settings of the Clerk double's process. */
export type ClerkServerOptions = {
  port: number;
  /** SQLite file. */
  database: string;
  keys: Keys;
  webhookUrl: string;
  /** Waits before each retry of a webhook, in ms; undefined: Svix' own. */
  retrySchedule: number[] | undefined;
};

/** Specifies how the Clerk double starts and ends. */
export function specifyClerkServer(
  { port, database, keys, webhookUrl, retrySchedule }: ClerkServerOptions,
): PartSpecification {
  return {
    name: "Clerk double",
    launch: () =>
      Promise.resolve({
        file: Deno.execPath(),
        args: [
          "run",
          "--quiet",
          "--no-prompt",
          "--allow-env",
          "--allow-net",
          "--allow-read",
          "--allow-write",
          fileURLToPath(new URL("clerk/main.ts", import.meta.url)),
        ],
        environment: {
          ...buildDenoEnvironment(),
          CLERK_DOUBLE_PORT: String(port),
          CLERK_DOUBLE_DATABASE: database,
          CLERK_SECRET_KEY: keys.clerkSecretKey,
          CLERK_DOUBLE_PRIVATE_KEY: keys.clerkPrivateKeyPem,
          CLERK_INSTANCE_ID: keys.clerkInstanceId,
          CLERK_WEBHOOK_URL: webhookUrl,
          CLERK_WEBHOOK_SECRET: keys.clerkWebhookSecret,
          ...(retrySchedule === undefined
            ? {}
            : { CLERK_DOUBLE_RETRY_SCHEDULE: retrySchedule.join(",") }),
        },
      }),
    answers: async (log, signal) => {
      await log.next(/^listening on http:/, signal);
    },
    endings: [{ signal: "SIGTERM", patience: 3000 }],
    emergency: "process",
    hopeless: "fail",
    explain: (tail) => {
      if (tail.some((line) => /unable to open database file/.test(line))) {
        return `The Clerk double's data in ${database} cannot be opened. Give this account ` +
          "access to its folder, or start over with: deno task start --fresh";
      }
      const damaged = /file is not a database|database disk image is malformed|no such column/;
      if (!tail.some((line) => damaged.test(line))) return undefined;
      return `The Clerk double's data in ${database} is damaged. Start over with: ` +
        "deno task start --fresh";
    },
  };
}
