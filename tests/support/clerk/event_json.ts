type Fields = Readonly<Record<string, unknown>>;

/** An event as Clerk sends it; `data` is what it is about. */
export function clerkEventJson(type: string, data: unknown, changes: Fields = {}): Fields {
  return {
    type,
    object: "event",
    data,
    timestamp: 1_700_000_700_000,
    instance_id: "ins_production",
    ...changes,
  };
}

/** The body with which it is delivered, of this moment unless told otherwise. */
export function eventBody(type: string, data: unknown, changes: Fields = {}): string {
  return JSON.stringify(clerkEventJson(type, data, { timestamp: Date.now(), ...changes }));
}
