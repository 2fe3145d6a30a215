#!/usr/bin/env node
/** Runs a command with Deno, for `npx … install` on a machine that has only Node. */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const commands = [
  "install",
  "uninstall",
  "deploy",
  "bundle",
  "replay",
  "rotate",
  "doctor",
  "backfill",
  "reconcile",
];
const deno = "deno@2.9.6";

const [command, ...args] = process.argv.slice(2);
if (["--help", "-h", "help"].includes(command)) {
  process.stdout.write(`The commands are ${commands.join(", ")}. Each takes --help\n`);
  process.exit(0);
}
if (!commands.includes(command)) {
  process.stderr.write(`Give one of these commands: ${commands.join(", ")}. Each takes --help\n`);
  process.exit(1);
}

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const { folder, remove } = settle(home);
const child = spawn(
  "npm",
  [
    ...["exec", "--yes", `--package=${deno}`, "--", "deno", "run", "--quiet", "--allow-all"],
    // V8 would let the objects of a long run pile up: 50 MB more for a million users.
    "--v8-flags=--max-semi-space-size=4",
    `--config=${join(folder, "deno.json")}`,
    join(folder, "cli", `${command}.ts`),
    ...args,
  ],
  { stdio: "inherit", env: { ...process.env, NO_UPDATE_NOTIFIER: "1", DENO_NO_UPDATE_CHECK: "1" } },
);

// The terminal sends the signal to the command too, which ends in its own way.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
child.on("error", () => {
  process.stderr.write("npm was not found. Install Node with npm, and try again\n");
  end(1);
});
child.on("exit", (code, signal) => end(code ?? 128 + (constants.signals[signal] ?? 1)));

function end(code) {
  remove();
  process.exit(code);
}

/** Deno takes no TypeScript from below node_modules, where npx puts the package: a copy serves. */
function settle(home) {
  if (!home.split(sep).includes("node_modules")) return { folder: home, remove() {} };
  const folder = mkdtempSync(join(tmpdir(), "clerk-supabase-sync-"));
  for (const name of readdirSync(home)) {
    if (name !== "node_modules") cpSync(join(home, name), join(folder, name), { recursive: true });
  }
  return {
    folder,
    remove: () => existsSync(folder) && rmSync(folder, { recursive: true, force: true }),
  };
}
