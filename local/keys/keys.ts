import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { generateInstanceKey, readInstanceKey } from "../clerk/keys/instance_key.ts";
import { ifPresent } from "../presence.ts";
import { signApiKey } from "./api_jwt.ts";

const keysSchema = z.object({
  jwtSecret: z.string().min(32),
  anonKey: z.string(),
  serviceRoleKey: z.string(),
  publishableKey: z.string().startsWith("sb_publishable_"),
  secretKey: z.string().startsWith("sb_secret_"),
  clerkSecretKey: z.string().startsWith("sk_test_"),
  clerkWebhookSecret: z.string().startsWith("whsec_"),
  clerkInstanceId: z.string().startsWith("ins_"),
  clerkPrivateKeyPem: z.string(),
  // Older key files lack this key and these two passwords. Both passwords go into SQL unescaped.
  clerkReconcileKey: z.string().min(32).default(() => token(40)),
  databaseAdminPassword: z.string().regex(/^\w{32,}$/).default(() => token(40)),
  authenticatorPassword: z.string().regex(/^\w{32,}$/).default(() => token(40)),
});

/** Every secret of a stack, made once for its folder. */
export type Keys = z.infer<typeof keysSchema>;

/**
 * Reads the keys of a stack folder. Makes them on the first start.
 *
 * @param fresh Replaces a file that does not hold keys.
 * @throws Error with what to do if there is such a file and `fresh` is false.
 */
export async function loadKeys(directory: string, fresh = false): Promise<Keys> {
  const path = join(directory, "keys.json");
  const text = await ifPresent(Deno.readTextFile(path));
  const stored = text === undefined ? undefined : await parseKeys(text);
  if (text !== undefined && stored === undefined && !fresh) {
    throw new Error(
      `${path} does not hold the stack's keys. Start over with: deno task start --fresh`,
    );
  }
  const keys = stored ?? await generateKeys();
  const whole = JSON.stringify(keys, null, 2);
  if (text !== whole) await writeSecretFile(path, whole);
  return keys;
}

/** Makes a full set of new keys. */
export async function generateKeys(): Promise<Keys> {
  const jwtSecret = randomBytes(32).toString("hex");
  const now = Math.floor(Date.now() / 1000);
  return {
    jwtSecret,
    anonKey: await signApiKey(jwtSecret, "anon", now),
    serviceRoleKey: await signApiKey(jwtSecret, "service_role", now),
    publishableKey: `sb_publishable_${token(32)}`,
    secretKey: `sb_secret_${token(32)}`,
    clerkSecretKey: `sk_test_${token(42)}`,
    clerkWebhookSecret: `whsec_${randomBytes(24).toString("base64")}`,
    clerkInstanceId: `ins_${token(27)}`,
    clerkPrivateKeyPem: (await generateInstanceKey()).privateKeyPem,
    clerkReconcileKey: token(40),
    databaseAdminPassword: token(40),
    authenticatorPassword: token(40),
  };
}

/** Writes a file that only its owner can read. It is written completely or not at all. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${Deno.pid}.draft`;
  await Deno.writeTextFile(draft, text, { mode: 0o600 });
  await Deno.rename(draft, path);
}

async function parseKeys(text: string): Promise<Keys | undefined> {
  try {
    const keys = keysSchema.parse(JSON.parse(text));
    await readInstanceKey(keys.clerkPrivateKeyPem);
    return keys;
  } catch {
    return undefined;
  }
}

function token(length: number): string {
  return randomBytes(length * 2).toString("base64").replaceAll(/[+/=]/g, "").slice(0, length);
}
