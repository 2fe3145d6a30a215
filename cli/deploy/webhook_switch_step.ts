import { handledEvents } from "../handled_events.ts";
import { callSvix } from "../hosted/endpoints.ts";
import { fail, succeed } from "../hosted/outcome.ts";
import type { Deployment } from "./deployment.ts";
import type { Step } from "./step.ts";
import type { SvixAccess } from "./svix_access.ts";

/** The endpoint has its address and its events, and is on. */
export function webhookSwitchStep(deployment: Deployment, access: SvixAccess): Step {
  return {
    name: "webhook switched on",
    async check() {
      const wanted = await deployment.wantedEndpoint();
      if (!wanted.ok) return wanted;
      const found = await access.find();
      if (!found.ok) return found;
      const { endpoint } = found.value;
      if (!endpoint) return succeed({ done: false, todo: `ticks ${handledEvents.length} events` });
      const todo = [
        ...(endpoint.url === wanted.value.url ? [] : [`moves it to ${wanted.value.url}`]),
        ...(sameEvents(endpoint.eventTypes) ? [] : [`ticks ${handledEvents.length} events`]),
        ...(endpoint.disabled ? ["switches it on"] : []),
        ...(endpoint.uid ? [] : ["gives it its name"]),
      ];
      return succeed(todo.length === 0 ? { done: true } : { done: false, todo: todo.join(", ") });
    },
    async apply() {
      const wanted = await deployment.wantedEndpoint();
      if (!wanted.ok) return wanted;
      const found = await access.find();
      if (!found.ok) return found;
      const { app, endpoint, created } = found.value;
      if (!app || !endpoint) return fail("The endpoint has gone", "Run it again");
      const { uid, url } = wanted.value;
      const changed = await callSvix(() =>
        app.svix.endpoint.patch(app.appId, endpoint.id, {
          url,
          uid: endpoint.uid ?? uid,
          eventTypes: [...handledEvents],
          disabled: false,
        })
      );
      access.forget();
      if (!changed.ok) return changed;
      if (created || !endpoint.disabled) return succeed("");
      return succeed("it was disabled: replay --since brings what it missed");
    },
  };
}

function sameEvents(ticked: readonly string[] | null | undefined): boolean {
  return [...ticked ?? []].sort().join() === [...handledEvents].sort().join();
}
