import type { RunningStack } from "../../local/stack.ts";
import type { Random } from "../support/random.ts";
import { type Memory, watchMemory } from "../support/stack/memory.ts";
import type { Answer } from "../support/stack/supabase.ts";
import type { Kind } from "./requests.ts";

/** The figures of a run. Times are in milliseconds. */
export interface MixedLoad {
  readonly seconds: number;
  /** How long each request took, by kind. */
  readonly times: ReadonlyMap<string, readonly number[]>;
  /** Unexpected answers. */
  readonly unexpected: readonly string[];
  readonly memory: readonly Memory[];
}

/** Sends requests of all kinds for a while, several at once. */
export async function runMixedLoad(
  stack: RunningStack,
  kinds: readonly Kind[],
  { seconds, connections, random }: { seconds: number; connections: number; random: Random },
): Promise<MixedLoad> {
  const lots = kinds.flatMap((kind) => Array.from({ length: kind.weight }, () => kind));
  const times = new Map(kinds.map(({ name }) => [name, [] as number[]]));
  const unexpected: string[] = [];
  const memory = watchMemory([...stack.functions.values()]);
  const started = performance.now();
  const end = started + 1000 * seconds;

  async function work(own: Random) {
    while (performance.now() < end) {
      const kind = own.pick(lots);
      const asked = performance.now();
      const outcome = await kind.ask(own).then(outcomeOf, String);
      times.get(kind.name)?.push(performance.now() - asked);
      if (!kind.expected.includes(outcome)) unexpected.push(`${kind.name}: ${outcome}`);
    }
  }

  const workers = Array.from({ length: connections }, (_, index) => work(random.fork(index)));
  await Promise.all(workers);
  return {
    seconds: (performance.now() - started) / 1000,
    times,
    unexpected,
    memory: await memory.stop(),
  };
}

/** "200", or "401 invalid_token". */
function outcomeOf({ status, body }: Answer): string {
  const code = /^{"(?:error":{")?code":"(\w+)"/.exec(JSON.stringify(body) ?? "")?.[1];
  return code ? `${status} ${code}` : String(status);
}
