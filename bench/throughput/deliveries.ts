import { clerkEventJson } from "../../tests/support/clerk/event_json.ts";
import { digest } from "../../tests/support/svix/signature.ts";
import { httpText } from "./http_text.ts";
import { userJson } from "./users.ts";

/** The request with which Svix delivers a user's sign-up, signed now. */
export function signUpOf(id: string, secret: string) {
  const body = JSON.stringify(clerkEventJson("user.created", userJson(id), {
    timestamp: Date.now(),
    event_attributes: { http_request: { client_ip: "192.0.2.1", user_agent: "Mozilla/5.0" } },
  }));
  const message = `msg_${id}`;
  const seconds = Math.floor(Date.now() / 1000);
  const headers = {
    "content-type": "application/json",
    "user-agent": "Svix-Webhooks/1.62.0 (sender-9YMgn; +https://www.svix.com/http-sender/)",
    "svix-id": message,
    "svix-timestamp": String(seconds),
    "svix-signature": `v1,${digest(secret, `${message}.${seconds}.`, body)}`,
  };
  return { method: "POST", headers, body } as const;
}

/** The same for many users, as they go over the wire. */
export function signUps(ids: readonly string[], secret: string): readonly string[] {
  return ids.map((id) => {
    const { method, headers, body } = signUpOf(id, secret);
    return httpText(method, "/clerk-webhook", headers, body);
  });
}
