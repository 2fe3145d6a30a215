import { dirname, join } from "node:path";
import { createRepository } from "../support/application/repository.ts";

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
}

/** Makes an application's repository in a folder of its own. */
export async function makeRepository(application: Application): Promise<Repository> {
  const folder = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-application-" });
  for (const [path, text] of Object.entries(application.files)) {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  }
  await createRepository(folder);
  // What the Supabase CLI leaves behind.
  await Deno.writeTextFile(join(folder, ".git", "info", "exclude"), ".temp/\n");
  return {
    folder,
    project: join(folder, application.project ?? ""),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
