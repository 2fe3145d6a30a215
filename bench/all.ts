/**
 * Runs the benchmarks, one after another.
 *
 * deno task bench [--short [--tolerance SHARE]]
 */
import { fileURLToPath } from "node:url";

const short = Deno.args.includes("--short");
const names = short ? ["throughput"] : ["convergence", "throughput", "write_path", "backfill"];
for (const name of names) {
  const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", script, ...Deno.args],
  }).spawn();
  const { code } = await child.status;
  if (code !== 0) Deno.exit(code);
}
