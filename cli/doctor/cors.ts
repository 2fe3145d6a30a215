import { corsHeaders } from "@supabase/supabase-js/cors";
import { call, describeSilence } from "./call.ts";
import { failed, ok, type Outcome, warn } from "./check.ts";
import type { DeployedFunction } from "./deployed_function.ts";

/** Of no frontend in particular: every origin may call. */
const origin = "https://doctor.example.com";

/** The headers that `functions.invoke` may send, as a browser lists them. */
const asked = (corsHeaders["Access-Control-Allow-Headers"] ?? "").split(",")
  .map((name) => name.trim().toLowerCase()).sort();

const elsewhere =
  "Look for a proxy in front of it that answers OPTIONS or removes headers, or deploy again";

/** Whether a browser would let a page call the function and read its answer. */
export async function checkCors({ slug, url }: DeployedFunction): Promise<Outcome<undefined>> {
  const [preflight, answer] = await Promise.all([sendPreflight(url), callFromPage(url)]);
  if (typeof preflight === "string") {
    return failed(`${slug} ${describeSilence(preflight)} for OPTIONS`, elsewhere);
  }
  if (typeof answer === "string") {
    return failed(`${slug} ${describeSilence(answer)}`, elsewhere);
  }
  if (preflight.status < 200 || preflight.status > 299) {
    return failed(`${slug} answers a preflight with HTTP ${preflight.status}`, elsewhere);
  }
  if (!allowsOrigin(preflight.headers)) {
    return failed(`${slug} does not allow a page's origin in its preflight`, elsewhere);
  }
  const allowed = (preflight.headers.get("access-control-allow-headers") ?? "").toLowerCase()
    .split(",").map((name) => name.trim());
  const refused = asked.filter((name) => !allowed.includes(name));
  if (refused.length > 0) {
    return failed(`${slug} does not allow the headers ${refused.join(", ")}`, elsewhere);
  }
  if (!allowsOrigin(answer.headers)) {
    return failed(`${slug} does not let a page read its answer`, elsewhere);
  }
  return ok(`Browsers may call ${slug} from any origin`, undefined);
}

/** Whether browsers are kept from the webhook: nobody but Svix should call it. */
export async function checkNoCors({ slug, url }: DeployedFunction): Promise<Outcome<undefined>> {
  const preflight = await sendPreflight(url);
  if (typeof preflight !== "string" && preflight.headers.has("access-control-allow-origin")) {
    return warn(
      `${slug} allows browsers to call it`,
      "Look for a proxy in front of it that adds CORS headers, or deploy again",
      undefined,
    );
  }
  return ok(`${slug} has no CORS headers, as it should`, undefined);
}

function sendPreflight(url: string) {
  return call(url, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": asked.join(","),
    },
  });
}

function callFromPage(url: string) {
  return call(url, { method: "POST", headers: { origin } });
}

function allowsOrigin(headers: Headers): boolean {
  return ["*", origin].includes(headers.get("access-control-allow-origin") ?? "");
}
