import { svixHeaders } from "../../tests/support/svix/signature.ts";
import { bodyOf, type History } from "./history.ts";
import type { Plan } from "./plan.ts";

/** How often Svix tries, including the first attempt. */
const attempts = 8;

/** Where a user's events go. */
export type Endpoint = {
  readonly url: string;
  readonly secret: string;
};

/** A user whose history is delivered. */
export type Subject = {
  readonly clerkId: string;
  readonly history: History;
  readonly plan: Plan;
  /** Called with an event's position before its delivery: by then it has happened at Clerk. */
  happened(index: number): void;
};

/** What the endpoint answered. */
export type Answers = { readonly deliveries: number; readonly errors: number };

/**
 * Delivers a history as Svix does: signed, with the same svix-id each time an event comes, and
 * repeated after all others if the answer was not a 2xx.
 */
export async function deliver(subject: Subject, endpoint: Endpoint): Promise<Answers> {
  const { clerkId, history, plan } = subject;
  let due = [...plan.order];
  let [deliveries, errors] = [0, 0];
  for (let attempt = 0; attempt < attempts && due.length > 0; attempt++) {
    const failed: number[] = [];
    await inParallel(due, plan.concurrency, async (index) => {
      const event = history[index];
      if (event === undefined) return;
      subject.happened(index);
      deliveries++;
      const id = `msg_${clerkId}_${index}`;
      if (await send(id, bodyOf(event, clerkId), endpoint)) return;
      errors++;
      failed.push(index);
    });
    due = [...new Set(failed)];
  }
  return { deliveries, errors };
}

async function send(id: string, body: string, { url, secret }: Endpoint): Promise<boolean> {
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...svixHeaders(body, { secret, id }) },
  });
  await response.body?.cancel();
  return response.ok;
}

/** Works on all items in order, at most `limit` at a time. */
export async function inParallel<Item>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  await Promise.all(Array.from({ length: limit }, async () => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value);
  }));
}
