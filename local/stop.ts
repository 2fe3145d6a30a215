/** Stops a stack that was started elsewhere. */
import { parseArgs } from "node:util";
import { reportFailure } from "./failure.ts";
import { readEnvironment } from "./options.ts";
import { requireOwnFolder } from "./owner.ts";
import { createPrinter } from "./printer.ts";
import { findHolder } from "./supervisor/lock.ts";

const usage = `deno task stop

Stops the stack that runs in LOCAL_DIR (default .local). Its data stays.`;

const patience = 30_000;
const printer = createPrinter();
try {
  const { values: flags } = parseArgs({
    options: { help: { type: "boolean", short: "h", default: false } },
  });
  if (flags.help) {
    printer.line(usage);
    Deno.exit(0);
  }
  printer.line(await stopRunning(readEnvironment().directory));
} catch (error) {
  reportFailure(printer, error);
  Deno.exit(1);
}

async function stopRunning(directory: string): Promise<string> {
  await requireOwnFolder(directory);
  const pid = await findHolder(directory);
  if (pid === undefined) return `No stack runs in ${directory}`;
  Deno.kill(pid, "SIGTERM");
  const deadline = Date.now() + patience;
  while (await findHolder(directory) === pid) {
    if (Date.now() > deadline) {
      throw new Error(`The stack in ${directory} does not stop. End it with: kill -KILL ${pid}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return `Stopped the stack in ${directory}`;
}
