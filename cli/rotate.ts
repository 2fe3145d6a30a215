/** Gives the webhook a new signing secret, without refusing a delivery at any moment. */
import { createPrinter } from "../local/printer.ts";
import { runOnApplication } from "./command.ts";
import { rotate } from "./rotate/run.ts";

const usage = `rotate [FOLDER] [options]

Gives the webhook of the Supabase project in FOLDER (default: where you are) a new signing secret. The
functions take both secrets from now on, and Svix signs with both for 24 hours. A day later, or at once
if the old secret has leaked, run it again with --finish.

  --finish            take only the new secret
  --project-ref REF   the Supabase project. Default: the one that "supabase link" has linked
  --dry-run           say what would be done, and change nothing

From the environment, or else from supabase/functions/.env: SUPABASE_ACCESS_TOKEN, CLERK_SECRET_KEY`;

const printer = createPrinter();
await runOnApplication(printer, {
  usage,
  options: {
    finish: { type: "boolean", default: false },
    "project-ref": { type: "string" },
    "dry-run": { type: "boolean", default: false },
  },
}, async (project, flags) => {
  const rotated = await rotate({
    project,
    environment: Deno.env.toObject(),
    projectRef: flags["project-ref"] || undefined,
    dryRun: flags["dry-run"],
    finish: flags.finish,
    printer,
  });
  if (!rotated) Deno.exit(1);
});
