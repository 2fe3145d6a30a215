import { connect } from "node:net";
import { requestHead } from "../support/raw_http.ts";

/** A delivery whose body never ends, over a connection of its own. */
export interface StalledDelivery {
  readonly headers: readonly (readonly [string, string])[];
  /** The announced length of the body in bytes. All but the last byte are sent. */
  readonly size: number;
}

/**
 * Sends this many at once. Returns the status of each answer once all connections have ended. It is
 * "reset" if the connection ended before the answer was read, which can happen during sending.
 */
export function stallDeliveries(
  url: string,
  count: number,
  delivery: () => StalledDelivery,
): Promise<readonly (number | "reset")[]> {
  return Promise.all(Array.from({ length: count }, () => stall(url, delivery())));
}

function stall(url: string, { headers, size }: StalledDelivery): Promise<number | "reset"> {
  const { promise, resolve } = Promise.withResolvers<number | "reset">();
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), timeout: 60_000 });
  let answer = "";
  socket.on("data", (bytes) => {
    answer += bytes.toString("latin1");
    if (answer.includes("\r\n")) socket.destroy();
  });
  socket.on("timeout", () => socket.destroy());
  socket.on("error", () => {});
  socket.on("close", () => {
    const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
    resolve(status === undefined ? "reset" : Number(status));
  });
  socket.write(requestHead(url, { headers: [...headers, ["content-length", String(size)]] }));
  socket.write(new Uint8Array(size - 1).fill(0x20));
  return promise;
}
