import { printCalls, printLines, supabaseKeys } from "../introduction.ts";
import type { Printer } from "../printer.ts";
import type { StackValues } from "../values.ts";

/**
 * Prints the addresses and keys of a stack with the developer's own Clerk instance, and how webhooks reach
 * it. The instance's secrets stay out of the terminal.
 */
export function printOwnInstance(printer: Printer, values: StackValues): void {
  printLines(printer, [
    ["API", values.API_URL],
    ["Database", values.DB_URL],
    ["Console", values.CONSOLE_URL],
    ["Clerk", `${values.CLERK_API_URL}, your own instance ${values.CLERK_INSTANCE_ID}`],
    ...supabaseKeys(values),
  ]);
  const functions = `${values.API_URL}/functions/v1`;
  printer.line();
  printer.line("  Webhooks arrive while this runs in another terminal:");
  printer.line();
  printer.line(`  npx -y clerk@3.3.0 webhooks listen --forward-to ${functions}/clerk-webhook`);
  printer.line();
  printer.line("  It shows a relay URL. In Clerk, under Configure, Webhooks, that URL must be an");
  printer.line(
    "  endpoint with the events user.created, user.updated and user.deleted. Organizations",
  );
  printer.line("  need six more: docs/by-hand.md, step 4.");
  if (values.CLERK_WEBHOOK_SECRET === "") {
    printer.line();
    printer.line(
      "  CLERK_WEBHOOK_SECRET is missing, so every webhook is refused. Copy that endpoint's signing",
    );
    printer.line(
      "  secret (whsec_…) into supabase/functions/.env. You need not restart the stack.",
    );
  }
  printer.line();
  printer.line("  A session token lives 60 s. Your app's browser console gives you one:");
  printer.line("  await Clerk.session.getToken()");
  printer.line();
  printer.line("  TOKEN=…");
  printCalls(printer, functions);
  printer.line();
}
