import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { ifPresent } from "../../local/presence.ts";

/** The folder of the code that the functions share, inside an application. */
export const sharedFolder = "_clerk_sync";

/** The manifest's path in the project. */
export const manifestPath = `supabase/functions/${sharedFolder}/manifest.json`;

const textEdit = z.object({ was: z.string(), is: z.string() });

/** A piece of text in an application's file that was replaced; `was` is empty where it was added. */
export type TextEdit = z.infer<typeof textEdit>;

const manifest = z.object({
  /** Of this product, as in CHANGELOG.md. */
  version: z.string(),
  schema: z.string(),
  /** In front of each function's name; may be empty. */
  prefix: z.string(),
  /** The hash that each file was installed with, by path. */
  files: z.record(z.string(), z.string()),
  /** The path of each migration, by its name in this product. */
  migrations: z.record(z.string(), z.string()),
  /** What was done to the application's own files. */
  edits: z.record(
    z.string(),
    z.object({
      created: z.boolean(),
      /** Of the file afterwards. */
      hash: z.string(),
      texts: z.array(textEdit),
    }),
  ),
  /** Files of the application whose place was taken, and the commit that has them. */
  replaced: z.object({ commit: z.string(), paths: z.array(z.string()) }).optional(),
});

/** What an installation consists of. It lies beside the functions. */
export type Manifest = z.infer<typeof manifest>;

/** @throws Error if the text is no manifest */
export function parseManifest(text: string): Manifest {
  try {
    return manifest.parse(JSON.parse(text));
  } catch {
    throw new Error(
      `${manifestPath} cannot be read. Restore it with "git checkout ${manifestPath}", and try again`,
    );
  }
}

/** The manifest of what is installed in a project. Undefined if nothing is. */
export async function findManifest(project: string): Promise<Manifest | undefined> {
  const text = await ifPresent(Deno.readTextFile(join(project, manifestPath)));
  return text === undefined ? undefined : parseManifest(text);
}

export function renderManifest(value: Manifest): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Identifies a file's content. Line ends do not count: git may change them. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}
