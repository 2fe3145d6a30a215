/** A proxy that lets no request out and records its destination. */
export interface NetworkExit extends AsyncDisposable {
  /** For HTTPS_PROXY. */
  readonly url: string;
  /** `host:port` of every attempt. */
  readonly hosts: readonly string[];
}

/** Starts the proxy on a free port of loopback. */
export function startExit(): NetworkExit {
  const hosts: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  async function refuse(connection: Deno.Conn) {
    const buffer = new Uint8Array(1024);
    const size = await connection.read(buffer) ?? 0;
    const [line = ""] = new TextDecoder().decode(buffer.subarray(0, size)).split("\r\n");
    hosts.push(line.replace(/^CONNECT (\S+).*$/, "$1"));
    connection.close();
  }

  async function refuseAll() {
    for await (const connection of listener) await refuse(connection).catch(() => {});
  }

  const finished = refuseAll();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    hosts,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await finished;
    },
  };
}
