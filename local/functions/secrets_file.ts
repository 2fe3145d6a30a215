import { join } from "node:path";
import { ifPresent } from "../presence.ts";
import { denoVariables } from "./deno_environment.ts";

// The double is the only Clerk here; the keys of a real instance would have its tokens refused.
const ofTheDouble = new Set([
  "CLERK_SECRET_KEY",
  "CLERK_JWT_KEY",
  "CLERK_API_URL",
  "CLERK_INSTANCE_ID",
  "CLERK_ISSUER",
  "CLERK_WEBHOOK_SECRET",
  "CLERK_WEBHOOK_SIGNING_SECRET",
]);

/**
 * Creates a reader of `supabase/functions/.env`, for the secrets that functions get here.
 *
 * @param print Hears, once each, of what is left out though nobody would expect it.
 */
export function createSecretsReader(
  project: string,
  print: (line: string) => void,
): () => Promise<Record<string, string>> {
  const path = join(project, "supabase", "functions", ".env");
  const told = new Set<string>();
  return async () => {
    const text = await ifPresent(Deno.readTextFile(path)) ?? "";
    const given = Object.entries(parseDotenv(text)).filter(([name]) => !ofTheDouble.has(name));
    for (const [name] of given) {
      const reason = reasonAgainst(name);
      if (reason === undefined || told.has(name)) continue;
      told.add(name);
      print(`supabase/functions/.env: ${name} is left out. ${reason}`);
    }
    return Object.fromEntries(given.filter(([name]) => reasonAgainst(name) === undefined));
  };
}

function reasonAgainst(name: string): string | undefined {
  if (name.startsWith("SUPABASE_")) return "Supabase sets the variables that begin with SUPABASE_";
  if (isOfTheRuntime(name)) return "It would change the functions' runtime, not the functions";
  return undefined;
}

/** Whether Deno, or the system that starts it, takes the variable for its own. */
function isOfTheRuntime(name: string): boolean {
  return denoVariables.includes(name) || /^(DENO|NPM_CONFIG|LD|DYLD)_|^NODE_OPTIONS$/i.test(name);
}

/** Reads a `.env` file as the Supabase CLI does. */
export function parseDotenv(text: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [, name = "", written = ""] of text.replaceAll(/\r\n?/g, "\n").matchAll(line)) {
    const value = written.trim();
    const [, quote, inner] = /^(['"`])([^]*)\1$/.exec(value) ?? [];
    const plain = inner ?? value;
    variables[name] = quote === '"' ? plain.replaceAll("\\n", "\n").replaceAll("\\r", "\r") : plain;
  }
  return variables;
}

// White space before a name includes a byte-order mark. A value is quoted as a whole, over several
// lines perhaps, or ends where its line or a comment begins.
const line =
  /^\s*(?:export\s+)?([\w.-]+)(?:\s*=|:\s)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\n]+)?[^\S\n]*(?:#.*)?$/gm;
