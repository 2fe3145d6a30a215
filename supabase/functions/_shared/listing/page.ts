import * as z from "zod/mini";
import type { ClerkApi } from "../clerk/api.ts";
import { unusableAnswer } from "../clerk/failed_answer.ts";
import { describeIssues } from "../clerk/issues.ts";
import type { StateFact } from "../facts/fact.ts";
import { type Result, succeed } from "../failure.ts";
import type { Patiently } from "../patience.ts";
import type { Resource } from "./resource.ts";

/** The most that Clerk shows at once. Beyond it, Clerk has shown 10. */
export const pageLength = 500;

/** An object's place in the order of creation. */
export interface Entry {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** An object that is not as Clerk describes it. */
export interface Refused {
  readonly id: string;
  /** By path, without values. */
  readonly problem: string;
}

/** What Clerk shows of a list. */
export interface Page {
  /** All objects, in Clerk's order. */
  readonly entries: readonly Entry[];
  readonly facts: readonly StateFact[];
  readonly refused: readonly Refused[];
  /** How many there are in all; undefined if the list does not say. */
  readonly total: number | undefined;
}

/**
 * Reads a page. Undefined if Clerk refuses a query that depends on an object that may be gone: a
 * cursor's user, or the organization in the path. An answer that is no such list is asked for again,
 * as in an outage.
 */
export type ReadPage = (
  resource: Resource,
  query: URLSearchParams,
) => Promise<Result<Page | undefined>>;

const entry = z.object({
  id: z.string().check(z.minLength(1)),
  created_at: z.catch(z.int().check(z.minimum(0)), 0),
});
const list = z.array(z.unknown());
const counted = z.object({ data: list, total_count: z.int().check(z.minimum(0)) });

export function createPageReader(api: ClerkApi, patiently: Patiently): ReadPage {
  return (resource, query) =>
    patiently(async () => {
      const read = await api.list(resource.path, query);
      if (!read.ok) return read;
      if (read.value === undefined) {
        return mayBeRefused(resource, query)
          ? succeed(undefined)
          : unusableAnswer(resource.path, "refused the query");
      }
      const page = parsePage(resource, read.value);
      return page ? succeed(page) : unusableAnswer(resource.path, "not a list");
    });
}

function mayBeRefused({ path }: Resource, query: URLSearchParams): boolean {
  return query.has("starting_after") || path.includes("/");
}

function parsePage(resource: Resource, answer: unknown): Page | undefined {
  const plain = list.safeParse(answer);
  const wrapped = plain.success ? undefined : counted.safeParse(answer);
  const objects = plain.success ? plain.data : wrapped?.data?.data;
  const entries = z.array(entry).safeParse(objects);
  if (objects === undefined || !entries.success) return undefined;
  const facts: StateFact[] = [];
  const refused: Refused[] = [];
  objects.forEach((object, index) => {
    const parsed = resource.object.safeParse(object);
    if (parsed.success) return facts.push(parsed.data);
    const id = entries.data[index]?.id ?? "";
    return refused.push({ id, problem: describeIssues(parsed.error) });
  });
  return {
    entries: entries.data.map(({ id, created_at: createdAt }) => ({ id, createdAt })),
    facts,
    refused,
    total: wrapped?.data?.total_count,
  };
}
