/** Starts the whole system on this machine, and stops it on Ctrl-C or SIGTERM. */
import { parseArgs } from "node:util";
import { createLocalClerkClient } from "./clerk_client.ts";
import { reportFailure } from "./failure.ts";
import { type Interrupt, listenForInterrupt } from "./interrupt.ts";
import { printCurlLines, printValues } from "./introduction.ts";
import { readEnvironment } from "./options.ts";
import { printOwnInstance } from "./own_instance/introduction.ts";
import { createPrinter } from "./printer.ts";
import { seedOnce } from "./seed/seed.ts";
import { type RunningStack, startStack } from "./stack.ts";

const usage = `deno task start [--once] [--clerk] [--fresh]

Starts PostgreSQL, PostgREST, the functions and a Clerk double on this machine, applies the
migrations, prints addresses and keys, and runs until Ctrl-C.

  --once    run the main job from sign-up to deletion, show each step, and stop
  --clerk   use your own Clerk development instance in place of the double; its keys are read from
            supabase/functions/.env
  --fresh   begin with an empty database

LOCAL_PORT_BASE          port of the API, default 54321; database, console and Clerk follow it
LOCAL_DIR                folder of the data, keys and logs, default .local
LOCAL_FUNCTIONS_DENO     version of the Deno that runs the functions, for example 2.1.4
LOCAL_FUNCTIONS_BUNDLES  folder of bundles to run in place of the sources: see deno task bundle
LOCAL_POSTGRES           major version of PostgreSQL, 15, 17 or 18, default 17; add --fresh to change it`;

const printer = createPrinter();
const interrupt = listenForInterrupt();
let stack: RunningStack | undefined;
let failed = false;
try {
  const { values: flags } = parseArgs({
    options: {
      once: { type: "boolean", default: false },
      clerk: { type: "boolean", default: false },
      fresh: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (flags.help) {
    printer.line(usage);
    Deno.exit(0);
  }
  if (flags.once && flags.clerk) {
    throw new Error(
      "--once signs a user up and deletes it again, so it runs with the double only. Leave --clerk out",
    );
  }
  // Stop the stack cleanly even after a defect anywhere.
  const defect = Promise.withResolvers<never>();
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    defect.reject(event.reason);
  });
  await Promise.race([run(flags, interrupt), defect.promise]);
} catch (error) {
  failed = true;
  if (!interrupt.signal.aborted) reportFailure(printer, error);
}
await stack?.stop().catch((error) => {
  failed = true;
  reportFailure(printer, error);
});
Deno.exit(failed ? 1 : 0);

async function run(
  flags: { once: boolean; clerk: boolean; fresh: boolean },
  { signal, asked }: Interrupt,
) {
  const functionNames = new Set<string>();
  stack = await startStack({
    ...readEnvironment(),
    fresh: flags.fresh,
    ownClerk: flags.clerk,
    readSecretsFile: !flags.once,
    watch: !flags.once,
    signal,
    print: (line) => printer.line(line),
    echo: (name, line) => {
      if (!flags.once && functionNames.has(name)) printer.line(printer.dim(`${name} | `) + line);
    },
  });
  for (const name of stack.functions.keys()) functionNames.add(name);
  const died = stack.failed.then((error) => {
    throw error;
  });
  if (flags.once) await Promise.race([runOnce(stack), died, asked.then(refuse)]);
  else {
    // A request to stop ends the stack at once, and introduce() may then wait for ever.
    await Promise.race([introduce(stack), died, asked]);
    printer.line(`Stopping (${await Promise.race([asked, died])})`);
  }
}

async function introduce(running: RunningStack) {
  if (running.clerk === undefined) {
    printOwnInstance(printer, running.values);
    printer.line("ready");
    return;
  }
  const clerk = await createLocalClerkClient(running.values);
  const seeding = await seedOnce(running, clerk);
  printValues(printer, running.values);
  if (seeding?.missing.length === 0) {
    printer.line();
    printer.line(
      `  ${seeding.users} users signed up in Clerk, and ${seeding.members} of them are in an organization.` +
        " All rows arrived by webhook.",
    );
  } else if (seeding !== undefined) {
    printer.error(
      `No webhook brought the rows of ${seeding.missing.join(", ")}. ` +
        `See ${running.directory}/logs/clerk-webhook.log`,
    );
  }
  await printCurlLines(printer, running.values, clerk);
  printer.line("ready");
}

async function runOnce(running: RunningStack) {
  const { runMainJob } = await import("./once/job.ts");
  printer.line();
  await runMainJob(running, await createLocalClerkClient(running.values), printer);
  printer.line("The main job works.");
}

function refuse(reason: string): never {
  throw new Error(`Interrupted (${reason})`);
}
