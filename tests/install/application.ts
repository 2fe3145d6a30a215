import { dirname, join } from "node:path";
import { checkout } from "../../local/options.ts";

/** An application as people have it, made for a test: its files by path, and where its project is. */
export interface Application {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  /** The folder that contains `supabase/`, from the top. */
  readonly project?: string;
  /** How install is called. */
  readonly args?: readonly string[];
  /** What the functions are called in it. */
  readonly prefix?: string;
  /** The schema of the installed tables. */
  readonly schema?: string;
  /** The next migration that its developer writes afterwards, by its number's width or as a time. */
  next(versions: readonly string[]): string;
}

/** A git repository that has the application's files, committed. */
export interface Repository extends AsyncDisposable {
  readonly folder: string;
  /** The folder that contains `supabase/`. */
  readonly project: string;
  git(...args: string[]): Promise<string>;
  commit(): Promise<void>;
}

/** Makes an application's repository in a folder of its own. */
export async function makeRepository(application: Application): Promise<Repository> {
  const folder = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-application-" });
  const git = async (...args: string[]) => {
    const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    const { success, stdout, stderr } = await new Deno.Command("git", {
      args: ["-C", folder, ...identity, ...args],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  };
  for (const [path, text] of Object.entries(application.files)) {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  }
  await git("init", "--quiet");
  await git("config", "core.autocrlf", "false");
  // What the Supabase CLI leaves behind.
  await Deno.writeTextFile(join(folder, ".git", "info", "exclude"), ".temp/\n");
  const commit = async () => {
    await git("add", "--all");
    await git("commit", "--quiet", "--message=Change");
  };
  await commit();
  return {
    folder,
    project: join(folder, application.project ?? ""),
    git,
    commit,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** What a command of this product printed. */
export interface Finished {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs `cli/<name>.ts` in a folder. */
export async function runCommand(
  name: "install" | "uninstall",
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--allow-all", `--config=${join(checkout, "deno.json")}`],
      join(checkout, "cli", `${name}.ts`),
      ...args,
    ],
    cwd: folder,
    env: { NO_COLOR: "1", INIT_CWD: folder, DB_CONNECTION_STRING: "", ...environment },
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: decode(stdout), errors: decode(stderr) };
}
