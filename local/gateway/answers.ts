/** The gateway's own answers, in the platform's words. */
export const answers = {
  noRoute: () => json(404, { message: "no Route matched with those values" }),
  methodNotAllowed: () =>
    json(405, { message: "Method not allowed" }, {
      allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    }),
  functionNotFound: () =>
    json(404, { code: "NOT_FOUND", message: "Requested function was not found" }),
  bootError: () =>
    json(503, {
      code: "BOOT_ERROR",
      message: "Function failed to start (please check logs)",
    }),
  workerError: () =>
    json(500, {
      code: "WORKER_ERROR",
      message: "Function exited due to an error (please check logs)",
    }),
  noApiKey: () =>
    json(401, {
      message: "No API key found in request",
      hint: "No `apikey` request header or url param was found.",
    }),
  wrongApiKey: () =>
    json(401, {
      message: "Invalid API key",
      hint: "Double check your Supabase `anon` or `service_role` API key.",
    }),
  restDown: () => json(503, { message: "failure to get a peer from the ring-balancer" }),
  restFailed: () =>
    json(502, { message: "An invalid response was received from the upstream server" }),
};

function json(
  status: number,
  body: Record<string, string>,
  headers: Record<string, string> = {},
): Response {
  // As on the platform, browsers may read errors too.
  return Response.json(body, {
    status,
    headers: { ...headers, "access-control-allow-origin": "*" },
  });
}
