import type { ReachableEndpoint } from "../endpoint_store.ts";

/** An endpoint in the form of Svix' API. */
export function renderEndpoint(endpoint: ReachableEndpoint) {
  return {
    id: endpoint.id,
    uid: endpoint.uid,
    url: endpoint.url,
    description: endpoint.description,
    disabled: endpoint.disabled,
    eventTypes: endpoint.event_types,
    channels: null,
    throttleRate: null,
    metadata: endpoint.metadata,
    createdAt: new Date(endpoint.created_at).toISOString(),
    updatedAt: new Date(endpoint.updated_at).toISOString(),
  };
}
