/** Prints the running stack's addresses and keys. */
import { parseArgs } from "node:util";
import { reportFailure } from "./failure.ts";
import { readEnvironment } from "./options.ts";
import { createPrinter } from "./printer.ts";
import { readRunningValues } from "./running_values.ts";
import type { StackValues } from "./values.ts";

const usage = `deno task status [-o json]

Prints the running stack's addresses and keys as KEY=value lines, or as JSON.
Exits with 1 if nothing runs. LOCAL_DIR names the stack's folder, default .local.`;

const printer = createPrinter();
try {
  const { values: flags } = parseArgs({
    options: {
      output: { type: "string", short: "o", default: "env" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (flags.help) {
    printer.line(usage);
    Deno.exit(0);
  }
  if (flags.output !== "env" && flags.output !== "json") {
    throw new Error(`There is no output "${flags.output}". Choose env or json`);
  }
  const values = await readRunningValues(readEnvironment().directory);
  printer.line(flags.output === "json" ? JSON.stringify(values, null, 2) : renderLines(values));
} catch (error) {
  reportFailure(printer, error);
  Deno.exit(1);
}

function renderLines(values: StackValues): string {
  return Object.entries(values).map(([name, value]) =>
    `${name}=${/[\s"'\\$`]/.test(value) ? JSON.stringify(value.replaceAll("\\n", "\n")) : value}`
  ).join("\n");
}
