/** Writes changes, and sends itself a signal at each call of a Deno function. The tests run it. */
import { writeChanges } from "../../cli/install/write.ts";

const [folder = "", changes = "", name = "", signal] = Deno.args;
const real: (...args: unknown[]) => unknown = Reflect.get(Deno, name);
Reflect.set(Deno, name, (...args: unknown[]) => {
  for (const known of ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const) {
    if (known === signal) Deno.kill(Deno.pid, known);
  }
  return real(...args);
});
writeChanges(folder, JSON.parse(changes));
