import { useSession } from "@clerk/react";
import type { SupabaseClient } from "@supabase/supabase-js";
import { useCallback, useEffect, useState } from "react";
import { type Answer, callFunction } from "./call_function.ts";
import { wait } from "./wait.ts";

/** The cookie with the session for which users-sync has been called, and the lock of who may call. */
const syncedSession = "users-sync";
/** Milliseconds. */
const pollEvery = 4000;
const longestBackOff = 30_000;

/**
 * The signed-in user's row, and the user's organizations. Calls users-sync once after the sign-in,
 * in one tab of several and in StrictMode too, then follows the row with users-me. Asks again while
 * there is a problem that may soon be over.
 */
export function useSyncedUser(supabase: SupabaseClient) {
  const { session } = useSession();
  const sessionId = session?.id;
  const [shown, setShown] = useState<Answer & { of?: string }>({});
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    if (!sessionId) return;
    // StrictMode, a sign-out and an account switch end this before or while it asks.
    const stop = new AbortController();
    follow(supabase, sessionId, stop.signal, (answer) =>
      setShown((before) => {
        const keep = answer.problem?.passing && before.of === sessionId;
        return {
          ...(keep ? before : {}),
          problem: undefined,
          ...answer,
          of: sessionId,
        };
      })).catch((error) => {
        if (!stop.signal.aborted) throw error;
      });
    return () => stop.abort();
  }, [supabase, sessionId, turn]);

  /** Asks again now. */
  const refresh = useCallback(() => setTurn((turn) => turn + 1), []);
  // Nothing of the account before is shown, not even in the first rendering after a switch.
  const { user, organizations = [], problem } = shown.of === sessionId ? shown : {};
  return { user, organizations, problem, refresh };
}

/** Asks until the signal ends it, or there is a problem that will not pass. */
async function follow(
  supabase: SupabaseClient,
  sessionId: string,
  signal: AbortSignal,
  show: (answer: Answer) => void,
): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    const answer = await ask(supabase, sessionId, signal);
    if (signal.aborted) return;
    show(answer);
    const { problem } = answer;
    if (problem && !problem.passing) return;
    failures = problem ? failures + 1 : 0;
    const backOff = Math.min(longestBackOff, 500 * 2 ** failures) *
      (0.5 + Math.random() / 2);
    do {
      await wait(
        problem ? problem.retryAfter * 1000 + backOff : pollEvery,
        signal,
      );
    } while (document.hidden && !signal.aborted);
  }
}

/** Asks users-me, after users-sync if that has not been called for this session. */
async function ask(
  supabase: SupabaseClient,
  sessionId: string,
  signal: AbortSignal,
): Promise<Answer> {
  // One tab sees what another has stored. With localStorage or document.cookie it may come late.
  const isSynced = async () => (await cookieStore.get(syncedSession))?.value === sessionId;
  if (!await isSynced()) {
    // One tab has the lock and calls. The others wait, and find that it is done.
    const synced = await navigator.locks.request(
      syncedSession,
      { signal },
      async () => {
        if (await isSynced()) return {};
        const answer = await callFunction(supabase, "users-sync", signal);
        if (answer.user) {
          await cookieStore.set({ name: syncedSession, value: sessionId, sameSite: "lax" });
        }
        return answer;
      },
    );
    if (synced.problem) return synced;
  }
  const answer = await callFunction(supabase, "users-me", signal);
  if (answer.problem?.code !== "user_not_found") return answer;
  // The row is not there, or not there any more: let users-sync write it.
  await cookieStore.delete(syncedSession);
  return { problem: { ...answer.problem, passing: true } };
}
