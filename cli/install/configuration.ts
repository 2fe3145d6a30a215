import { isDeepStrictEqual } from "node:util";
import { parse } from "smol-toml";
import { z } from "zod";
import type { TextEdit } from "./manifest.ts";

/** The application's configuration of the Supabase CLI, in its project. */
export const configurationPath = "supabase/config.toml";

const section = z.looseObject({
  verify_jwt: z.boolean().optional(),
  import_map: z.string().optional(),
  entrypoint: z.string().optional(),
  enabled: z.boolean().optional(),
});

const sections = z.record(z.string(), section);

const configuration = z.looseObject({
  functions: sections.default({}),
  remotes: z.record(z.string(), z.looseObject({ functions: sections.default({}) })).default({}),
  db: z.looseObject({
    migrations: z.looseObject({
      enabled: z.boolean().default(true),
      schema_paths: z.array(z.string()).default([]),
    }).prefault({}),
  }).prefault({}),
});

export type Configuration = z.infer<typeof configuration>;

/** @throws Error with the place, if the text cannot be read */
export function parseConfiguration(text: string): Configuration {
  try {
    return configuration.parse(parse(text));
  } catch (error) {
    const [reason = ""] = error instanceof z.ZodError
      ? z.prettifyError(error).split("\n")
      : describe(error).split("\n");
    throw new Error(
      `${configurationPath} cannot be read: ${reason}. Mend it first, nothing was changed`,
    );
  }
}

/** What a function's section must say. Paths are relative to `supabase/`. */
export function sectionOf(name: string) {
  return {
    verify_jwt: false,
    import_map: `./functions/${name}/deno.json`,
    entrypoint: `./functions/${name}/index.ts`,
  };
}

/** What sections say that the functions cannot work with, such as `verify_jwt = true`. */
export function findContradictions(
  sections: Configuration["functions"],
  names: readonly string[],
): string[] {
  return names.flatMap((name) => {
    const { verify_jwt, import_map, entrypoint, enabled } = sections[name] ?? {};
    const right = sectionOf(name);
    return [
      ...(verify_jwt === true ? ["verify_jwt = true"] : []),
      ...(enabled === false ? ["enabled = false"] : []),
      ...isOther(import_map, right.import_map) ? [`import_map = "${import_map}"`] : [],
      ...isOther(entrypoint, right.entrypoint) ? [`entrypoint = "${entrypoint}"`] : [],
    ].map((value) => `[functions.${name}] ${value}`);
  });
}

