import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Runs with a temporary folder, and removes it afterwards. */
export async function inFolder(use: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "cli-" }));
  try {
    await use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Writes files, and the folders that they need. */
export function put(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Writes a command that a shell runs. */
export function putCommand(path: string, script: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** All that is below a folder, without git's own: kind and content by path. */
export function picture(folder: string): Record<string, string> {
  const seen: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true })) {
    const path = String(entry);
    if (path === ".git" || path.startsWith(".git/")) continue;
    const place = join(folder, path);
    const facts = lstatSync(place);
    seen[path] = facts.isDirectory()
      ? "folder"
      : facts.isSymbolicLink()
      ? `link to ${readlinkSync(place)}`
      : `${facts.mode & 0o100 ? "command" : "file"} ${readFileSync(place, "latin1")}`;
  }
  return seen;
}
