import { z } from "zod";

/** Metadata of one visibility: a JSON object. */
export const metadata = z.record(z.string(), z.unknown());
export type Metadata = z.infer<typeof metadata>;

/**
 * Merges metadata as Clerk does: objects are merged at every level, any other value replaces the current
 * one, and null removes the key.
 */
export function mergeMetadata(current: Metadata, change: Metadata): Metadata {
  const merged = { ...current };
  for (const [key, value] of Object.entries(change)) {
    const before = merged[key];
    if (value === null) delete merged[key];
    else {merged[key] = isObject(value)
        ? mergeMetadata(isObject(before) ? before : {}, value)
        : value;}
  }
  return merged;
}

function isObject(value: unknown): value is Metadata {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
