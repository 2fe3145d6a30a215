import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** What a test module registers for all tests of its isolate, not only for its own. */
const hook = /Deno\.test\.(beforeAll|afterAll|beforeEach|afterEach)\b/;

/**
 * Joins test files, so that fewer isolates run them: Deno gives each test module an isolate, whose start
 * and modules take longer than most tests. A file with hooks stays alone, because hooks hold for all tests
 * of an isolate.
 *
 * @param paths files and folders below `root`
 * @param folder where the joined modules are written
 * @param parts how many modules the joined files are spread over
 * @returns the modules to give to `deno test`
 */
export async function joinFiles(
  paths: readonly string[],
  { root, folder, parts }: { root: string; folder: string; parts: number },
): Promise<string[]> {
  const files = (await Promise.all(paths.map((path) => listTests(resolve(root, path))))).flat();
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(file)));
  const alone = files.filter((_file, index) => hook.test(texts[index] ?? ""));
  const together = files.filter((file) => !alone.includes(file));
  const joined = await Promise.all(
    Array.from({ length: Math.min(parts, together.length) }, async (_value, part) => {
      const module = join(folder, `joined_${part}_test.ts`);
      const imports = together.filter((_file, index) => index % parts === part)
        .map((file) => `import ${JSON.stringify(pathToFileURL(file).href)};\n`);
      await Deno.writeTextFile(module, imports.join(""));
      return module;
    }),
  );
  return [...joined, ...alone];
}

/** The test files in a folder and the folders below it, or the file itself. */
async function listTests(path: string): Promise<string[]> {
  if (!(await Deno.stat(path)).isDirectory) return [path];
  const entries = (await Array.fromAsync(Deno.readDir(path)))
    .sort((one, other) => one.name < other.name ? -1 : 1);
  const lists = await Promise.all(entries.map((entry) => {
    const file = join(path, entry.name);
    if (entry.isDirectory) return listTests(file);
    return /_test\.tsx?$/.test(entry.name) ? [file] : [];
  }));
  return lists.flat();
}
