import type { Fact } from "../../../supabase/functions/_shared/facts/fact.ts";
import { eventOf } from "./events.ts";

/** An event on its way through Svix, which may deliver it several times. */
export interface Delivery {
  readonly id: string;
  readonly body: string;
  readonly fact: Fact;
}

/** A new delivery of the fact. */
export function deliveryOf(fact: Fact): Delivery {
  const id = `msg_${crypto.randomUUID().replaceAll("-", "")}`;
  return { id, body: eventOf(fact), fact };
}
