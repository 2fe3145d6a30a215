import type { DeliverySecond, DeliveryView } from "./snapshot.ts";

/** How far back the plot goes. */
const longest = 60;

/** Counts deliveries by second. */
export function createSeconds() {
  const seconds = new Map<number, DeliverySecond>();
  return {
    add({ at, verdict, lag }: DeliveryView): void {
      if (verdict === "waiting") return;
      const second = Math.floor(at / 1000);
      const { taken = 0, refused = 0, lag: before = null } = seconds.get(second) ?? {};
      seconds.set(second, {
        second,
        taken: taken + (verdict === "taken" ? 1 : 0),
        refused: refused + (verdict === "refused" ? 1 : 0),
        lag: lag === null ? before : Math.max(lag, before ?? 0),
      });
    },
    list(now = Date.now()): DeliverySecond[] {
      for (const second of seconds.keys()) {
        if (second < now / 1000 - longest) seconds.delete(second);
      }
      return [...seconds.values()].sort((a, b) => a.second - b.second);
    },
  };
}
