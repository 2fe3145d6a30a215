import type { Printer } from "../../local/printer.ts";
import { describeDuration } from "./duration.ts";

/** How far a run is. */
export interface Stage {
  /** Such as "users". */
  readonly name: string;
  readonly done: number;
  /** 0: not known yet. */
  readonly total: number;
}

type Stream = { writeSync(bytes: Uint8Array): number; isTerminal(): boolean };

/** Standard output and standard error, with a line on the latter that shows how far a run is. */
export interface Screen {
  /** A line of the result, on standard output. */
  line(text: string): void;
  /** A line about the work, on standard error. */
  note(text: string): void;
  /** Shows the stage from now on: in one line that changes on a terminal, else in a line now and then. */
  follow(stage: () => Stage | undefined): void;
  stop(): void;
}

/** Milliseconds between two drawings on a terminal, and between two lines in a log. */
const drawEvery = 200;
const logEvery = 10_000;

export function createScreen(printer: Printer, stream: Stream = Deno.stderr): Screen {
  const terminal = stream.isTerminal();
  const encoder = new TextEncoder();
  const write = (text: string) => stream.writeSync(encoder.encode(text));
  let stage: () => Stage | undefined = () => undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  let name = "";
  let begun = { at: 0, done: 0 };

  function clear(): void {
    if (terminal && timer !== undefined) write("\r\x1b[K");
  }

  function look(): Stage | undefined {
    const now = stage();
    if (now === undefined) return undefined;
    if (now.name !== name) {
      name = now.name;
      begun = { at: Date.now(), done: now.done };
    }
    return now;
  }

  function draw(): void {
    const now = look();
    if (now === undefined) return;
    const text = describeStage(now, (Date.now() - begun.at) / 1000, now.done - begun.done);
    write(terminal ? `\r\x1b[K${text}` : `${text}\n`);
  }

  return {
    line(text) {
      clear();
      printer.line(text);
    },
    note(text) {
      clear();
      printer.error(text);
    },
    follow(current) {
      stage = current;
      look();
      timer ??= setInterval(draw, terminal ? drawEvery : logEvery);
    },
    stop() {
      clear();
      clearInterval(timer);
      timer = undefined;
    },
  };
}

/** @param seconds since the stage began @param done since then */
export function describeStage(
  { name, done, total }: Stage,
  seconds: number,
  fresh: number,
): string {
  const rate = seconds > 0 ? fresh / seconds : 0;
  const parts = [
    `${name} ${number(done)}${total > 0 ? ` of ${number(total)}` : ""}`,
    ...(total > 0 ? [`${Math.min(100, Math.floor(100 * done / total))} %`] : []),
    `${number(Math.round(rate))} a second`,
    ...(rate > 0 && total > done ? [`${describeDuration(1000 * (total - done) / rate)} left`] : []),
  ];
  return parts.join(", ");
}

function number(value: number): string {
  return value.toLocaleString("en");
}
