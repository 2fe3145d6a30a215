import { join } from "node:path";
import { type Configuration, entrypointOf } from "./configuration.ts";
import { describeFunction, readExistingFunction, readPurpose } from "./existing_function.ts";
import type { Repository } from "./git.ts";
import { functionNames } from "./product.ts";
import { findUse } from "./shared_code.ts";

/**
 * Makes room where the application has functions of the same names. They give way only if asked to,
 * and only if git can bring them back.
 *
 * @param prefix in front of the functions' names
 * @returns the files that give way, or undefined if none is in the way
 * @throws Error that says what each of them does, and what the choices are
 */
export async function makeRoom(
  project: string,
  configuration: Configuration,
  prefix: string,
  repository: Repository | undefined,
  replace: boolean,
): Promise<{ commit: string; paths: readonly string[] } | undefined> {
  const found = await Promise.all(
    functionNames.map((name) => readExistingFunction(project, `${prefix}${name}`)),
  );
  const inTheWay = found.flatMap((one) => one !== undefined && one.files.length > 0 ? one : []);
  await refuseElsewhere(project, configuration, prefix, inTheWay.map(({ name }) => name));
  const [first] = inTheWay;
  if (first === undefined) return undefined;
  if (!replace) {
    const list = inTheWay.map((one) =>
      `supabase/functions/${one.name} is there already. ${describeFunction(one)}`
    );
    throw new Error(
      `${
        list.join(". ")
      }. Add --replace to put the new one in its place, or --prefix NAME to install ` +
        `beside it, as NAME-${first.name.slice(prefix.length)}`,
    );
  }
  const paths = inTheWay.flatMap(({ files }) => files);
  if (repository !== undefined) await refuseUntracked(repository, paths);
  const commit = await repository?.commitWith(paths);
  if (commit === undefined) {
    throw new Error(
      `git does not have all of supabase/functions/${first.name} as it is now. Commit it, so that ` +
        "--replace loses nothing",
    );
  }
  for (const path of paths) {
    if (await isText(join(project, path))) continue;
    throw new Error(
      `${path} is no text file, so uninstall could not bring it back as it was. Move it away, commit, ` +
        "and try again",
    );
  }
  const use = await findUse(project, configuration, inTheWay.map(({ name }) => name));
  if (use !== undefined) {
    throw new Error(
      `${use.by} uses ${use.of}, which --replace would take away. Move what both need to another ` +
        "folder first, or install beside it with --prefix NAME",
    );
  }
  return { commit, paths };
}

/** Refuses files that git does not have, and advises nobody to commit a secret. */
async function refuseUntracked(repository: Repository, paths: readonly string[]): Promise<void> {
  const untracked = await repository.untracked(paths);
  const [first] = untracked;
  if (first === undefined) return;
  const [kept] = [
    ...untracked.filter((path) => /(?:^|\/)\.env/.test(path)),
    ...await repository.ignored(untracked),
  ];
  throw new Error(
    kept === undefined
      ? `git does not have ${first}. Commit it, so that --replace loses nothing`
      : `git does not have ${kept}, and --replace would lose it. Move it away, and try again`,
  );
}

/**
 * Refuses functions whose section names code in another place. Nothing tells who else uses it, so that
 * it cannot give way.
 *
 * @param present names of functions with a folder of their own
 */
async function refuseElsewhere(
  project: string,
  { functions, remotes }: Configuration,
  prefix: string,
  present: readonly string[],
): Promise<void> {
  const sections = [functions, ...Object.values(remotes).map(({ functions }) => functions)];
  const list: string[] = [];
  let example = "";
  for (const base of functionNames) {
    const name = `${prefix}${base}`;
    const folder = `supabase/functions/${name}/`;
    const path = sections.map((section) => entrypointOf(section[name])).find((path) =>
      path !== undefined && path !== `${folder}index.ts` &&
      !(present.includes(name) && path.startsWith(folder))
    );
    if (path === undefined) continue;
    const purpose = describeFunction(await readPurpose(project, [path]));
    list.push(`[functions.${name}] is there already, with its code in ${path}. ${purpose}`);
    example ||= base;
  }
  if (list.length === 0) return;
  throw new Error(`${list.join(". ")}. Add --prefix NAME to install beside it, as NAME-${example}`);
}

async function isText(path: string): Promise<boolean> {
  if (!(await Deno.lstat(path)).isFile) return false;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
    return !text.includes("\0");
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
