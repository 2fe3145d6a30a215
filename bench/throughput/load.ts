import { fileURLToPath } from "node:url";
import { z } from "zod";
import { usedCpu } from "./cpu.ts";

/** What to send. */
export interface Load {
  /** An address of the server. The requests name their own paths. */
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Complete HTTP requests, sent one after another. After the last one comes the first again. */
  readonly requests: readonly string[];
}

const counted = z.object({
  /** Requests that were answered, whatever the status. */
  answered: z.int(),
  seconds: z.number(),
  /** Answers of 400 and more, and requests without an answer. */
  failed: z.int(),
  /** Milliseconds. */
  p50: z.number(),
  p99: z.number(),
});

/** What came of a load. */
export type Measurement = z.infer<typeof counted> & {
  /** Microseconds that all processes but wrk have spent for an answer. */
  readonly cpu: number;
};

/**
 * Loads a server with wrk, which keeps all connections busy and is no JavaScript on the loop that it
 * measures.
 *
 * @param file where the requests are put for wrk
 */
export async function load(
  { url, connections, seconds, requests }: Load,
  file: string,
): Promise<Measurement> {
  // wrk counts bytes. The requests have only ASCII, so characters are bytes.
  await Deno.writeTextFile(file, requests.map((text) => `${text.length}\n${text}`).join(""));
  const before = await usedCpu();
  const { success, stdout, stderr } = await new Deno.Command("wrk", {
    args: [
      "--threads=1",
      `--connections=${connections}`,
      `--duration=${seconds}s`,
      "--timeout=10s",
      `--script=${fileURLToPath(new URL("wrk.lua", import.meta.url))}`,
      url,
      "--",
      file,
    ],
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`wrk failed: ${decoder.decode(stderr)}`);
  const line = decoder.decode(stdout).trim().split("\n").at(-1) ?? "";
  const measured = counted.parse(JSON.parse(line));
  return { ...measured, cpu: (await usedCpu() - before) * 1_000 / measured.answered };
}

/** Says how to get the programs that measure, if any is missing. */
export async function requirePrograms(): Promise<void> {
  for (const name of ["wrk", "nginx"]) {
    const found = await new Deno.Command(name, { args: ["-v"], stdout: "null", stderr: "null" })
      .output().then(() => true, () => false);
    if (!found) throw new Error(`This needs ${name}: install it with apt-get or brew`);
  }
}
