import type { ClerkClient } from "@clerk/backend";
import { join } from "node:path";
import postgres from "postgres";
import type { RunningStack } from "../stack.ts";
import { type SeedUser, seedUsers } from "./users.ts";

/** How long the webhooks of all seeded users may take, in ms. */
const patience = 15_000;

/** What seeding came to. `missing`: names of users whose row did not arrive. */
export type Seeding = { rows: number; missing: string[] };

/** Signs a few users up on a stack's first start; their rows arrive by webhook. */
export async function seedOnce(
  { directory, values }: RunningStack,
  clerk: ClerkClient,
): Promise<Seeding | undefined> {
  const marker = join(directory, "clerk", "seeded");
  if (await Deno.stat(marker).then(() => true, () => false)) return undefined;
  const expected = new Map<string, SeedUser>();
  for (const user of seedUsers) expected.set(await signUp(clerk, user), user);
  await Deno.writeTextFile(marker, "");
  return await awaitRows(values.DB_URL, expected);
}

async function signUp(clerk: ClerkClient, { primary, ...user }: SeedUser): Promise<string> {
  // A first start that was interrupted may have signed some of them up.
  const { data: [found] } = await clerk.users.getUserList({ username: [user.username] });
  const { id, emailAddresses, primaryEmailAddressId } = found ?? await clerk.users.createUser(user);
  const address = emailAddresses.find(({ emailAddress }) => emailAddress === primary);
  if (address !== undefined && address.id !== primaryEmailAddressId) {
    await clerk.users.updateUser(id, { primaryEmailAddressID: address.id });
  }
  return id;
}

async function awaitRows(databaseUrl: string, expected: Map<string, SeedUser>): Promise<Seeding> {
  const sql = postgres(databaseUrl, { max: 1 });
  try {
    const deadline = Date.now() + patience;
    for (;;) {
      const rows = await sql<{ clerk_id: string; email: string | null }[]>`
        select clerk_id, email from public.users where clerk_id in ${sql([...expected.keys()])}`;
      const found = new Map(rows.map((row) => [row.clerk_id, row.email]));
      const missing = [...expected].filter(([id, user]) => found.get(id) !== primaryAddress(user))
        .map(([, { firstName }]) => firstName);
      if (missing.length === 0 || Date.now() > deadline) return { rows: found.size, missing };
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  } finally {
    await sql.end();
  }
}

function primaryAddress({ primary, emailAddress }: SeedUser): string | null {
  return primary ?? emailAddress?.[0] ?? null;
}
