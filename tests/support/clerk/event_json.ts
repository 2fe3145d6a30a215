type Fields = Readonly<Record<string, unknown>>;

/** An event as Clerk sends it. */
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

/** The body of an event that happens now. */
export function eventBody(type: string, data: unknown, changes: Fields = {}): string {
  return JSON.stringify(clerkEventJson(type, data, { timestamp: Date.now(), ...changes }));
}
