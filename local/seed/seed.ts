import type { ClerkClient } from "@clerk/backend";
import { join } from "node:path";
import postgres from "postgres";
import { ifPresent } from "../presence.ts";
import type { RunningStack } from "../stack.ts";
import { seedOrganization } from "./organization.ts";
import { type SeedUser, seedUsers } from "./users.ts";

/** How long the webhooks of all seeded users may take, in ms. */
const patience = 15_000;

/** The outcome of seeding. `missing` names the users or the organization whose rows did not arrive. */
export type Seeding = { users: number; members: number; missing: string[] };

/**
 * On a stack's first start, signs up a few users and makes an organization of two of them. Their rows
 * arrive by webhook. Returns undefined on later starts.
 */
export async function seedOnce(
  { directory, values, schema }: RunningStack,
  clerk: ClerkClient,
): Promise<Seeding | undefined> {
  const marker = join(directory, "clerk", "seeded");
  if (await ifPresent(Deno.stat(marker)) !== undefined) return undefined;
  const expected = new Map<string, SeedUser>();
  for (const user of seedUsers) expected.set(await signUp(clerk, user), user);
  const memberships = await foundOrganization(clerk, expected);
  await Deno.writeTextFile(marker, "");
  return await awaitRows(values.DB_URL, schema, expected, memberships);
}

async function signUp(clerk: ClerkClient, { primary, ...user }: SeedUser): Promise<string> {
  // An interrupted first start may already have signed up some of them.
  const { data: [found] } = await clerk.users.getUserList({ username: [user.username] });
  const { id, emailAddresses, primaryEmailAddressId } = found ?? await clerk.users.createUser(user);
  const address = emailAddresses.find(({ emailAddress }) => emailAddress === primary);
  if (address !== undefined && address.id !== primaryEmailAddressId) {
    await clerk.users.updateUser(id, { primaryEmailAddressID: address.id });
  }
  return id;
}

/** Creates the organization. Returns the Clerk ids of its memberships. */
async function foundOrganization(
  { organizations }: ClerkClient,
  users: ReadonlyMap<string, SeedUser>,
): Promise<string[]> {
  const { name, slug, founder, member } = seedOrganization;
  const idOf = (username: string) => {
    const found = [...users].find(([, user]) => user.username === username);
    if (!found) throw new Error(`No user ${username} is seeded`);
    return found[0];
  };
  const { data: [existing] } = await organizations.getOrganizationList({ query: name });
  const { id: organizationId } = existing ??
    await organizations.createOrganization({ name, slug, createdBy: idOf(founder) });
  const members = await organizations.getOrganizationMembershipList({ organizationId });
  if (members.data.length === 1) {
    await organizations.createOrganizationMembership({
      organizationId,
      userId: idOf(member),
      role: "org:member",
    });
  }
  const { data } = await organizations.getOrganizationMembershipList({ organizationId });
  return data.map((membership) => membership.id);
}

async function awaitRows(
  databaseUrl: string,
  schema: string,
  users: ReadonlyMap<string, SeedUser>,
  memberships: readonly string[],
): Promise<Seeding> {
  const sql = postgres(databaseUrl, { max: 1 });
  try {
    const deadline = Date.now() + patience;
    for (;;) {
      const rows = await sql<{ clerk_id: string; email: string | null }[]>`
        select clerk_id, email from ${sql(`${schema}.users`)} where clerk_id in ${
        sql([...users.keys()])
      }`;
      const members = await sql`
        select from ${sql(`${schema}.organization_memberships`)} as m
        join ${sql(`${schema}.organizations`)} as o on o.clerk_id = m.organization_clerk_id
        where m.clerk_id in ${sql(memberships)}`;
      const found = new Map(rows.map((row) => [row.clerk_id, row.email]));
      const missing = [...users].filter(([id, user]) => found.get(id) !== primaryAddress(user))
        .map(([, { firstName }]) => firstName);
      if (members.length < memberships.length) missing.push(seedOrganization.name);
      if (missing.length === 0 || Date.now() > deadline) {
        return { users: found.size, members: members.length, missing };
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  } finally {
    await sql.end();
  }
}

function primaryAddress({ primary, emailAddress }: SeedUser): string | null {
  return primary ?? emailAddress?.[0] ?? null;
}
