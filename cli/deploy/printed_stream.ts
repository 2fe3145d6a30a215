import type { Printer } from "../../local/printer.ts";

/** A stream without a cursor that prints each text as a line about the work. */
export function printedStream(printer: Printer) {
  return {
    writeSync(bytes: Uint8Array): number {
      printer.error(new TextDecoder().decode(bytes).trimEnd());
      return bytes.length;
    },
    isTerminal: () => false,
  };
}
