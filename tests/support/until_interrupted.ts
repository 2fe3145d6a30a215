import { listenForInterrupt } from "../../local/interrupt.ts";

/** Ends the work with an error at Ctrl-C or SIGTERM, so that the caller can clean up. */
export async function untilInterrupted<Value>(work: () => Promise<Value>): Promise<Value> {
  const { asked } = listenForInterrupt();
  const interrupted = asked.then((reason) => {
    throw new Error(`Interrupted (${reason})`);
  });
  return await Promise.race([work(), interrupted]);
}
