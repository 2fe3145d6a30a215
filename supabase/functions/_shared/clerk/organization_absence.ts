import * as z from "zod/mini";
import { type Result, succeed } from "../failure.ts";
import { doubtful, findAbsent, listedObjects, onlyAsked, type Show } from "./absence.ts";
import type { ClerkApi } from "./api.ts";

/** A membership whose absence is to be proven, all of one organization. */
export interface SuspectedMembership {
  readonly id: string;
  readonly userId: string;
}

/**
 * Proves that organizations, or memberships, do not exist in Clerk, as createAbsenceProof() does of
 * users.
 */
export interface OrganizationAbsenceProof {
  /** @param organizationIds at most 99 @param witness an organization that Clerk must show */
  organizations(
    organizationIds: readonly string[],
    witness: string,
  ): Promise<Result<ReadonlySet<string>>>;
  /**
   * @param suspects at most 99, of different users
   * @returns the memberships proven absent
   */
  memberships(
    organizationId: string,
    suspects: readonly SuspectedMembership[],
  ): Promise<Result<ReadonlySet<string>>>;
}

export function createOrganizationAbsenceProof(api: ClerkApi): OrganizationAbsenceProof {
  const showOrganizations: Show = async (ids) => {
    const query = new URLSearchParams(ids.map((id) => ["organization_id", id]));
    query.set("limit", String(ids.length));
    const read = await api.read("organizations", query);
    if (!read.ok) return read;
    const page = organizations.safeParse(read.value);
    if (!page.success) return doubtful("not a list of organizations");
    return onlyAsked(page.data.data.map(({ id }) => id), ids);
  };

  async function list(organizationId: string, query: URLSearchParams) {
    const path = `organizations/${encodeURIComponent(organizationId)}/memberships`;
    const read = await api.find(path, query);
    if (!read.ok) return read;
    const page = memberships.safeParse(read.value);
    if (!page.success) return doubtful("not a list of memberships");
    const { data } = page.data;
    const isOwn = data.every(({ organization }) => organization.id === organizationId);
    return isOwn ? succeed(data) : doubtful("memberships of another organization");
  }

  /** Whether the organization itself says that it has no members. */
  async function isEmpty(organizationId: string): Promise<Result<boolean>> {
    const read = await api.find(
      `organizations/${encodeURIComponent(organizationId)}`,
      new URLSearchParams({ include_members_count: "true" }),
    );
    if (!read.ok) return read;
    const organization = countedOrganization.safeParse(read.value);
    if (!organization.success) return doubtful("no number of members");
    const { id, members_count: count } = organization.data;
    return id === organizationId ? succeed(count === 0) : doubtful("another organization");
  }

  return {
    organizations: (ids, witness) => findAbsent(ids, [witness], showOrganizations),

    async memberships(organizationId, suspects) {
      // Any member serves as the witness.
      const listed = await list(organizationId, new URLSearchParams({ limit: "1" }));
      if (!listed.ok) return listed;
      const [witness] = listed.value;
      if (!witness?.public_user_data) {
        const empty = await isEmpty(organizationId);
        if (!empty.ok) return empty;
        if (!empty.value) return doubtful("the witness is missing");
        return succeed(new Set(suspects.map(({ id }) => id)));
      }
      const userIds = new Map(suspects.map(({ id, userId }) => [id, userId]));
      userIds.set(witness.id, witness.public_user_data.user_id);
      return await findAbsent(
        suspects.map(({ id }) => id).filter((id) => id !== witness.id),
        [witness.id],
        async (ids) => {
          const users = ids.flatMap((id) => userIds.get(id) ?? []);
          const query = new URLSearchParams([...new Set(users)].map((id) => ["user_id", id]));
          query.set("limit", String(users.length));
          const shown = await list(organizationId, query);
          if (!shown.ok) return shown;
          const others = onlyAsked(
            shown.value.flatMap(({ public_user_data: user }) => user?.user_id ?? []),
            users,
          );
          // A user who has joined again has a new membership: the suspected one is not shown.
          return others.ok ? succeed(new Set(shown.value.map(({ id }) => id))) : others;
        },
      );
    },
  };
}

const organizations = z.object({ data: listedObjects });
const memberships = z.object({
  data: z.array(z.object({
    id: z.string(),
    organization: z.object({ id: z.string() }),
    public_user_data: z.nullish(z.object({ user_id: z.string() })),
  })),
});
const countedOrganization = z.object({ id: z.string(), members_count: z.int() });
