import { Hono } from "hono";
import { z } from "zod";
import { readJson } from "../control/json.ts";
import {
  answerOf,
  brokenAnswer,
  type Fault,
  fault,
  fitting,
  requestUnder,
  spoiled,
} from "./fault.ts";

const faultsBody = z.strictObject({ faults: z.array(fault) });

/** The faults in force. */
export interface Faults {
  /** Answers as the first fault that fits the request has it, or as `answer` does. */
  meet(request: Request, answer: (request: Request) => Promise<Response>): Promise<Response>;
  /** Ends all faults. */
  end(): void;
  readonly control: Hono;
}

interface FaultInForce {
  readonly fault: Fault;
  readonly fits: (request: Request) => boolean;
  /** How many requests have met it. */
  met: number;
}

export function createFaults(): Faults {
  let inForce: FaultInForce[] = [];
  let change = Promise.withResolvers<void>();

  function replace(faults: readonly Fault[]): void {
    inForce = faults.map((fault) => ({ fault, fits: fitting(fault), met: 0 }));
    change.resolve();
    change = Promise.withResolvers();
  }

  const list = () =>
    Response.json({ faults: inForce.map(({ fault, met }) => ({ ...fault, met })) });

  const control = new Hono();
  control.get("/faults", list);
  control.put("/faults", async (context) => {
    replace((await readJson(context, faultsBody)).faults);
    return list();
  });
  control.delete("/faults", () => {
    replace([]);
    return list();
  });

  return {
    async meet(request, answer) {
      const found = inForce.find(({ fault: { times }, fits, met }) =>
        fits(request) && (times === null || met < times)
      );
      if (!found) return await answer(request);
      found.met++;
      const { fault } = found;
      // Take it before the delay, because the faults may change during it.
      const { promise: changed } = change;
      if (fault.delay_ms > 0) await wait(fault.delay_ms);
      if (fault.connection !== "silent") {
        return answerOf(fault, request) ??
          await spoiled(fault, await answer(requestUnder(fault, request)));
      }
      await changed;
      return brokenAnswer();
    },
    end: () => replace([]),
    control,
  };
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
