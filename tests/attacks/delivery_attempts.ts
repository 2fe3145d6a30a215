import { eventBody } from "../support/clerk/event_json.ts";
import { canary } from "../support/leaks/leak.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { digest } from "../support/svix/signature.ts";
import { deliveryHeaders, secondsNow, signDelivery } from "./signed_delivery.ts";

/** One attempt to pass a body off as genuine. */
export interface DeliveryAttempt {
  readonly body: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly genuine: boolean;
}

/** Seconds: just less and just more than the five minutes for which a delivery is accepted. */
const justWithin = 290;
const justBeyond = 310;

/** Every attempt, by name. Some are correctly signed with the running stack's secret. */
export function createDeliveryAttempts(): Map<string, DeliveryAttempt> {
  const attempts = new Map<string, DeliveryAttempt>();
  const secret = runningStack().CLERK_WEBHOOK_SECRET;
  const otherSecret = `whsec_${btoa("an attacker's own secret")}`;
  // No serialiser would write these spaces.
  const body = `{ "type": "session.created", "object": "event", "data": {"note": "${canary} ü"} }`;
  const signed = signDelivery(body);
  const { id, seconds, signature } = signed;
  const genuine = deliveryHeaders(signed);
  const asWebhook = deliveryHeaders(signed, "webhook");
  const wrong = `v1,${digest(otherSecret, `${id}.${seconds}.`, body)}`;
  const bare = signature.slice("v1,".length);

  type Headers = Record<string, string | undefined> | (readonly [string, string])[];
  function add(name: string, headers: Headers, genuine: boolean, text = body) {
    if (attempts.has(name)) throw new Error(`Two attempts are named "${name}"`);
    const pairs = Array.isArray(headers) ? headers : Object.entries(headers)
      .flatMap(([key, value]) => value === undefined ? [] : [[key, value] as const]);
    attempts.set(name, { body: text, headers: pairs, genuine });
  }
  const refuse = (name: string, headers: Headers, text?: string) => add(name, headers, false, text);
  const accept = (name: string, headers: Headers, text?: string) => add(name, headers, true, text);
  const sentAt = (at: number) => deliveryHeaders(signDelivery(body, { seconds: at }));

  // The three headers.
  refuse("no signature at all", {});
  refuse("the service role's key as the signature", {
    authorization: `Bearer ${runningStack().SERVICE_ROLE_KEY}`,
    apikey: runningStack().SERVICE_ROLE_KEY,
  });
  for (const name of Object.keys(genuine)) {
    refuse(`no ${name}`, { ...genuine, [name]: undefined });
    refuse(`an empty ${name}`, { ...genuine, [name]: "" });
  }
  refuse("another id", { ...genuine, "svix-id": `${id}x` });
  refuse("the id and a dot", { ...genuine, "svix-id": `${id}.` });
  refuse("the id after another", [["svix-id", "msg_other"], ...Object.entries(genuine)]);
  refuse("the time after another", [["svix-timestamp", "1"], ...Object.entries(genuine)]);
  refuse("the id twice", [...Object.entries(genuine), ["svix-id", id]]);
  refuse("another time", { ...genuine, "svix-timestamp": String(seconds - 1) });
  for (const time of ["now", "-1", "0", "NaN", "Infinity", `0x${seconds.toString(16)}`, "1e99"]) {
    refuse(`a time of ${time}`, { ...genuine, "svix-timestamp": time });
  }
  refuse("a time in milliseconds", sentAt(seconds * 1000));

  // Replays.
  refuse("a delivery replayed after the tolerance", sentAt(secondsNow() - justBeyond));
  refuse("a delivery replayed after a year", sentAt(secondsNow() - 31_536_000));
  refuse("a delivery from the future", sentAt(secondsNow() + justBeyond));
  refuse("a replay with a fresh time", {
    ...sentAt(secondsNow() - justBeyond),
    "svix-timestamp": String(secondsNow()),
  });
  accept("a delivery that took almost five minutes", sentAt(secondsNow() - justWithin));
  accept(
    "a delivery from a clock that is almost five minutes fast",
    sentAt(secondsNow() + justWithin),
  );

  // The body.
  refuse("the body serialised again", genuine, JSON.stringify(JSON.parse(body)));
  refuse("a newline after the body", genuine, `${body}\n`);
  refuse("a blank before the body", genuine, ` ${body}`);
  refuse("the body without its last byte", genuine, body.slice(0, -1));
  refuse("another body", genuine, eventBody("user.deleted", { id: "user_victim", deleted: true }));
  refuse("no body", genuine, "");
  refuse("a byte order mark before the body", genuine, `\ufeff${body}`);
  refuse("the body in another normal form", genuine, body.replace("ü", "u\u0308"));
  refuse("the body with an escape for a character", genuine, body.replace("ü", "\\u00fc"));

  // Signatures.
  const otherBody = digest(secret, `${id}.${seconds}.`, "{}");
  const forged: Readonly<Record<string, string>> = {
    "of another secret": wrong,
    "of the secret's text": `v1,${digest(`whsec_${btoa(secret)}`, `${id}.${seconds}.`, body)}`,
    "of another body": `v1,${otherBody}`,
    "of only the body": `v1,${digest(secret, "", body)}`,
    "of the time before the id": `v1,${digest(secret, `${seconds}.${id}.`, body)}`,
    "of version v1a": `v1a,${bare}`,
    "of version v2": `v2,${bare}`,
    "of version V1": `V1,${bare}`,
    "without a version": bare,
    "that is empty": "v1,",
    "that is only a version": "v1",
    "with an equals sign instead of the comma": `v1=${bare}`,
    "in hexadecimal": `v1,${Uint8Array.fromBase64(bare).toHex()}`,
    "cut short": signature.slice(0, -4),
    "with something after it": `${signature}AAAA`,
    "without its padding": signature.replace(/=+$/, ""),
    "in capitals": `v1,${bare.toUpperCase()}`,
    "of zero bytes": `v1,${btoa("\0".repeat(32))}`,
    "that is 1,000 others": Array(1000).fill(wrong).join(" "),
    "separated by commas": `${wrong},${signature}`,
    "that is text": "undefined",
  };
  for (const [what, text] of Object.entries(forged)) {
    refuse(`a signature ${what}`, { ...genuine, "svix-signature": text });
  }
  const several: Readonly<Record<string, string>> = {
    "after a wrong one": `${wrong} ${signature}`,
    "before a wrong one": `${signature} ${wrong}`,
    "among those of other versions": `v1a,AAAA v2,${bare} ${signature} v3`,
    "after 100 wrong ones": [...Array(100).fill(wrong), signature].join(" "),
  };
  for (const [where, text] of Object.entries(several)) {
    accept(`a genuine signature ${where}`, { ...genuine, "svix-signature": text });
  }

  // Header names of the Standard Webhooks. For each header, Svix' own name wins if it is present.
  accept("the header names of the Standard Webhooks", asWebhook);
  accept("some header names of each kind", {
    "svix-id": id,
    "webhook-timestamp": String(seconds),
    "svix-signature": signature,
  });
  accept("genuine Svix headers beside wrong ones of the Standard Webhooks", {
    ...genuine,
    "webhook-id": "msg_other",
    "webhook-timestamp": "1",
    "webhook-signature": "v1,AAAA",
  });
  for (const [name, value] of [["id", "msg_other"], ["timestamp", "1"], ["signature", wrong]]) {
    refuse(`a wrong svix-${name} beside genuine webhook headers`, {
      ...asWebhook,
      [`svix-${name}`]: value,
    });
    refuse(`an empty svix-${name} beside genuine webhook headers`, {
      ...asWebhook,
      [`svix-${name}`]: "",
    });
  }
  refuse("half of one delivery and half of another", {
    ...asWebhook,
    "svix-id": signDelivery(body).id,
    "svix-signature": signature,
  });

  // Headers that are not signed do not matter.
  accept(
    "header names in capitals",
    Object.fromEntries(
      Object.entries(genuine).map(([name, value]) => [name.toUpperCase(), value]),
    ),
  );
  // Repeated headers are read as one: signatures are separated by a space, but two times are invalid.
  refuse("the time twice", [...Object.entries(genuine), ["svix-timestamp", String(seconds)]]);
  accept("the signature after a wrong one", [
    ["svix-signature", wrong],
    ...Object.entries(genuine),
  ]);
  accept("the signature twice", [...Object.entries(genuine), ["svix-signature", signature]]);
  for (
    const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
  ) {
    accept(`a content type of ${JSON.stringify(type)}`, { ...genuine, "content-type": type });
  }
  accept("another character set in the content type", {
    ...genuine,
    "content-type": "application/json; charset=utf-16",
  });
  accept("a content encoding that the body does not have", {
    ...genuine,
    "content-encoding": "gzip",
  });
  return attempts;
}
