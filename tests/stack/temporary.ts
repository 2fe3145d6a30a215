import { join } from "node:path";
import { makeUsedFolder } from "../support/stack/used_folder.ts";

/** Runs with a temporary folder. Other accounts may pass through it, as through any checkout. */
export async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "stack-test-" }));
  await Deno.chmod(folder, 0o755);
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs with the folder of a stack that has run once. */
export function withUsedFolder(test: (directory: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const directory = join(folder, "local");
    await makeUsedFolder(directory);
    await test(directory);
  });
}
