import type { Metadata } from "./users/document.ts";

/**
 * Merges metadata as Clerk does: objects are merged at every level, anything else replaces what
 * was there, and null removes the key.
 */
export function mergeMetadata(current: Metadata, change: Metadata): Metadata {
  const merged: Metadata = { ...current };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) {
      delete merged[key];
      continue;
    }
    const before = merged[key];
    merged[key] = isObject(value) ? mergeMetadata(isObject(before) ? before : {}, value) : value;
  }
  return merged;
}

function isObject(value: unknown): value is Metadata {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
