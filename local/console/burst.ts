import type { ClerkClient } from "@clerk/backend";
import pLimit from "p-limit";

const firstNames = [
  "Ada",
  "Grace",
  "Alan",
  "Edsger",
  "Barbara",
  "Donald",
  "Frances",
  "Ken",
  "Radia",
];
const lastNames = [
  "Lovelace",
  "Hopper",
  "Turing",
  "Dijkstra",
  "Liskov",
  "Knuth",
  "Allen",
  "Perlman",
];

/** Requests to Clerk at once. */
const atOnce = 8;

/** A burst of users that come, change and partly go again. */
export interface Burst {
  /** Null if there is none. */
  progress(): { readonly done: number; readonly total: number } | null;
  /** Returns at once. Does nothing while a burst is under way. */
  start(users: number): void;
}

export function createBurst(clerk: ClerkClient): Burst {
  let progress: { done: number; total: number } | null = null;

  async function live(number: number): Promise<void> {
    const firstName = pick(firstNames);
    const lastName = pick(lastNames);
    const tag = crypto.randomUUID().slice(0, 8);
    const address = (host: string) => `${firstName}.${lastName}.${tag}@${host}`.toLowerCase();
    const { id, emailAddresses } = await clerk.users.createUser({
      firstName,
      lastName,
      emailAddress: [address("example.com"), address("example.org")],
    });
    const second = emailAddresses[1];
    if (number % 3 === 0) await clerk.users.updateUser(id, { lastName: pick(lastNames) });
    if (number % 4 === 0 && second) {
      await clerk.users.updateUser(id, { primaryEmailAddressID: second.id });
    }
    if (number % 10 === 0) await clerk.users.banUser(id);
    if (number % 10 === 5) await clerk.users.deleteUser(id);
  }

  async function run(total: number): Promise<void> {
    const current = progress = { done: 0, total };
    const limit = pLimit(atOnce);
    await Promise.allSettled(Array.from({ length: total }, (_, number) =>
      limit(async () => {
        // A user whom Clerk does not take, for example because it is down, counts as done.
        await live(number).finally(() => current.done++);
      })));
    progress = null;
  }

  return {
    progress: () => progress && { ...progress },
    start(users) {
      if (progress === null) void run(users);
    },
  };
}

function pick<T>(values: readonly T[]): T {
  const value = values[Math.floor(Math.random() * values.length)];
  if (value === undefined) throw new Error("There is nothing to pick from");
  return value;
}
