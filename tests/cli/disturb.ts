/**
 * Loaded before a command, this disturbs one call of a Deno function. DISTURB says which and how:
 * `renameSync 3 SIGKILL` sends the process that signal, `writeTextFileSync 3 full` fills the disk.
 */
const [name = "", at, how] = (Deno.env.get("DISTURB") ?? "").split(" ");
const real: (...args: unknown[]) => unknown = Reflect.get(Deno, name);
let calls = 0;
Reflect.set(Deno, name, (...args: unknown[]) => {
  if (calls++ !== Number(at)) return real(...args);
  if (how === "full") throw new Error("No space left on device (os error 28)");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const) {
    if (signal === how) Deno.kill(Deno.pid, signal);
  }
  return real(...args);
});
