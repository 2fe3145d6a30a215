import { useClerk, useUser } from "@clerk/react";
import { useEffect, useState } from "react";
import { wait } from "./wait.ts";

/** Milliseconds. */
const askEvery = 4000;

/**
 * Whether Clerk does not answer. Clerk's packages then go on with the session token of the last visit,
 * which names the user and nothing else of them. They do not say when the outage is over, so this asks.
 */
export function useClerkOutage(): boolean {
  const { status } = useClerk();
  const { user } = useUser();
  const [answers, setAnswers] = useState(false);
  const isDegraded = status === "degraded";

  useEffect(() => {
    if (!isDegraded || !user) return;
    const stop = new AbortController();
    setAnswers(false);
    async function ask() {
      while (!stop.signal.aborted) {
        const answered = await user?.reload().then(() => true, () => false);
        if (stop.signal.aborted) return;
        if (answered) return setAnswers(true);
        await wait(askEvery, stop.signal);
      }
    }
    void ask();
    return () => stop.abort();
  }, [isDegraded, user?.id]);

  return isDegraded && !answers;
}
