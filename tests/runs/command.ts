import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runningStack } from "../support/stack/running_stack.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** A command that runs. */
export interface Running {
  /** Returns false if it had ended already. */
  kill(signal: Deno.Signal): boolean;
  readonly ended: Promise<Ended>;
}

/** The environment that names the running stack as a project. */
export function project(): Record<string, string> {
  const { API_URL, SECRET_KEY, CLERK_API_URL, CLERK_SECRET_KEY } = runningStack();
  return { SUPABASE_URL: API_URL, SUPABASE_KEY: SECRET_KEY, CLERK_API_URL, CLERK_SECRET_KEY };
}

/** Starts a command in an empty environment but for these variables. */
export function start(
  name: "backfill" | "reconcile",
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = project(),
): Running {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", join(root, "cli", `${name}.ts`), ...args],
    cwd: root,
    clearEnv: true,
    env: { ...kept(), ...environment },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const ended = child.output().then(({ code, stdout, stderr }) => {
    const [output = "", errors = ""] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    return { code, lines: output.split("\n").filter((line) => line !== ""), errors };
  });
  return {
    ended,
    kill(signal) {
      try {
        child.kill(signal);
        return true;
      } catch (error) {
        if (error instanceof TypeError) return false;
        throw error;
      }
    },
  };
}

export function command(...given: Parameters<typeof start>): Promise<Ended> {
  return start(...given).ended;
}

/** What Deno needs to find its cache. */
function kept(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR", "NPM_CONFIG_REGISTRY", "NO_PROXY", "no_proxy"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
