import { handledEvents } from "../handled_events.ts";
import { succeed } from "../hosted/outcome.ts";
import { describeByHand } from "./by_hand.ts";
import type { Deployment } from "./deployment.ts";
import type { Step } from "./step.ts";
import type { SvixAccess } from "./svix_access.ts";

/** The webhook has its endpoint in Clerk, switched off if it is new. */
export function webhookEndpointStep(deployment: Deployment, access: SvixAccess): Step {
  return {
    name: "webhook endpoint",
    async check() {
      const wanted = await deployment.wantedEndpoint();
      if (!wanted.ok) return wanted;
      const found = await access.find();
      if (!found.ok) return describeByHand(found, wanted.value, handledEvents);
      const { endpoint } = found.value;
      if (!endpoint) return succeed({ done: false, todo: `creates ${wanted.value.url}` });
      const own = endpoint.uid === wanted.value.uid;
      return succeed({ done: true, note: own ? "" : "takes over the one that was made by hand" });
    },
    async apply() {
      const wanted = await deployment.wantedEndpoint();
      if (!wanted.ok) return wanted;
      const created = await access.create(wanted.value);
      return created.ok
        ? succeed(wanted.value.url)
        : describeByHand(created, wanted.value, handledEvents);
    },
  };
}
