import type {
  MembershipFact,
  OrganizationFact,
  UserFact,
} from "../../supabase/functions/_shared/facts/fact.ts";

type Content<State> = Partial<Omit<State, "kind">>;

/** The columns that a state may have. */
export type Columns = Content<UserFact> & Content<OrganizationFact> & Content<MembershipFact>;

/** One possible value of a part of a state. */
export interface Choice {
  /** Fields of Clerk's object. Others are absent. */
  readonly clerk: Readonly<Record<string, unknown>>;
  readonly columns: Columns;
}

/** The choices of a part whose field at Clerk has the column's name. */
export function plain<Value>(
  columns: (value: Value) => Columns,
  ...values: readonly Value[]
): Choice[] {
  return values.map((value) => ({ clerk: columns(value), columns: columns(value) }));
}

/** The keys are in jsonb's own order: by length, then by bytes. */
export const publicMetadata: readonly Choice[] = [
  ...plain(
    (public_metadata) => ({ public_metadata }),
    {},
    { plan: "free" },
    { plan: "free", since: 2 },
    { plan: "free", since: 20 },
  ),
  { clerk: { public_metadata: null }, columns: { public_metadata: {} } },
];

export const createdAt: readonly Choice[] = [1_767_225_600_000, 1_767_225_600_001].map((time) => ({
  clerk: { created_at: time },
  columns: { clerk_created_at: new Date(time).toISOString() },
}));
