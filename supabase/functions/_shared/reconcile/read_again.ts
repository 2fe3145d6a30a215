import { unusableAnswer } from "../clerk/failed_answer.ts";
import type { StateFact } from "../facts/fact.ts";
import { type Result, succeed } from "../failure.ts";
import type { ReadPage } from "../listing/page.ts";
import { type Resource, type ResourceName, resources } from "../listing/resource.ts";

/** How many ids Clerk takes as a filter. */
export const mostIds = 100;

/**
 * Asks Clerk again about a few objects. Leaves out those that Clerk does not show, which proves
 * nothing.
 */
export type ReadAgain = (
  resource: ResourceName,
  facts: readonly StateFact[],
) => Promise<Result<readonly StateFact[]>>;

interface Question {
  readonly resource: Resource;
  readonly filter: "user_id" | "organization_id";
  readonly ids: readonly string[];
}

export function createReadAgain(readPage: ReadPage): ReadAgain {
  return async (resource, facts) => {
    const asked = new Set(facts.map(({ clerk_id: id }) => id));
    const found: StateFact[] = [];
    for (const question of questionsFor(resource, facts)) {
      const page = await readPage(question.resource, queryFor(question.filter, question.ids));
      if (!page.ok) return page;
      // Clerk refuses the members of an organization that is gone.
      if (page.value === undefined && resource !== "membership") {
        return unusableAnswer(question.resource.path, "refused the filter");
      }
      found.push(...page.value?.facts.filter(({ clerk_id: id }) => asked.has(id)) ?? []);
    }
    return succeed(found);
  };
}

/** Asks a list for these only, at most `mostIds`. */
export function queryFor(filter: string, ids: readonly string[]): URLSearchParams {
  const query = new URLSearchParams(ids.map((id) => [filter, id]));
  query.set("limit", String(mostIds));
  return query;
}

function questionsFor(name: ResourceName, facts: readonly StateFact[]): Question[] {
  if (name !== "membership") {
    const filter = `${name}_id` as const;
    return inChunks(facts.map(({ clerk_id: id }) => id), mostIds)
      .map((ids) => ({ resource: resources[name], filter, ids }));
  }
  const memberships = facts.filter((fact) => fact.kind === "membership");
  const byOrganization = Map.groupBy(memberships, (fact) => fact.organization_clerk_id);
  return [...byOrganization].flatMap(([organization, members]) => {
    const resource = {
      ...resources.membership,
      path: `organizations/${encodeURIComponent(organization)}/memberships`,
    };
    const users = members.flatMap(({ user_clerk_id: user }) => user ?? []);
    return inChunks([...new Set(users)], mostIds)
      .map((ids) => ({ resource, filter: "user_id" as const, ids }));
  });
}

export function inChunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from(
    { length: Math.ceil(items.length / size) },
    (_, index) => items.slice(index * size, (index + 1) * size),
  );
}
