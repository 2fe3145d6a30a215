import { resources } from "../supabase/functions/_shared/webhook/resources.ts";

const changes = ["created", "updated", "deleted"];

/** Clerk's events that the webhook handles, those of one resource together. */
export const eventsByResource: readonly (readonly string[])[] = [...resources.keys()]
  .map((resource) => changes.map((change) => `${resource}.${change}`));

export const handledEvents: readonly string[] = eventsByResource.flat();
