import { connect } from "node:net";
import { requestHead } from "../support/raw_http.ts";

/** Deliveries that never come to their end, each over a connection of its own. */
export interface StalledDelivery {
  readonly headers: readonly (readonly [string, string])[];
  /** Bytes that the body is said to have; all but the last are offered. */
  readonly size: number;
}

/**
 * Offers so many of them at once. The status of each answer, once every connection has come to its end;
 * "reset" where the end came before the answer was read, as it may while there is still something to send.
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
