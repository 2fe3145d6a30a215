import assert from "node:assert/strict";
import { z } from "zod";
import type { Sql } from "../support/database/connections.ts";
import { clerk, withoutWebhooks } from "../support/stack/clerk.ts";

/** Clerk's ids of a few objects to spoil. */
export interface Cast {
  readonly users: readonly string[];
  readonly organizations: readonly string[];
  readonly memberships: readonly string[];
}

const ids = z.array(z.object({ clerk_id: z.string() }));

/** Chooses users across the whole table, and all organizations and memberships. */
export async function readCast(sql: Sql): Promise<Cast> {
  const read = async (query: Promise<Iterable<unknown>>) =>
    ids.parse([...await query]).map(({ clerk_id: id }) => id);
  return {
    users: await read(sql`
      select clerk_id from (
        select clerk_id, row_number() over (order by clerk_created_at, clerk_id) as place, count(*) over () as many
        from public.users as u
        where not exists (select from public.organization_memberships as m where m.user_clerk_id = u.clerk_id)
      ) as p
      where (p.place - 1) * 16 / many <> p.place * 16 / many order by p.place`),
    organizations: await read(
      sql`select clerk_id from public.organizations order by clerk_created_at, clerk_id`,
    ),
    memberships: await read(
      sql`select clerk_id from public.organization_memberships order by clerk_created_at, clerk_id`,
    ),
  };
}

/** Makes organizations with an admin and a member each. */
export async function foundOrganizations(count: number): Promise<void> {
  await withoutWebhooks(async () => {
    const { data: [founder, member] } = await clerk().users.getUserList({ limit: 2 });
    assert.ok(founder && member);
    for (let number = 0; number < count; number++) {
      const { id } = await clerk().organizations.createOrganization({
        name: `Organization ${number}`,
        createdBy: founder.id,
      });
      await clerk().organizations.createOrganizationMembership({
        organizationId: id,
        userId: member.id,
        role: "org:member",
      });
    }
  });
}

/** A kind of drift: how it comes about, and the lines that reconcile prints for it. */
export interface Drift {
  readonly name: string;
  plant(sql: Sql, cast: Cast): Promise<string[]>;
  /** Whether --count sees it: it changes numbers. */
  readonly counted: boolean;
  /** Whether no repair may mend it. */
  readonly final?: boolean;
}

const at = (list: readonly string[], place: number): string => {
  const id = list.at(place);
  assert.ok(id, "the cast is large enough");
  return id;
};

const tables = {
  users: "public.users",
  organizations: "public.organizations",
  memberships: "public.organization_memberships",
} as const;

/** Drift that every resource can have. */
function driftOf(resource: keyof typeof tables, column: string, place: number): Drift[] {
  const table = tables[resource];
  const change = async (sql: Sql, cast: Cast, index: number, set: string) => {
    const id = at(cast[resource], index);
    const changed = await sql.unsafe(`update ${table} set ${set} where clerk_id = $1`, [id]);
    assert.equal(changed.count, 1);
    return id;
  };
  return [
    {
      name: `a missing row of ${resource}`,
      counted: true,
      plant: async (sql, cast) => {
        const id = at(cast[resource], place);
        await sql.unsafe(`delete from ${table} where clerk_id = $1`, [id]);
        return [`missing ${id}`];
      },
    },
    {
      name: `an older row of ${resource}`,
      counted: false,
      plant: async (sql, cast) => [
        `stale ${await change(
          sql,
          cast,
          place + 1,
          `${column} = 'other', clerk_updated_at = clerk_updated_at - interval '1 day'`,
        )} clerk_updated_at ${column}`,
      ],
    },
    {
      name: `a row of ${resource} that somebody has changed`,
      counted: false,
      plant: async (sql, cast) => [
        `stale ${await change(sql, cast, place + 2, `${column} = 'other'`)} ${column}`,
      ],
    },
    {
      name: `a row of ${resource} from the future`,
      counted: false,
      plant: async (sql, cast) => [
        `stale ${await change(
          sql,
          cast,
          place + 3,
          `${column} = 'other', clerk_updated_at = clerk_updated_at + interval '1 day'`,
        )} clerk_updated_at ${column}`,
      ],
    },
    {
      name: `a row of ${resource} that wrongly says it is deleted`,
      counted: true,
      final: true,
      plant: async (sql, cast) => [
        `wrongly_deleted ${await change(
          sql,
          cast,
          place + 4,
          "is_active = false, deleted_at = now()",
        )}`,
      ],
    },
  ];
}

export const drifts: readonly Drift[] = [
  ...driftOf("users", "first_name", 1),
  ...driftOf("organizations", "name", 0),
  ...driftOf("memberships", "role", 3),
  {
    name: "a user with more metadata than Clerk has",
    counted: false,
    plant: async (sql, cast) => {
      const id = at(cast.users, 9);
      await sql`
        update public.users set public_metadata = public_metadata || '{"more":{"a":[1]}}' where clerk_id = ${id}`;
      return [`stale ${id} public_metadata`];
    },
  },
  {
    name: "a membership with more permissions than Clerk has",
    counted: false,
    plant: async (sql, cast) => {
      const id = at(cast.memberships, 9);
      await sql`
        update public.organization_memberships set permissions = permissions || '{org:sys_more}'::text[]
        where clerk_id = ${id}`;
      return [`stale ${id} permissions`];
    },
  },
  {
    name: "a user whom Clerk does not have",
    counted: true,
    plant: async (sql) => {
      await sql`
        insert into public.users (clerk_id, clerk_created_at, clerk_updated_at)
        values ('user_gone', '2023-05-05', '2023-05-05')`;
      return ["wrongly_active user_gone"];
    },
  },
  {
    name: "a deactivated user whom Clerk does not have",
    counted: true,
    plant: async (sql) => {
      await sql`
        insert into public.users (clerk_id, clerk_created_at, clerk_updated_at, banned)
        values ('user_banned_and_gone', '2024-05-05', '2024-05-05', true)`;
      return ["extra user_banned_and_gone"];
    },
  },
  {
    name: "a user of whom no state has come, and whom Clerk does not have",
    counted: true,
    plant: async (sql) => {
      await sql`insert into public.users (clerk_id) values ('user_without_state')`;
      return ["extra user_without_state"];
    },
  },
  {
    name: "an active row of a banned user",
    counted: false,
    plant: async (_sql, cast) => {
      const id = at(cast.users, 7);
      await withoutWebhooks(() => clerk().users.banUser(id));
      return [`wrongly_active ${id} banned clerk_updated_at`];
    },
  },
  {
    name: "an organization that Clerk does not have",
    counted: true,
    plant: async (sql) => {
      await sql`
        insert into public.organizations (clerk_id, name, clerk_created_at, clerk_updated_at)
        values ('org_gone', 'Gone', '2023-05-05', '2023-05-05')`;
      return ["wrongly_active org_gone"];
    },
  },
  {
    name: "a membership that Clerk does not have",
    counted: true,
    plant: async (sql, cast) => {
      await sql`
        insert into public.organization_memberships
          (clerk_id, organization_clerk_id, user_clerk_id, role, clerk_created_at, clerk_updated_at)
        values ('orgmem_gone', ${at(cast.organizations, 5)}, ${at(cast.users, 8)}, 'org:member',
          '2023-05-05', '2023-05-05')`;
      return ["wrongly_active orgmem_gone"];
    },
  },
];
