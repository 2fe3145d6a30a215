import type { Cast } from "./cast.ts";
import { compete, type Contender, type Figures, type Rounds } from "./contest.ts";
import type { Loading } from "./contenders.ts";
import type { Served, Subject } from "./served.ts";
import type { Site } from "./site.ts";
import type { FunctionName, Subjects } from "./subjects.ts";

/** Running functions, ours and the peers', and what it takes to compare them under load. */
export interface Arena {
  readonly site: Site;
  readonly ours: Readonly<Record<FunctionName, Served>>;
  readonly peers: Readonly<Record<FunctionName, Served>>;
  /** Our webhook with one event a batch. */
  readonly alone: Served;
  /** Starts ours and the peers' once more. */
  serveAfresh(): Promise<Pick<Arena, "ours" | "peers">>;
  /** Whether only what is steady on a noisy machine is measured: bursts. */
  readonly short: boolean;
  loading(url: string, connections: Loading["connections"]): Loading;
  /** Lets them compete, and returns the figures by name. */
  contest(title: string, contenders: readonly Contender[]): Promise<(name: string) => Figures>;
}

export interface ArenaOptions {
  readonly site: Site;
  readonly cast: Cast;
  readonly subjects: Subjects;
  readonly rounds: Rounds;
  /** For the prepared requests. */
  readonly directory: string;
  readonly short: boolean;
  print(line: string): void;
}

export async function createArena(
  { site, cast, subjects, rounds, directory, short, print }: ArenaOptions,
): Promise<Arena> {
  const serveAll = async (all: Subjects["ours"], suffix = "") => {
    const serve = ({ name, entrypoint }: Subject) =>
      cast.serve({ name: name + suffix, entrypoint });
    return {
      "clerk-webhook": await serve(all["clerk-webhook"]),
      "users-me": await serve(all["users-me"]),
      "users-sync": await serve(all["users-sync"]),
    };
  };
  return {
    site,
    ours: await serveAll(subjects.ours),
    peers: await serveAll(subjects.peers),
    alone: await cast.serve(subjects.alone),
    serveAfresh: async () => ({
      ours: await serveAll(subjects.ours, "-afresh"),
      peers: await serveAll(subjects.peers, "-afresh"),
    }),
    short,
    loading: (url, connections) => ({ url, connections, directory }),
    async contest(title, contenders) {
      const figures = await compete(contenders, rounds);
      for (const [name, { perSecond, p50, p99, cpu }] of figures) {
        const times = `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, CPU ${
          cpu.toFixed(0)
        } µs`;
        print(`${title}: ${name} ${perSecond.toFixed(0)}/s, ${times}`);
      }
      return (name) => {
        const found = figures.get(name);
        if (!found) throw new Error(`${name} did not take part`);
        return found;
      };
    },
  };
}
