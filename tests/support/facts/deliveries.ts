import type { Fact } from "../../../supabase/functions/_shared/facts/fact.ts";
import { eventOf } from "./events.ts";

/** An event as Svix delivers it, however often. */
export interface Delivery {
  readonly id: string;
  readonly body: string;
  readonly fact: Fact;
}

/** The delivery that tells it. */
export function deliveryOf(fact: Fact): Delivery {
  const id = `msg_${crypto.randomUUID().replaceAll("-", "")}`;
  return { id, body: eventOf(fact), fact };
}
