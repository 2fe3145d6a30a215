import type { SyncDatabase } from "../database/sync_client.ts";
import { fail, type Result, succeed } from "../failure.ts";
import type { ReadPage } from "../listing/page.ts";
import { resources } from "../listing/resource.ts";
import { inChunks, mostIds, queryFor } from "./read_again.ts";

export interface KnownRowsDependencies {
  readonly database: Pick<SyncDatabase, "findUnlisted" | "findUndated">;
  readonly readPage: ReadPage;
}

/**
 * Makes sure that the instance is the one of the rows. No proof of absence shows that: to another
 * instance, all rows are gone.
 *
 * @returns `server_misconfigured` if Clerk knows none of up to 1,000 users and as many without a time,
 * or of organizations if there are no users
 */
export async function requireKnownRows(
  { database, readPage }: KnownRowsDependencies,
): Promise<Result<void>> {
  for (const resource of ["user", "organization"] as const) {
    const dated = await database.findUnlisted(resource, [], { from: null, to: null }, "");
    if (!dated.ok) return dated;
    const undated = await database.findUndated(resource, "");
    if (!undated.ok) return undated;
    const ids = [...dated.value, ...undated.value].map(({ clerk_id: id }) => id);
    for (const batch of inChunks(ids, mostIds)) {
      const page = await readPage(resources[resource], queryFor(`${resource}_id`, batch));
      if (!page.ok) return page;
      if (page.value?.entries.some(({ id }) => batch.includes(id))) return succeed(undefined);
    }
    if (ids.length > 0) {
      return fail("server_misconfigured", {
        message:
          `Clerk knows none of the ${resource}s in the table: CLERK_SECRET_KEY may be of another instance`,
        hint:
          "Nothing was changed. If they are all gone from Clerk, allow it with --allow-deactivations",
      });
    }
  }
  return succeed(undefined);
}