function isOther(path: string | undefined, right: string): boolean {
  return path !== undefined && path.replace(/^\.\//, "") !== right.replace(/^\.\//, "");
}

/**
 * Adds the functions' sections, and to those that exist what they lack. All else stays as it is,
 * comments and order included.
 *
 * @param overwrite functions whose sections may be changed, because the function is replaced
 * @throws Error if the text has a form that cannot be edited safely
 */
export function editConfiguration(
  text: string,
  names: readonly string[],
  overwrite: readonly string[] = [],
): TextEdit[] {
  const before = parseConfiguration(text);
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const edits: TextEdit[] = [];
  const added: string[] = [];
  for (const name of names) {
    const present = before.functions[name];
    if (present === undefined) added.push(renderSection(name));
    else if (!isComplete(present, name)) {
      const was = findSection(text, name);
      if (was === undefined) throw refuseToEdit();
      edits.push({ was, is: completeSection(was, name, end) });
    }
  }
  if (added.length > 0) {
    const comment = "# Clerk sync: these functions verify tokens and signatures themselves.";
    const gap = text === "" || text.endsWith("\n") ? "\n" : "\n\n";
    edits.push({ was: "", is: `${gap}${comment}\n${added.join("\n")}`.replaceAll("\n", end) });
  }
  const after = parseEdited(applyEdits(text, edits));
  if (!isAsIntended(before, after, names)) throw refuseToEdit();
  const wrong = findContradictions(after.functions, names.filter((n) => !overwrite.includes(n)));
  if (wrong.length > 0) throw new Error(`${wrong.join(", ")} in ${configurationPath}`);
  return edits;

  function completeSection(was: string, name: string, end: string): string {
    const [header = "", ...lines] = was.split(/(?<=\n)/);
    const present = before.functions[name] ?? {};
    let body = lines.join("");
    let missing = "";
    for (const [key, value] of Object.entries(sectionOf(name))) {
      const line = new RegExp(
        `^([ \\t]*${key}[ \\t]*=[ \\t]*)(?:true|false|"[^"\\n]*"|'[^'\\n]*')`,
        "m",
      );
      const literal = JSON.stringify(value);
      if (!(key in present)) missing += `${key} = ${literal}${end}`;
      else if (overwrite.includes(name)) body = body.replace(line, (_, start) => start + literal);
    }
    if (overwrite.includes(name)) {
      body = body.replace(/^([ \t]*enabled[ \t]*=[ \t]*)false/m, "$1true");
    }
    return `${header.endsWith("\n") ? header : header + end}${missing}${body}`;
  }
}

/** Applies edits to a text. Undefined places are an error, so that no edit is lost. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return edits.reduce(
    (edited, { was, is }) => was === "" ? edited + is : replaceOnce(edited, was, is),
    text,
  );
}

/**
 * Takes edits back.
 *
 * @returns undefined if one of them is not in the text any more, or more than once
 */
export function takeBackEdits(text: string, edits: readonly TextEdit[]): string | undefined {
  let edited = text;
  for (const { was, is } of [...edits].reverse()) {
    if (edited.split(is).length !== 2) return undefined;
    edited = replaceOnce(edited, is, was);
  }
  return edited;
}

function replaceOnce(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`Expected to find ${JSON.stringify(from)}`);
  return text.replace(from, () => to);
}

function renderSection(name: string): string {
  const lines = Object.entries(sectionOf(name)).map(([key, value]) =>
    `${key} = ${JSON.stringify(value)}\n`
  );
  return `[functions.${name}]\n${lines.join("")}`;
}

function isComplete(present: z.infer<typeof section>, name: string): boolean {
  const right = sectionOf(name);
  return present.verify_jwt === right.verify_jwt && present.enabled !== false &&
    present.import_map !== undefined && !isOther(present.import_map, right.import_map) &&
    present.entrypoint !== undefined && !isOther(present.entrypoint, right.entrypoint);
}

/** The section's text from its header to the next one. Undefined if it is written in another way. */
function findSection(text: string, name: string): string | undefined {
  const header = new RegExp(
    `^[ \\t]*\\[[ \\t]*functions[ \\t]*\\.[ \\t]*["']?${name}["']?[ \\t]*\\]`,
    "m",
  );
  const start = text.search(header);
  if (start < 0) return undefined;
  const next = text.slice(start + 1).search(/^[ \t]*\[/m);
  return next < 0 ? text.slice(start) : text.slice(start, start + 1 + next);
}

function parseEdited(text: string): Configuration {
  try {
    return parseConfiguration(text);
  } catch {
    throw refuseToEdit();
  }
}

/** Everything but the functions' own sections is as before. */
function isAsIntended(before: Configuration, after: Configuration, names: readonly string[]) {
  const others = ({ functions, ...rest }: Configuration) => ({
    ...rest,
    functions: Object.fromEntries(
      Object.entries(functions).filter(([name]) => !names.includes(name)),
    ),
  });
  return isDeepStrictEqual(others(before), others(after)) &&
    names.every((name) => after.functions[name] !== undefined);
}

function refuseToEdit(): Error {
  return new Error(
    `${configurationPath} has the functions in a form that is not edited. Write each as a section of ` +
      "its own, such as [functions.users-me], and try again",
  );
}

function describe(error: unknown): string {
  return error instanceof Error
    ? error.message.replace(/^Invalid TOML document: /, "")
    : String(error);
}
