import type { Snapshot } from "./snapshot.ts";

/** The parts of a snapshot, each with how it is read. */
export type Readers = { readonly [Name in keyof Snapshot]: () => Promise<Snapshot[Name]> };

/** Takes a part of the snapshot as JSON. */
export type Send = (name: string, json: string) => void;

/** Milliseconds between two looks while a page is open. */
const lookEvery = 300;

/** Looks at the stack while somebody watches, and tells what has changed. */
export interface Watch {
  /** Tells everything at once, and changes from then on. Returns what ends it. */
  subscribe(send: Send): () => void;
}

/** @param changed called with the name of each part that has changed */
export function createWatch(
  readers: Readers,
  changed: (name: string) => void,
  signal: AbortSignal,
): Watch {
  const watchers = new Set<Send>();
  const known = new Map<string, string>();
  const looking = new Set<string>();

  async function look(name: string, read: () => Promise<unknown>): Promise<void> {
    try {
      const json = JSON.stringify(await read());
      if (known.get(name) === json) return;
      known.set(name, json);
      changed(name);
      for (const send of watchers) send(name, json);
    } catch {
      // What cannot be read now is shown as it was: `stack` says what is down.
    }
  }

  /** Each part by itself, so that one that does not answer delays no other. */
  async function keepLooking(name: string, read: () => Promise<unknown>): Promise<void> {
    if (looking.has(name)) return;
    looking.add(name);
    while (watchers.size > 0 && !signal.aborted) {
      await look(name, read);
      await new Promise((resolve) => setTimeout(resolve, lookEvery));
    }
    looking.delete(name);
  }

  return {
    subscribe(send) {
      watchers.add(send);
      for (const [name, json] of known) send(name, json);
      for (const [name, read] of Object.entries(readers)) void keepLooking(name, read);
      return () => void watchers.delete(send);
    },
  };
}
