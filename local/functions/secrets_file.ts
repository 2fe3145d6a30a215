import { join } from "node:path";
import { ifPresent } from "../presence.ts";
import { denoVariables } from "./deno_environment.ts";

// The double is the only Clerk here. With a real instance's keys, functions would refuse its tokens.
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
 * Creates a reader of the functions' secrets in `supabase/functions/.env`.
 *
 * @param print Called once for each variable that is unexpectedly left out.
 * @param ownClerk Whether Clerk's variables are read too, because the stack has no double.
 */
export function createSecretsReader(
  project: string,
  print: (line: string) => void,
  ownClerk = false,
): () => Promise<Record<string, string>> {
  const path = join(project, "supabase", "functions", ".env");
  const told = new Set<string>();
  return async () => {
    const text = await ifPresent(Deno.readTextFile(path)) ?? "";
    const given = Object.entries(parseDotenv(text))
      .filter(([name]) => ownClerk || !ofTheDouble.has(name));
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

/** Whether Deno, or the system that starts it, uses the variable itself. */
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

// The white space before a name may include a byte-order mark. A value is either wholly in quotes,
// perhaps over several lines, or ends with its line or before a comment.
const line =
  /^\s*(?:export\s+)?([\w.-]+)(?:\s*=|:\s)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\n]+)?[^\S\n]*(?:#.*)?$/gm;
