import { type History, mostWriters, type Plan } from "./history.ts";

/** One delivery of an item. */
export interface Delivery {
  /** The item's number in its history. */
  readonly item: number;
  /** 0 for the item's first svix-id, or the number of a further one. */
  readonly copy: number;
}

/** The batches that one writer sends. */
export type Batches = readonly (readonly Delivery[])[];

/** Distributes a history to writers by a plan: its order, its duplicates, its batches. */
export function schedule(history: History, plan: Plan): Batches[] {
  const again = plan.again.map(({ item, anew }, index) => ({
    item: item % history.length,
    copy: anew ? index + 1 : 0,
  }));
  const ordered = [...history.map((_, item) => ({ item, copy: 0 })), ...again]
    .map((delivery, index) => ({ delivery, key: plan.keys[index % plan.keys.length] ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ delivery }) => delivery);
  const writers: Delivery[][][] = Array.from({ length: mostWriters }, () => []);
  for (let from = 0, turn = 0; from < ordered.length; turn++) {
    const to = from + (plan.batches[turn % plan.batches.length] ?? 1);
    writers[turn % plan.writers]?.push(ordered.slice(from, to));
    from = to;
  }
  return writers;
}
