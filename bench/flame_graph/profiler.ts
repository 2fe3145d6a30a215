import { z } from "zod";

/** Microseconds. */
export const samplingInterval = 200;

const callFrame = z.object({ functionName: z.string(), url: z.string() });
const profile = z.object({
  nodes: z.array(
    z.object({ id: z.int(), callFrame, children: z.array(z.int()).default([]) }),
  ),
  samples: z.array(z.int()),
  /** Microseconds before each sample. */
  timeDeltas: z.array(z.number()),
});

/** What V8's profiler saw. */
export type Profile = z.infer<typeof profile>;

const targets = z.array(z.object({ webSocketDebuggerUrl: z.string() })).min(1);
const reply = z.object({ id: z.int(), result: z.unknown() });

/**
 * Profiles a process that listens for an inspector on this port, while something runs.
 *
 * @see https://chromedevtools.github.io/devtools-protocol/v8/Profiler
 */
export async function profileWhile(port: number, run: () => Promise<void>): Promise<Profile> {
  const response = await fetch(`http://127.0.0.1:${port}/json`);
  const [target] = targets.parse(await response.json());
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? "");
  await new Promise((resolve) => socket.onopen = resolve);
  const waiting = new Map<number, (result: unknown) => void>();
  socket.onmessage = ({ data }) => {
    const answer = reply.safeParse(JSON.parse(String(data))).data;
    if (answer) waiting.get(answer.id)?.(answer.result);
  };
  let id = 0;
  const ask = (method: string, params = {}) => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    waiting.set(++id, resolve);
    socket.send(JSON.stringify({ id, method, params }));
    return promise;
  };
  await ask("Profiler.enable");
  await ask("Profiler.setSamplingInterval", { interval: samplingInterval });
  await ask("Profiler.start");
  await run();
  const stopped = await ask("Profiler.stop");
  socket.close();
  return z.object({ profile }).parse(stopped).profile;
}
