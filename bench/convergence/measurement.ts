import type { Sql } from "postgres";
import { z } from "zod";
import type { ClerkNow } from "./clerk_now.ts";
import { deliver, type Endpoint, inParallel } from "./delivery.ts";
import type { History } from "./history.ts";
import { type Plan, type PlanName, planNames } from "./plan.ts";
import { countUp, type Tally } from "./tally.ts";

/** Users whose histories are delivered at once. */
const usersAtOnce = 8;

export type MeasurementOptions = {
  readonly histories: readonly History[];
  /** For each history, in the same order. */
  readonly plans: readonly Record<PlanName, Plan>[];
  readonly clerk: ClerkNow;
  readonly sql: Sql;
  print(line: string): void;
};

/** Delivers every history in every plan to an endpoint, then compares what its table shows. */
export type Measure = (title: string, table: string, endpoint: Endpoint) => Promise<Tally>;

const rowsOf = z.array(z.object({
  clerk_id: z.string(),
  email: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  is_active: z.boolean(),
}));

export function createMeasurement(options: MeasurementOptions): Measure {
  const { histories, plans, clerk, sql, print } = options;

  return async (title, table, endpoint) => {
    const started = performance.now();
    let [deliveries, errors] = [0, 0];
    for (const name of planNames) {
      await inParallel(histories.entries(), usersAtOnce, async ([index, history]) => {
        const clerkId = idOf(table, name, index);
        const plan = plans[index]?.[name];
        if (plan === undefined) return;
        const happened = (position: number) => clerk.happened(clerkId, history, position);
        const answers = await deliver({ clerkId, history, plan, happened }, endpoint);
        deliveries += answers.deliveries;
        errors += answers.errors;
      });
    }
    const found = await sql`
      select clerk_id, email, first_name, last_name, is_active from public.${sql(table)}
    `;
    const rows = new Map(rowsOf.parse([...found]).map((row) => [row.clerk_id, row]));
    const seconds = Math.round((performance.now() - started) / 1000);
    print(`${title}: ${deliveries} deliveries, ${seconds} s`);
    return countUp(title, histories, { deliveries, errors }, (name, index) => {
      return rows.get(idOf(table, name, index));
    });
  };
}

/** Every handler and plan has its own user for a history. */
function idOf(table: string, plan: PlanName, index: number): string {
  return `user_${table.replaceAll("_", "")}${planNames.indexOf(plan)}x${index}`;
}
