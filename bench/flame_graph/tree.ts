import { type Profile, samplingInterval } from "./profiler.ts";

/** A function in a call tree, with all that it calls. */
export interface Frame {
  readonly name: string;
  /** Microseconds, with what it calls. */
  time: number;
  readonly calls: Map<string, Frame>;
}

/** Not the function's own work: waiting, and what V8 cannot see. */
const notWork = new Set(["(root)", "(idle)", "(program)"]);

/** Microseconds that a sample may stand for: a longer one waited for a processor. */
const longestSample = 2 * samplingInterval;

/** Adds up a profile's samples. Calls of the same name under the same caller become one frame. */
export function treeOf({ nodes, samples, timeDeltas }: Profile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callerOf = new Map(nodes.flatMap(({ id, children }) => children.map((of) => [of, id])));
  const root: Frame = { name: "all", time: 0, calls: new Map() };

  function stackOf(sample: number): string[] {
    const stack: string[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = callerOf.get(id)) {
      const name = byId.get(id)?.callFrame.functionName ?? "";
      if (name !== "") stack.unshift(name);
    }
    return stack.filter((name) => name !== "(root)");
  }

  samples.forEach((sample, index) => {
    if (notWork.has(byId.get(sample)?.callFrame.functionName ?? "")) return;
    const time = Math.min(timeDeltas[index] ?? 0, longestSample);
    root.time += time;
    let frame = root;
    for (const name of stackOf(sample)) {
      const call = frame.calls.get(name) ?? { name, time: 0, calls: new Map() };
      frame.calls.set(name, call);
      call.time += time;
      frame = call;
    }
  });
  return root;
}
