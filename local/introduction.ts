import type { ClerkClient } from "@clerk/backend";
import { proxyVariables } from "./direct_loopback.ts";
import type { Printer } from "./printer.ts";
import type { StackValues } from "./values.ts";

/** Prints the addresses and keys of a stack. */
export function printValues(printer: Printer, values: StackValues): void {
  printLines(printer, [
    ["API", values.API_URL],
    ["Database", values.DB_URL],
    ["Console", values.CONSOLE_URL],
    ["Clerk double", values.CLERK_API_URL],
    ...supabaseKeys(values),
    ["Clerk secret key", values.CLERK_SECRET_KEY],
    ["webhook secret", values.CLERK_WEBHOOK_SECRET],
  ]);
}

/** Prints lines to paste into a shell, with a fresh session token for the first user. */
export async function printCurlLines(
  printer: Printer,
  values: StackValues,
  clerk: ClerkClient,
): Promise<void> {
  const { data } = await clerk.users.getUserList({ orderBy: "+created_at", limit: 1 });
  const user = data[0];
  if (user === undefined) return;
  const session = await clerk.sessions.createSession({ userId: user.id });
  const { jwt } = await clerk.sessions.getToken(session.id);
  const functions = `${values.API_URL}/functions/v1`;
  const clerkToken = `${values.CLERK_API_URL}/v1/sessions/${session.id}/tokens`;
  printer.line();
  printer.line(`  As ${user.firstName ?? user.id} (the token lives 60 s):`);
  printer.line();
  printer.line(`  TOKEN=${jwt}`);
  printCalls(printer, functions);
  printer.line();
  printer.line("  A new token:");
  printer.line();
  printer.line(
    `  TOKEN=$(curl -s -X POST ${clerkToken}${direct()} -H "Authorization: Bearer ${values.CLERK_SECRET_KEY}"` +
      ` | sed 's/.*"jwt": *"\\([^"]*\\)".*/\\1/')`,
  );
  printer.line();
}

/** A name and its value. */
export type Line = [name: string, value: string];

/** The keys that stand for Supabase's. */
export function supabaseKeys(values: StackValues): Line[] {
  return [
    ["anon key", values.ANON_KEY],
    ["service-role key", values.SERVICE_ROLE_KEY],
    ["publishable key", values.PUBLISHABLE_KEY],
    ["secret key", values.SECRET_KEY],
    ["JWT secret", values.JWT_SECRET],
  ];
}

/** Prints names and values in two columns. */
export function printLines(printer: Printer, lines: readonly Line[]): void {
  printer.line();
  for (const [name, value] of lines) printer.line(`  ${printer.bold(name.padEnd(17))} ${value}`);
}

/** Prints calls of the functions at this address, with the token in `$TOKEN`. */
export function printCalls(printer: Printer, functions: string): void {
  const authorization = '-H "Authorization: Bearer $TOKEN"';
  printer.line(`  curl -X POST ${functions}/users-sync${direct()} ${authorization}`);
  printer.line(`  curl ${functions}/users-me${direct()} ${authorization}`);
}

/** An option of curl. The pasted commands carry a key and a token, which must not go through a proxy. */
function direct(): string {
  return proxyVariables.some((name) => Deno.env.get(name)) ? " --noproxy '*'" : "";
}
