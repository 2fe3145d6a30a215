import { portsFrom, requireFreePorts } from "../../../local/ports.ts";

/** The first of four free ports, below the range that systems use for outgoing connections. */
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
  throw new Error("There are no four free ports between 20000 and 32000");
}
