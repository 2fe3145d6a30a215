import { portsFrom, requireFreePorts } from "../../../local/ports.ts";

/** A base with four free ports, below the range from which systems choose ports for connections. */
export function freePortBase(): number {
  for (let attempt = 0; attempt < 100; attempt++) {
    const base = 20_000 + 4 * Math.floor(Math.random() * 3_000);
    try {
      requireFreePorts(portsFrom(base));
      return base;
    } catch {
      continue;
    }
  }
  throw new Error("Found no four free ports between 20000 and 32000");
}
