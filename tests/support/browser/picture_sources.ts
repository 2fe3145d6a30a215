import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { checkout } from "../../../local/options.ts";

/** What has pictures in docs/pictures/, and the folder of the sources that it is made of. */
export const pictured = { console: "local/console/page", example: "examples/react/src" } as const;
type Subject = keyof typeof pictured;

const file = join(checkout, "docs", "pictures", "sources.json");
const recorded = z.record(z.string(), z.string());

/** A digest of the sources that pictures of the subject show. */
export async function digestOf(subject: Subject): Promise<string> {
  const folder = join(checkout, pictured[subject]);
  const hash = createHash("sha256");
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  for (const name of names) hash.update(name).update(await Deno.readFile(join(folder, name)));
  return hash.digest("hex");
}

/** The digests of the sources that the pictures were made of. */
export async function readDigests(): Promise<Record<string, string>> {
  return recorded.parse(JSON.parse(await Deno.readTextFile(file)));
}

/** Records that the subject's pictures show its sources as they are now. */
export async function recordDigest(subject: Subject): Promise<void> {
  const digests = { ...await readDigests(), [subject]: await digestOf(subject) };
  await Deno.writeTextFile(file, `${JSON.stringify(digests, null, 2)}\n`);
}
