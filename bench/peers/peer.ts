import type { SupabaseClient } from "@supabase/supabase-js";
import { Webhook } from "svix";
import { z } from "zod";

/** How others follow Clerk's users, as a webhook handler. */
export type Peer = {
  /** The name of its table. The names of its SQL functions begin with it. */
  readonly table: string;
  readonly title: string;
  /** What it needs in the database besides its table. */
  readonly sql?: string;
  /** Writes one event. Throws if that fails: the delivery is then answered with a 500. */
  apply(event: PeerEvent, resources: PeerResources): Promise<void>;
};

export type PeerResources = {
  /** With the service-role key. */
  readonly supabase: SupabaseClient;
  /** Reads the user as Clerk has them now. Null if Clerk knows no such user. */
  readUser(clerkId: string): Promise<PeerUser | null>;
};

const user = z.object({
  id: z.string(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  primary_email_address_id: z.string().nullable(),
  email_addresses: z.array(z.object({ id: z.string(), email_address: z.string() })),
  updated_at: z.number(),
});
export type PeerUser = z.infer<typeof user>;

/** Reads a user from Clerk's JSON. */
export const readPeerUser = (json: unknown): PeerUser => user.parse(json);

const event = z.discriminatedUnion("type", [
  z.object({ type: z.literal("user.created"), timestamp: z.number(), data: user }),
  z.object({ type: z.literal("user.updated"), timestamp: z.number(), data: user }),
  z.object({
    type: z.literal("user.deleted"),
    timestamp: z.number(),
    data: z.object({ id: z.string() }),
  }),
]);
export type PeerEvent = z.infer<typeof event>;

/**
 * The part that all tutorials share: verify, parse, write, then 200; 400 for a bad signature and
 * 500 if the write fails, so that Svix delivers again.
 */
export function createPeerHandler(peer: Peer, secret: string, resources: PeerResources) {
  const webhook = new Webhook(secret);
  return async (request: Request): Promise<Response> => {
    const body = await request.text();
    try {
      webhook.verify(body, Object.fromEntries(request.headers));
    } catch {
      return new Response("Invalid signature", { status: 400 });
    }
    try {
      await peer.apply(event.parse(JSON.parse(body)), resources);
      return new Response("OK");
    } catch (error) {
      return new Response(error instanceof Error ? error.message : "Failed", { status: 500 });
    }
  };
}

/** The user's columns, with the primary address, as the more careful tutorials have it. */
export function columnsOf(data: PeerUser) {
  const primary = data.email_addresses.find(({ id }) => id === data.primary_email_address_id);
  return {
    clerk_id: data.id,
    email: primary?.email_address ?? null,
    first_name: data.first_name,
    last_name: data.last_name,
  };
}

/** The columns with Clerk's time, for handlers that order by it. */
export function timedColumnsOf(data: PeerUser) {
  return { ...columnsOf(data), clerk_updated_at: new Date(data.updated_at).toISOString() };
}
