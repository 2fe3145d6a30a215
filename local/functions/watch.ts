import { join, relative, sep } from "node:path";

/** The functions that a change affects: one by name, or all. */
export type Change = { name: string } | "all";

/** Stops watching. */
export type SourceWatch = { close(): void };

/** Milliseconds without a change that end a burst. */
const quiet = 80;

/**
 * Watches the functions' sources, their secrets, configuration and import map.
 *
 * @param changed Called after a burst of changes.
 */
export function watchSources(
  project: string,
  changed: (changes: Change[]) => void,
): SourceWatch {
  // Watch folders, not files: an editor replaces a file, and a watch would stay on the old one.
  const watchers = [
    Deno.watchFs(join(project, "supabase")),
    Deno.watchFs(project, { recursive: false }),
  ];
  let pending: Change[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function follow(watcher: Deno.FsWatcher) {
    for await (const { kind, paths } of watcher) {
      if (kind === "access") continue;
      const changes = paths.flatMap((path) => concerns(relative(project, path)) ?? []);
      if (changes.length === 0) continue;
      pending.push(...changes);
      clearTimeout(timer);
      timer = setTimeout(() => {
        const burst = pending;
        pending = [];
        changed(burst);
      }, quiet);
    }
  }
  for (const watcher of watchers) void follow(watcher);

  return {
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** The functions that a file belongs to; undefined for none. */
export function concerns(path: string): Change | undefined {
  const parts = path.split(sep);
  if (path === "import_map.json") return "all";
  if (parts[0] !== "supabase") return undefined;
  if (parts[1] === "config.toml" && parts.length === 2) return "all";
  if (parts[1] !== "functions") return undefined;
  // A new folder. Files that came into it before it was watched have no events of their own.
  if (parts.length === 3 && /^[a-z][\w-]*$/i.test(parts[2] ?? "")) return { name: parts[2] ?? "" };
  const file = parts.at(-1) ?? "";
  if (file === ".env") return "all";
  if (!/\.(ts|tsx|mts|js|jsx|mjs|json|jsonc)$/.test(file) || file.startsWith(".")) return undefined;
  const name = parts[2] ?? "";
  return parts.length > 3 && !name.startsWith("_") ? { name } : "all";
}
