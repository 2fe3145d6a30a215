import { readSizes } from "../../tests/support/stack/memory.ts";
import type { Arena } from "./arena.ts";
import type { Row } from "./figures.ts";
import { functionNames } from "./subjects.ts";

/** What memory the functions hold after the load. */
export async function measureMemory({ ours, peers }: Arena): Promise<Row[]> {
  const pids = [...Object.values(ours), ...Object.values(peers)].map(({ pid }) => pid);
  const sizes = await readSizes(pids);
  return functionNames.map((name) => ({
    what: `${name}: memory after load`,
    against: "peer",
    unit: "MiB",
    ours: sizes.get(ours[name].pid) ?? NaN,
    theirs: sizes.get(peers[name].pid) ?? NaN,
    target: { atMost: 1 },
  }));
}
