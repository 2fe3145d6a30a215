import type { InstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { sessionToken } from "../../tests/support/clerk/session_tokens.ts";
import { httpText } from "./http_text.ts";

/** A session token for each user. They live for as long as the measurement takes, not for a minute. */
export async function sessionTokens(
  ids: readonly string[],
  { privateKey, publicJwk }: InstanceKey,
): Promise<readonly string[]> {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return await Promise.all(
    ids.map((sub) =>
      sessionToken({ kid: publicJwk.kid, privateKey }, {
        claims: { sub, exp, sid: `sess_${sub}`, jti: crypto.randomUUID() },
      })
    ),
  );
}

/** The requests with which a page calls a function, one with each token. */
export function calls(
  method: "GET" | "POST",
  name: string,
  tokens: readonly string[],
): readonly string[] {
  return tokens.map((token) =>
    httpText(method, `/${name}`, {
      origin: "https://app.example.com",
      "user-agent":
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
      authorization: `Bearer ${token}`,
      ...(method === "POST" ? { "content-length": "0" } : {}),
    })
  );
}
