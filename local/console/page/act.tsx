import type { Action } from "../action.ts";
import type { ActionAnswer } from "../snapshot.ts";

/** Has the server do something. Returns its answer, and whether it was done. */
export type Act = (action: Action) => Promise<ActionAnswer & { readonly done: boolean }>;

/** @param say shows the reader how it went */
export function createAct(say: (message: string) => void): Act {
  return async (action) => {
    say("Working …");
    try {
      const response = await fetch("/actions", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(action),
      });
      const answer: ActionAnswer = await response.json();
      say(answer.message);
      return { ...answer, done: response.ok };
    } catch {
      const message = "The stack does not answer";
      say(message);
      return { message, done: false };
    }
  };
}
