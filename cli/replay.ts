/** Has Svix deliver again what failed or never came. */
import { createPrinter } from "../local/printer.ts";
import { runOnApplication } from "./command.ts";
import { valueOf } from "./hosted/stop.ts";
import { parseMoment } from "./replay/moment.ts";
import { replay } from "./replay/run.ts";
import { findHosted, findLocal } from "./replay/target.ts";

const usage = `replay [FOLDER] --since TIME [options]

Has Svix deliver again to the webhook of the Supabase project in FOLDER (default: where you are) what
failed or never came. What did arrive changes nothing by arriving again.

  --since TIME        2026-11-28T09:00:00Z, 2026-11-28, or how long ago: 24h, 3d. At most 14 days
  --enable            switch the endpoint on if it is off
  --project-ref REF   the Supabase project. Default: the one that "supabase link" has linked
  --local             the stack that runs on this machine

From the environment, or else from supabase/functions/.env: CLERK_SECRET_KEY`;

const printer = createPrinter();
await runOnApplication(printer, {
  usage,
  options: {
    since: { type: "string" },
    enable: { type: "boolean", default: false },
    "project-ref": { type: "string" },
    local: { type: "boolean", default: false },
  },
}, async (project, { since: text, enable, local, "project-ref": ref }) => {
  if (!text) throw new Error("Say from when on, with --since. See the options with --help");
  const now = Date.now();
  const since = valueOf(parseMoment(text, now));
  const target = local
    ? await findLocal()
    : await findHosted(project, Deno.env.toObject(), ref || undefined);
  const { failed, waiting } = valueOf(await replay({ ...target, since, enable, now }));
  printer.line(`Since ${since.toISOString()}: ${failed} failed, ${waiting} still to come`);
  printer.line("Svix now delivers what failed and what was never sent. That may take minutes");
});
