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
 * @param pinned Of the developer's own Clerk instance: variables that keep their values until the stack
 * restarts. A change is printed. Undefined: there is the double, and Clerk's variables are left out.
 */
export function createSecretsReader(
  project: string,
  print: (line: string) => void,
  pinned?: Readonly<Record<string, string>>,
): () => Promise<Record<string, string>> {
  const path = join(project, "supabase", "functions", ".env");
  const ownClerk = pinned !== undefined;
  const told = new Set<string>();
  /** Prints what happens to a variable, unless it was told already. */
  function tell(what: string, id: string) {
    if (told.has(id)) return;
    told.add(id);
    print(`supabase/functions/.env: ${what}`);
  }
  return async () => {
    const text = await ifPresent(Deno.readTextFile(path)) ?? "";
    const given = Object.entries(parseDotenv(text))
      .filter(([name]) => ownClerk || !ofTheDouble.has(name));
    for (const [name, value] of given) {
      const reason = reasonAgainst(name, ownClerk);
      if (reason !== undefined) tell(`${name} is left out. ${reason}`, name);
      const kept = pinned?.[name];
      // A blank value counts as missing.
      if (kept === undefined || ["", kept].includes(value.trim())) continue;
      tell(`${name} has changed. Restart the stack to use it`, `${name}=${value}`);
    }
    return Object.fromEntries(
      given.filter(([name]) => reasonAgainst(name, ownClerk) === undefined),
    );
  };
}

function reasonAgainst(name: string, ownClerk: boolean): string | undefined {
  if (name.startsWith("SUPABASE_")) return "Supabase sets the variables that begin with SUPABASE_";
  if (isOfTheRuntime(name)) return "It would change the functions' runtime, not the functions";
  // Said aloud: unlike the double's keys, nothing takes its place.
  if (name === "CLERK_AUTHORIZED_PARTIES" && !ownClerk) {
    return "The Clerk double's tokens are of other origins";
  }
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
