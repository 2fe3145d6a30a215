/**
 * Sends random requests to a stack of its own and prints how they were answered. 10,000 by default:
 * `deno task fuzz`, `deno task fuzz 50000`, `deno task fuzz 10000 7` (with the seed 7).
 */
import { z } from "zod";
import { createPrinter } from "../../local/printer.ts";
import { newSeed } from "../support/random.ts";
import { untilInterrupted } from "../support/until_interrupted.ts";
import { startAttackedStack } from "./attacked_stack.ts";
import { fuzz } from "./fuzz_run.ts";

const [count = 10_000, seed = newSeed()] = z.array(z.coerce.number().int().positive())
  .parse(Deno.args);

const { line: print } = createPrinter();
const attacked = await startAttackedStack();
try {
  print(`${count} requests, seed ${seed}`);
  const { answers, problems, seconds } = await untilInterrupted(() =>
    fuzz({ attacked, count, seed })
  );
  for (const [kind, number] of [...answers].sort()) print(`${String(number).padStart(7)}  ${kind}`);
  for (const problem of problems.slice(0, 10)) print(problem);
  print(`${problems.length} problems, ${seconds.toFixed(1)} s`);
  Deno.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await attacked.stop();
}
