import { listenForInterrupt } from "../../local/interrupt.ts";

/** Gives work up at Ctrl-C or SIGTERM with an error, so that what follows it can still clean up. */
export async function untilInterrupted<Value>(work: () => Promise<Value>): Promise<Value> {
  const { asked } = listenForInterrupt();
  const interrupted = asked.then((reason) => {
    throw new Error(`Interrupted (${reason})`);
  });
  return await Promise.race([work(), interrupted]);
}
