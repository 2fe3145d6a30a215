import { isAbsolute, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse, TomlError } from "smol-toml";
import { z } from "zod";
import type { TextEdit } from "./manifest.ts";

/** The application's configuration of the Supabase CLI, in its project. */
export const configurationPath = "supabase/config.toml";

// Values are left open: instead of any of them, the CLI takes "env(NAME)".
const section = z.looseObject({});

const sections = z.record(z.string(), section);

const api = z.looseObject({ enabled: z.unknown(), schemas: z.unknown(), max_rows: z.unknown() })
  .partial();

const configuration = z.looseObject({
  functions: sections.default({}),
  remotes: z.record(
    z.string(),
    z.looseObject({ functions: sections.default({}), api: api.optional() }),
  )
    .default({}),
  api: api.optional(),
  db: z.looseObject({
    migrations: z.looseObject({
      enabled: z.unknown().optional(),
      schema_paths: z.unknown().optional(),
    }).prefault({}),
  }).prefault({}),
});

export type Configuration = z.infer<typeof configuration>;

/** What of the Data API's settings keeps it from the SQL functions, which are always in public. */
export function findClosedApi(settings: Configuration["api"]): string | undefined {
  if (settings?.enabled === false) return "enabled = false";
  const { schemas } = settings ?? {};
  if (!Array.isArray(schemas) || schemas.includes("public")) return undefined;
  return `schemas = ${JSON.stringify(schemas)}`;
}

/** As many rows as backfill and reconcile read at once. */
const neededRows = 1_000;

/** The Data API's setting that cuts the answers to backfill and reconcile off. */
export function findFewRows(settings: Configuration["api"]): string | undefined {
  const rows = settings?.max_rows;
  return typeof rows === "number" && rows < neededRows ? `max_rows = ${rows}` : undefined;
}

/** @throws Error with the place, if the text cannot be read */
export function parseConfiguration(text: string): Configuration {
  try {
    return configuration.parse(parse(text));
  } catch (error) {
    throw new Error(
      `${configurationPath} cannot be read: ${describe(error)}. Mend it first, nothing was changed`,
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

/** The path of a function's code in the project, if its section names one. */
export function entrypointOf(section: Configuration["functions"][string] = {}): string | undefined {
  const path = section["entrypoint"];
  if (typeof path !== "string") return undefined;
  return isAbsolute(path) ? path : join("supabase", path);
}

/** What sections say that the functions cannot work with, such as `verify_jwt = true`. */
export function findContradictions(
  sections: Configuration["functions"],
  names: readonly string[],
): string[] {
  return names.flatMap((name) => {
    const present = sections[name] ?? {};
    const right = { enabled: true, ...sectionOf(name) };
    return Object.entries(right)
      .filter(([key, value]) => key in present && !isSame(present[key], value))
      .map(([key]) => `[functions.${name}] ${key} = ${JSON.stringify(present[key])}`);
  });
}

/** A path may do without its `./`. */
function isSame(value: unknown, right: string | boolean): boolean {
  return value === right || typeof right === "string" && `./${value}` === right;
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
  if (findContradictions(after.functions, overwrite).length > 0) throw refuseToEdit();
  const wrong = findContradictions(after.functions, names);
  if (wrong.length > 0) {
    throw new Error(
      `${
        wrong.join(", ")
      } in ${configurationPath}: the functions cannot work so. Take it out, and try again`,
    );
  }
  return edits;

  function completeSection(was: string, name: string, end: string): string {
    const [, header = "", rest = ""] = /^(\n?[^\n]*\n?)([^]*)$/.exec(was) ?? [];
    const present = before.functions[name] ?? {};
    let body = rest;
    let missing = "";
    for (const [key, value] of Object.entries(sectionOf(name))) {
      if (!(key in present)) missing += `${key} = ${JSON.stringify(value)}${end}`;
    }
    if (overwrite.includes(name)) {
      for (const [key, value] of Object.entries({ enabled: true, ...sectionOf(name) })) {
        body = body.replace(
          new RegExp(
            `^([ \\t]*${key}[ \\t]*=[ \\t]*)(?:true|false|"[^"\\n]*"|'[^'\\n]*')`,
            "m",
          ),
          (_, start) => start + JSON.stringify(value),
        );
      }
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
 * Takes edits back. Their line ends do not count: git may have changed them.
 *
 * @returns undefined if one of them is not in the text any more, or more than once
 */
export function takeBackEdits(text: string, edits: readonly TextEdit[]): string | undefined {
  let edited = text;
  for (const edit of [...edits].reverse()) {
    const found = findEdit(edited, edit);
    if (found === undefined || edited.split(found.is).length !== 2) return undefined;
    edited = replaceOnce(edited, found.is, found.was);
  }
  return edited;
}

/** An edit with the line ends that it has in the text. Undefined if it is not there. */
export function findEdit(text: string, edit: TextEdit): TextEdit | undefined {
  const withEnds = (end: string) => ({
    was: edit.was.replaceAll(/\r?\n/g, end),
    is: edit.is.replaceAll(/\r?\n/g, end),
  });
  const found = [edit, withEnds("\n"), withEnds("\r\n")].find(({ is }) => text.includes(is));
  if (found !== undefined) return found;
  // An editor may have taken the file's last line end.
  return [withEnds("\n"), withEnds("\r\n")]
    .map(({ was, is }) => ({ was, is: is.replace(/\r?\n$/, "") }))
    .find(({ is }) => is !== "" && text.endsWith(is));
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
  return Object.keys(sectionOf(name)).every((key) => key in present) &&
    findContradictions({ [name]: present }, [name]).length === 0;
}

/**
 * The section's text from its header to the next one, with the line's end before it, which tells the
 * header from one in a comment. Undefined if it is written in another way.
 */
function findSection(text: string, name: string): string | undefined {
  const header = new RegExp(
    `(?:^\\uFEFF?|\\n)[ \\t]*\\[[ \\t]*(["']?)functions\\1[ \\t]*\\.[ \\t]*(["']?)${name}\\2[ \\t]*\\]`,
  );
  const found = header.exec(text);
  if (!found) return undefined;
  const start = found.index;
  const inside = start + found[0].length;
  const next = text.slice(inside).search(/^[ \t]*\[/m);
  return next < 0 ? text.slice(start) : text.slice(start, inside + next);
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
  if (error instanceof z.ZodError) {
    return error.issues.slice(0, 1).map(({ path, message }) => `${path.join(".")}: ${message}`)
      .join();
  }
  if (!(error instanceof TomlError)) return String(error);
  const [reason = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
  return `line ${error.line}: ${reason}`;
}
