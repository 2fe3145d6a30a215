import { type Outcome } from "../hosted/outcome.ts";

/** Asks at most once. A failure is asked again. */
export function once<T>(ask: () => Promise<Outcome<T>>): () => Promise<Outcome<T>> {
  let answer: Outcome<T> | undefined;
  return async () => {
    if (!answer?.ok) answer = await ask();
    return answer;
  };
}
