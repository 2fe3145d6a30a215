import { useEffect, useState } from "preact/hooks";
import type { Snapshot } from "../snapshot.ts";

/** What the page knows so far. */
export interface Live {
  readonly connected: boolean;
  readonly snapshot: Partial<Snapshot>;
}

const parts = ["stack", "clerk", "deliveries", "rows", "runs", "agreement"] as const;

/** Follows the server's snapshot. */
export function useLive(): Live {
  const [live, setLive] = useState<Live>({ connected: false, snapshot: {} });
  useEffect(() => {
    const events = new EventSource("/events");
    events.onopen = () => setLive((before) => ({ ...before, connected: true }));
    events.onerror = () => setLive((before) => ({ ...before, connected: false }));
    for (const part of parts) {
      events.addEventListener(part, ({ data }: MessageEvent<string>) => {
        setLive(({ snapshot }) => ({
          connected: true,
          snapshot: { ...snapshot, [part]: JSON.parse(data) },
        }));
      });
    }
    return () => events.close();
  }, []);
  return live;
}
