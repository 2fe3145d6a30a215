import { join } from "node:path";
import { z } from "zod";
import { writeSecretFile } from "./keys/keys.ts";
import { ifPresent } from "./presence.ts";

const valuesSchema = z.object({
  API_URL: z.url(),
  DB_URL: z.url(),
  CONSOLE_URL: z.url(),
  ANON_KEY: z.string(),
  SERVICE_ROLE_KEY: z.string(),
  PUBLISHABLE_KEY: z.string(),
  SECRET_KEY: z.string(),
  JWT_SECRET: z.string(),
  CLERK_API_URL: z.url(),
  CLERK_SECRET_KEY: z.string(),
  CLERK_RECONCILE_KEY: z.string(),
  /** Empty if the developer's own instance has none yet. */
  CLERK_WEBHOOK_SECRET: z.string(),
  CLERK_INSTANCE_ID: z.string(),
  /** PEM with its newlines escaped, as CLERK_JWT_KEY takes it. */
  CLERK_JWT_KEY: z.string(),
});

/** The running stack's addresses and keys, as `status` prints them. */
export type StackValues = z.infer<typeof valuesSchema>;

/** The file that holds a stack's values while it runs. */
export type ValuesFile = {
  read(): Promise<StackValues | undefined>;
  write(values: StackValues): Promise<void>;
  remove(): Promise<void>;
};

/** The values file of a stack folder. Only its owner can read it, because it holds keys. */
export function valuesFile(directory: string): ValuesFile {
  const path = join(directory, "status.json");
  return {
    read: async () => {
      const text = await ifPresent(Deno.readTextFile(path));
      if (text === undefined) return undefined;
      try {
        return valuesSchema.parse(JSON.parse(text));
      } catch {
        throw new Error(`${path} is damaged. Stop the stack and start it again`);
      }
    },
    write: (values) => writeSecretFile(path, JSON.stringify(values, null, 2)),
    remove: () => ifPresent(Deno.remove(path)),
  };
}
