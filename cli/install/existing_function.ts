import { join, resolve } from "node:path";
import { ifPresent } from "../../local/presence.ts";
import { listFiles } from "./list_files.ts";

/** A function of the application, and what its code seems to do. */
export type ExistingFunction = Purpose & {
  readonly name: string;
  /** Its files' paths in the project. */
  readonly files: readonly string[];
};

type Purpose = {
  /** Clerk's events that it names, such as user.created. */
  readonly events: readonly string[];
  /** Tables that it uses through supabase-js. */
  readonly tables: readonly string[];
};

const event =
  /["'`]((?:user|organization(?:Membership|Invitation|Domain)?|session|email|sms)\.(?:created|createdAtEdge|updated|deleted|accepted|ended|removed|revoked|pending))["'`]/g;
const table = /(?<!(?:Array|Buffer|storage)\s*)\.from\(\s*["'`](\w+)["'`]/g;

/** Reads a function's folder. Undefined if there is none. */
export async function readExistingFunction(
  project: string,
  name: string,
): Promise<ExistingFunction | undefined> {
  const files = await listFiles(project, `supabase/functions/${name}`);
  return files && { name, files, ...await readPurpose(project, files) };
}

/** What the code in these files seems to do. */
export async function readPurpose(project: string, files: readonly string[]): Promise<Purpose> {
  const sources = files.filter((path) =>
    /\.(?:ts|js|mjs|tsx|jsx)$/.test(path) && !path.includes("/node_modules/")
  );
  const texts = await Promise.all(sources.map(async (path) => {
    // A link may lead nowhere, or to a folder.
    const file = resolve(project, path);
    return (await ifPresent(Deno.stat(file)))?.isFile ? await Deno.readTextFile(file) : "";
  }));
  const code = texts.join("\n");
  return { events: namesIn(code, event), tables: namesIn(code, table) };
}

/** The application's other functions that seem to take Clerk's webhooks. */
export async function findOtherWebhooks(
  project: string,
  except: readonly string[],
): Promise<ExistingFunction[]> {
  const folder = join(project, "supabase", "functions");
  const entries = await ifPresent(Array.fromAsync(Deno.readDir(folder))) ?? [];
  const found = await Promise.all(
    entries.filter(({ name, isFile }) => !isFile && !/^[_.]/.test(name) && !except.includes(name))
      .map(({ name }) => readExistingFunction(project, name)),
  );
  return found.flatMap((one) => one !== undefined && one.events.length > 0 ? one : [])
    .sort((one, other) => one.name < other.name ? -1 : 1);
}

/** Such as "It seems to handle user.created and user.deleted, and to use the table profiles". */
export function describeFunction({ events, tables }: Purpose): string {
  const does = [
    ...(events.length > 0 ? [`handle ${listNames(events)}`] : []),
    ...(tables.length > 0
      ? [`use the ${tables.length === 1 ? "table" : "tables"} ${listNames(tables)}`]
      : []),
  ];
  return does.length > 0
    ? `It seems to ${does.join(", and to ")}`
    : "Its code names neither Clerk's events nor tables";
}

function listNames(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function namesIn(code: string, pattern: RegExp): string[] {
  return [...new Set([...code.matchAll(pattern)].map(([, name = ""]) => name))].sort();
}
