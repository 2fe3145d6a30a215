/** One of the things that a part of a state may be. */
export interface Choice {
  /** Fields of Clerk's object; what is not there is absent. */
  readonly clerk: Readonly<Record<string, unknown>>;
  readonly columns: Readonly<Record<string, unknown>>;
}

/** A part that Clerk shows under the column's own name. */
export function plain(column: string, values: readonly (string | null)[]): Choice[] {
  return values.map((value) => ({ clerk: { [column]: value }, columns: { [column]: value } }));
}

/** Keys of metadata stand in jsonb's own order: by length, then by bytes. */
export const publicMetadata: readonly Choice[] = [
  ...[{}, { plan: "free" }, { plan: "free", since: 2 }, { plan: "free", since: 20 }]
    .map((value) => ({ clerk: { public_metadata: value }, columns: { public_metadata: value } })),
  { clerk: { public_metadata: null }, columns: { public_metadata: {} } },
];

export const createdAt: readonly Choice[] = [1_767_225_600_000, 1_767_225_600_001].map((time) => ({
  clerk: { created_at: time },
  columns: { clerk_created_at: time },
}));
