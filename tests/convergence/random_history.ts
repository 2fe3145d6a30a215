/** Random histories, and random ways in which they reach the database. */
import fc from "fast-check";
import type { Resource } from "../support/model/columns.ts";
import { parts } from "./contents.ts";
import {
  type DeletionItem,
  type Flaw,
  flaws,
  type History,
  type Item,
  mostWriters,
  type Plan,
  type Replay,
  type State,
} from "./history.ts";
import {
  mostMemberships,
  mostOrganizations,
  mostUsers,
  sharesDeactivation,
  type Subject,
} from "./subject.ts";

const day = 86_400_000;
/** In whole seconds, because some deletions are given in seconds. */
const start = Date.parse("2026-02-01T00:00:00Z");
const mostItems = 17;

const updatedAt = fc.constantFrom(start, start + 1, start + 1000, start + day);
const lastSignInAt = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.constantFrom(start - day, start - day + 1) },
);

// Mostly the plainest choice, so that contents are often equal or differ in one column.
function content(resource: Resource) {
  return fc.tuple(...parts[resource].map((choices) =>
    fc.oneof(
      { weight: 5, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.nat(choices.length - 1) },
    )
  ));
}

function often(probable: boolean, weight: number): fc.Arbitrary<boolean> {
  return fc.oneof(
    { weight, arbitrary: fc.constant(probable) },
    { weight: 1, arbitrary: fc.constant(!probable) },
  );
}

const states: Readonly<Record<Resource, fc.Arbitrary<State>>> = {
  user: fc.record({
    updatedAt,
    lastSignInAt,
    content: content("user"),
    namesUser: fc.constant(true),
  }),
  organization: fc.record({
    updatedAt,
    lastSignInAt: fc.constant(null),
    content: content("organization"),
    namesUser: fc.constant(false),
  }),
  membership: fc.record({
    updatedAt,
    lastSignInAt: fc.constant(null),
    content: content("membership"),
    namesUser: often(true, 2),
  }),
};

const flaw = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...flaws.slice(0, 3)) },
  { weight: 1, arbitrary: fc.constant<Flaw>("unstorable") },
);

/** How often each kind of item comes. */
interface Weights {
  readonly state: number;
  readonly deletion: number;
  readonly invalid: number;
  readonly write: number;
}

function itemsAbout(resource: Resource, count: number, weights: Weights) {
  const subject: fc.Arbitrary<Subject> = fc.nat(count - 1).map((number) => ({ resource, number }));
  const deletion: fc.Arbitrary<DeletionItem> = fc.record({
    kind: fc.constant("deletion" as const),
    subject,
    at: fc.constantFrom(start, start + 1000, start + day),
    unit: fc.constantFrom(1 as const, 1000 as const),
    last: resource === "membership" ? states.membership : fc.constant(null),
  });
  return [
    {
      weight: weights.state,
      arbitrary: fc.record({
        kind: fc.constant("state" as const),
        subject,
        source: fc.constantFrom(
          "updated" as const,
          "created" as const,
          "Backend API" as const,
        ),
        state: states[resource],
      }),
    },
    { weight: weights.deletion, arbitrary: deletion },
    {
      weight: weights.invalid,
      arbitrary: fc.record({ kind: fc.constant("invalid" as const), subject, flaw }),
    },
    {
      weight: weights.write,
      arbitrary: fc.record({
        kind: fc.constant("write" as const),
        subject,
        deactivate: often(false, 4),
        // A membership that shares its deactivation is not deactivated here. Chance decides whether that
        // reaches another membership written at the same moment. Policies look at the person, not the row.
      }).map((write) => ({
        ...write,
        deactivate: write.deactivate && !sharesDeactivation(write.subject),
      })),
    },
  ];
}

function item(users: number): fc.Arbitrary<Item> {
  const user = fc.nat(users - 1).map((number) => ({ resource: "user" as const, number }));
  return fc.oneof(
    ...itemsAbout("user", users, { state: 24, deletion: 3, invalid: 2, write: 4 }),
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("gone" as const), subject: user }) },
    ...itemsAbout("organization", mostOrganizations, {
      state: 3,
      deletion: 2,
      invalid: 1,
      write: 1,
    }),
    ...itemsAbout("membership", mostMemberships, { state: 8, deletion: 2, invalid: 1, write: 1 }),
  );
}

const history: fc.Arbitrary<History> = fc.integer({ min: 1, max: mostUsers }).chain((users) =>
  fc.array(item(users), { minLength: 1, maxLength: mostItems, size: "max" })
);

function plan(fewestWriters: number, mostWriters: number): fc.Arbitrary<Plan> {
  return fc.record({
    keys: fc.array(fc.nat(9), { minLength: 1, maxLength: 22, size: "max" }),
    again: fc.array(fc.record({ item: fc.nat(mostItems - 1), anew: fc.boolean() }), {
      maxLength: 5,
      size: "max",
    }),
    batches: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
    writers: fc.integer({ min: fewestWriters, max: mostWriters }),
  });
}

export const replay: fc.Arbitrary<Replay> = fc.record({
  history,
  plans: fc.tuple(plan(1, 1), plan(1, mostWriters), plan(2, mostWriters)),
});
