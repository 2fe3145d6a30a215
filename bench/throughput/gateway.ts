import { join } from "node:path";
import { findFreePort } from "../../local/ports.ts";
import { eventually } from "../../tests/support/eventually.ts";

/** nginx in front of PostgREST, as the platform's gateway is. The local stack's is JavaScript. */
export interface Gateway extends AsyncDisposable {
  readonly url: string;
}

export async function startGateway(restPort: number, directory: string): Promise<Gateway> {
  const port = findFreePort();
  const home = join(directory, `nginx-${port}`);
  await Deno.mkdir(home);
  const configuration = join(home, "nginx.conf");
  await Deno.writeTextFile(configuration, describe(port, restPort, home));
  const nginx = new Deno.Command("nginx", {
    args: ["-p", home, "-e", "stderr", "-c", configuration],
    stdin: "null",
    stderr: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}`;
  await eventually("nginx answers", async () => {
    const response = await fetch(`${url}/rest/v1/`).catch(() => undefined);
    await response?.body?.cancel();
    return response !== undefined;
  });
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      nginx.kill("SIGTERM");
      await nginx.status;
    },
  };
}

function describe(port: number, restPort: number, home: string): string {
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path ${join(home, name)};`).join("\n");
  return `
daemon off;
worker_processes 1;
pid ${join(home, "pid")};
events { worker_connections 1024; }
http {
  access_log off;
  client_body_buffer_size 1m;
  proxy_max_temp_file_size 0;
${folders}
  upstream rest { server 127.0.0.1:${restPort}; keepalive 100; }
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 1000000000;
    location /rest/v1/ {
      proxy_pass http://rest/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}
