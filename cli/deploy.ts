/** Brings an application live on Supabase and Clerk, without a dashboard. */
import { createPrinter } from "../local/printer.ts";
import { runOnApplication } from "./command.ts";
import { deploy } from "./deploy/run.ts";

const usage = `deploy [FOLDER] [options]

Brings the Supabase project in FOLDER (default: where you are) live: migrations, functions and their
secrets, third-party auth, and the webhook's endpoint in Clerk. Every step looks first whether it is so
already, so it can be run again at any time.

  --project-ref REF   the Supabase project. Default: the one that "supabase link" has linked
  --dry-run           say what would be done, and change nothing
  --sources           upload the functions' files as they are, in place of one small file each
  --webhook-by-hand   leave the endpoint to Clerk's dashboard
  --backfill          write everybody whom Clerk has already
  --schedule          let pg_cron compare the tables with Clerk, and mend what differs

At the end, doctor examines the whole chain. Ends with 1 if a step or a check has failed.

From the environment, or else from supabase/functions/.env:

  SUPABASE_ACCESS_TOKEN   from https://supabase.com/dashboard/account/tokens
  CLERK_SECRET_KEY        of the Clerk instance
  DB_CONNECTION_STRING    the database's address, with the password`;

const printer = createPrinter();
await runOnApplication(printer, {
  usage,
  options: {
    "project-ref": { type: "string" },
    "dry-run": { type: "boolean", default: false },
    sources: { type: "boolean", default: false },
    "webhook-by-hand": { type: "boolean", default: false },
    backfill: { type: "boolean", default: false },
    schedule: { type: "boolean", default: false },
  },
}, async (project, flags) => {
  const live = await deploy({
    project,
    environment: Deno.env.toObject(),
    projectRef: flags["project-ref"] || undefined,
    dryRun: flags["dry-run"],
    sources: flags.sources,
    webhookByHand: flags["webhook-by-hand"],
    backfill: flags.backfill,
    schedule: flags.schedule,
    printer,
  });
  if (!live) Deno.exit(1);
});
