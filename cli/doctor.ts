/** Examines the whole chain from Clerk to the rows, from outside, and says what to do. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { keepLoopbackDirect } from "../local/direct_loopback.ts";
import { reportFailure } from "../local/failure.ts";
import { createPrinter } from "../local/printer.ts";
import { variable } from "../supabase/functions/_shared/settings/variable.ts";
import { here } from "./command.ts";
import { examine } from "./doctor/examine.ts";
import { readInstallation } from "./doctor/installation.ts";
import { passes, renderJson, renderTable } from "./doctor/report.ts";
import { findProject } from "./install/application.ts";
import { readProjectSettings } from "./project_settings.ts";

const usage = `doctor [FOLDER] [options]

Examines the whole chain, from Clerk to the rows, and says for each thing that is wrong what to do. FOLDER
is your application's, which says what should be there (default: where you are). It changes no rows. In a
development instance it signs a user in and out again, to have a real token.

  --env-file FILE   variables of the project; default supabase/functions/.env
  --token TOKEN     a session token of your app, for a production instance
  -o json           print one JSON document

Without SUPABASE_URL and a key in the environment or the file, it examines the local stack that runs.
With DB_CONNECTION_STRING it also reads the list of applied migrations.
Ends with 1 if anything has failed.`;

const printer = createPrinter();
try {
  const { values: flags, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      "env-file": { type: "string" },
      token: { type: "string" },
      output: { type: "string", short: "o", default: "table" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (flags.help) {
    printer.line(usage);
    Deno.exit(0);
  }
  if (!["table", "json"].includes(flags.output)) {
    throw new Error("-o takes json, or table, which is the default");
  }
  const [given, ...more] = positionals;
  if (more.length > 0) throw new Error("Give one folder. See the options with --help");
  const folder = given === undefined ? here : await findProject(resolve(here, given));
  keepLoopbackDirect();
  const { environment, source } = await readProjectSettings({
    folder,
    envFile: flags["env-file"] && resolve(here, flags["env-file"]),
  });
  const installation = await readInstallation(folder);
  const findings = await examine({ environment, installation, token: flags.token });
  // Only the host: an address may hold a password.
  const host = URL.parse(variable(environment, "SUPABASE_URL") ?? "")?.host ?? "unknown";
  if (flags.output === "json") printer.line(renderJson(host, findings));
  else {
    printer.line(`Project ${host}, from ${source}\n`);
    printer.line(renderTable(findings, Deno.stdout.isTerminal() && !Deno.noColor));
  }
  // At once: a connection that hangs must not hold the process.
  Deno.exit(passes(findings) ? 0 : 1);
} catch (error) {
  reportFailure(printer, error);
  Deno.exit(1);
}
