import { z } from "zod";

/** Parameters that every list takes. */
export const pageParameters = {
  limit: z.coerce.number().int().min(1).max(250).default(50),
  /** What the page before gave. */
  iterator: z.string().optional(),
};

/** A page of a list in Svix' form. Its iterator is the id of its last item. */
export function renderPage<Item extends { readonly id: string }>(
  items: readonly Item[],
  done: boolean,
) {
  return { data: items, iterator: items.at(-1)?.id ?? null, prevIterator: null, done };
}
