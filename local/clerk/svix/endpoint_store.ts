import { z } from "zod";
import { newId } from "../ids.ts";
import type { Storage } from "../storage/database.ts";

const milliseconds = z.int();

export const endpointUrl = z.url({ protocol: /^https?$/ });
export const signingSecret = z.string().regex(/^whsec_[A-Za-z0-9+/]+=*$/);

/** Where webhooks go. Times are milliseconds since the epoch. */
export const endpointDocument = z.object({
  id: z.string(),
  /** The owner's own name for it. */
  uid: z.string().nullable(),
  /** Null: taken away, so that no events are created for it. */
  url: endpointUrl.nullable(),
  description: z.string(),
  /** A disabled endpoint gets nothing. Svix disables one that fails for five days. */
  disabled: z.boolean(),
  /** The event types that it subscribes to; null for all. */
  event_types: z.array(z.string()).nullable(),
  metadata: z.record(z.string(), z.string()),
  /** The newest first. Every delivery is signed with each until its end. */
  secrets: z.array(z.object({ key: signingSecret, until: milliseconds.nullable() })),
  created_at: milliseconds,
  updated_at: milliseconds,
});
export type EndpointDocument = z.infer<typeof endpointDocument>;

export type EndpointChange = Partial<Omit<EndpointDocument, "id" | "created_at" | "updated_at">>;

/** An endpoint that has an address. */
export type ReachableEndpoint = EndpointDocument & { readonly url: string };

/** The endpoints, the oldest first. */
export interface EndpointStore {
  all(): readonly EndpointDocument[];
  /** Those that have an address. */
  reachable(): readonly ReachableEndpoint[];
  create(change: EndpointChange): EndpointDocument;
  /** Throws if there is no such endpoint. */
  change(id: string, change: EndpointChange): EndpointDocument;
}

/** Keeps endpoints in the table `endpoints`, and all of them in memory: each delivery asks for them. */
export function createEndpointStore(storage: Storage, now: () => number): EndpointStore {
  const rows = storage.all("select document from endpoints");
  const known = new Map(
    rows.map(({ document }) => endpointDocument.parse(JSON.parse(String(document))))
      .sort((one, other) => one.created_at - other.created_at)
      .map((endpoint) => [endpoint.id, endpoint]),
  );

  function save(endpoint: EndpointDocument): EndpointDocument {
    const document = JSON.stringify(endpoint);
    storage.run(
      "insert or replace into endpoints (id, document) values (?, ?)",
      endpoint.id,
      document,
    );
    known.set(endpoint.id, endpoint);
    return endpoint;
  }

  return {
    all: () => [...known.values()],
    reachable: () =>
      [...known.values()].flatMap((one) => one.url === null ? [] : { ...one, url: one.url }),
    create(change) {
      const at = now();
      return save({
        id: newId("ep", at),
        uid: null,
        url: null,
        description: "",
        disabled: false,
        event_types: null,
        metadata: {},
        secrets: [],
        ...change,
        created_at: at,
        updated_at: at,
      });
    },
    change(id, change) {
      const endpoint = known.get(id);
      if (!endpoint) throw new Error(`There is no endpoint ${id}`);
      return save({ ...endpoint, ...change, updated_at: now() });
    },
  };
}

/** The secrets that sign deliveries at a time, the newest first. */
export function validSecrets({ secrets }: EndpointDocument, at: number): string[] {
  return secrets.filter(({ until }) => until === null || until > at).map(({ key }) => key);
}
