import { Webhook } from "svix";
import { runningStack } from "./running_stack.ts";
import { type Answer, call } from "./supabase.ts";

export interface DeliveryOptions {
  readonly id?: string;
  readonly secret?: string;
  readonly sentAt?: Date;
}

/** Delivers a body as Svix does: signed, with its three headers. */
export function deliver(body: string, delivery: DeliveryOptions = {}): Promise<Answer> {
  return call("clerk-webhook", {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...signedHeaders(body, delivery) },
  });
}

export function signedHeaders(body: string, delivery: DeliveryOptions = {}) {
  const id = delivery.id ?? `msg_${crypto.randomUUID()}`;
  const sentAt = delivery.sentAt ?? new Date();
  const webhook = new Webhook(delivery.secret ?? runningStack().CLERK_WEBHOOK_SECRET);
  return {
    "svix-id": id,
    "svix-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
    "svix-signature": webhook.sign(id, sentAt, body),
  };
}

/** An event as Clerk sends it. */
export function event(type: string, data: unknown, parts: Record<string, unknown> = {}): string {
  return JSON.stringify({
    object: "event",
    type,
    data,
    timestamp: Date.now(),
    instance_id: "ins_test",
    ...parts,
  });
}

/** A Clerk user as an event carries it, with what a test wants otherwise. */
export function clerkUserData(id: string, parts: Record<string, unknown> = {}) {
  return {
    id,
    object: "user",
    username: null,
    first_name: "Ada",
    last_name: "Lovelace",
    primary_email_address_id: "idn_2",
    primary_phone_number_id: null,
    email_addresses: [
      { id: "idn_1", email_address: "first@example.com", verification: null },
      { id: "idn_2", email_address: "primary@example.com", verification: { status: "verified" } },
    ],
    phone_numbers: [],
    external_id: null,
    public_metadata: {},
    private_metadata: { secret: "private" },
    unsafe_metadata: { secret: "unsafe" },
    banned: false,
    locked: false,
    last_sign_in_at: null,
    created_at: 1_767_225_600_000,
    updated_at: 1_767_225_600_000,
    ...parts,
  };
}

/** A Clerk organization as an event carries it. */
export function clerkOrganizationData(id: string, parts: Record<string, unknown> = {}) {
  return {
    id,
    object: "organization",
    name: "Analytical Engines",
    slug: "engines",
    image_url: "https://img.example.com/engines.png",
    has_image: true,
    members_count: 2,
    created_by: "user_ada",
    public_metadata: { plan: "team" },
    private_metadata: { secret: "private" },
    created_at: 1_767_225_600_000,
    updated_at: 1_767_225_600_000,
    ...parts,
  };
}

/** A Clerk membership as an event carries it, with its organization and its user in it. */
export function clerkMembershipData(
  { id, organization, user }: {
    readonly id: string;
    readonly organization: string;
    readonly user: string;
  },
  parts: Record<string, unknown> = {},
) {
  return {
    id,
    object: "organization_membership",
    role: "org:member",
    role_name: "Member",
    permissions: ["org:sys_memberships:read"],
    public_metadata: {},
    private_metadata: { secret: "private" },
    organization: clerkOrganizationData(organization, { name: "An older name", slug: "older" }),
    public_user_data: {
      user_id: user,
      first_name: "Ada",
      last_name: "Lovelace",
      image_url: "https://img.example.com/ada.png",
      has_image: true,
      identifier: "ada@example.com",
    },
    created_at: 1_767_225_600_000,
    updated_at: 1_767_225_600_000,
    ...parts,
  };
}
