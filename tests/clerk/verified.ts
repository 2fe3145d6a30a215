import { Webhook } from "svix";
import { z } from "zod";
import { signingSecret } from "../support/svix/deliveries.ts";
import { type Received } from "./running_double.ts";

const event = z.looseObject({
  type: z.string(),
  instance_id: z.string(),
  timestamp: z.int(),
  data: z.looseObject({ id: z.string() }),
  event_attributes: z.object({
    http_request: z.object({ client_ip: z.string(), user_agent: z.string() }),
  }),
});

/** Verifies a delivery with the real library and reads it. Throws if it is not genuine. */
export function verified({ headers, body }: Received, secret = signingSecret) {
  new Webhook(secret).verify(body, Object.fromEntries(headers));
  return event.parse(JSON.parse(body));
}
