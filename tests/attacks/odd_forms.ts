import { compactToken, encodePart } from "./compact_token.ts";
import type { Attempt, TokenForge } from "./token_forge.ts";

/** A genuine token's parts, in forms that no token has. */
export async function makeOddForms(forge: TokenForge): Promise<void> {
  const { claims, header, signAsStranger, genuine, head, body, signature, refuse, withClaims } =
    forge;
  refuse(
    "other claims under a genuine signature",
    `${head}.${encodePart({ ...claims, sub: "user_other" })}.${signature}`,
  );
  refuse(
    "the signature of another token",
    `${head}.${body}.${(await withClaims({ jti: "other" })).split(".")[2]}`,
  );
  const cuts: Readonly<Record<string, string>> = {
    "after the header": head,
    "after the first dot": `${head}.`,
    "in the claims": `${head}.${body.slice(0, -9)}`,
    "after the claims": `${head}.${body}`,
    "after the second dot": `${head}.${body}.`,
    "in the signature": genuine.slice(0, -100),
    "before its last character": genuine.slice(0, -1),
    "before its first character": genuine.slice(1),
  };
  for (const [where, token] of Object.entries(cuts)) refuse(`a token cut off ${where}`, token);
  refuse("empty parts", "..");
  refuse("a dot too many", `${genuine}.`);
  refuse(
    "five parts, as an encrypted token has",
    `${head}.${signature}.${body}.${body}.${signature}`,
  );
  refuse(
    "a token in a token",
    await compactToken({ ...header, cty: "JWT" }, genuine, signAsStranger),
  );
  refuse("a token larger than any real one", await withClaims({ o: "x".repeat(16_384) }));
  refuse("a token of 30,000 characters", "x".repeat(30_000));
  refuse("only dots", ".".repeat(10_000));
  refuse("a token with padding", `${head}.${body}.${signature}==`);
  refuse("a token in plain base64", `${head}.${body}.${toPlainBase64(signature)}`);
  refuse("a signature with other trailing bits", `${head}.${body}.${flipTrailingBits(signature)}`);
  refuse("a token with an escaped dot", genuine.replace(".", "%2e"));
  refuse("a token in quotes", `"${genuine}"`);
  refuse("a token with a NUL's escape", `${genuine}%00`);
  refuse("a token with a space in it", `${head}. ${body}.${signature}`);
}

/** Genuine tokens in places where none is read, or more than one of them. */
export async function makeOddHeaders(forge: TokenForge): Promise<void> {
  const { genuine, add, refuseHeader, withHeader } = forge;
  const authorization = `Bearer ${genuine}`;
  refuseHeader("a token without a scheme", genuine);
  refuseHeader("a scheme without a token", "Bearer");
  refuseHeader("a tab after the scheme", `Bearer\t${genuine}`);
  refuseHeader("no space after the scheme", `Bearer${genuine}`);
  refuseHeader("a colon after the scheme", `Bearer: ${genuine}`);
  refuseHeader("the scheme twice", `Bearer Bearer ${genuine}`);
  refuseHeader("another scheme", `Token ${genuine}`);
  refuseHeader("Basic with the token as password", `Basic ${btoa(`user:${genuine}`)}`);
  refuseHeader("DPoP", `DPoP ${genuine}`);
  refuseHeader("two tokens joined by a comma", `${authorization}, ${authorization}`);
  refuseHeader(
    "a forged token and a genuine one",
    `Bearer ${await withHeader({})}, ${authorization}`,
  );
  add("two Authorization headers", {
    headers: [["authorization", authorization], ["authorization", authorization]],
    refusal: "invalid_token",
  });
  add("two Authorization headers, one of them forged", {
    headers: [["Authorization", `Bearer ${await withHeader({})}`], [
      "authorization",
      authorization,
    ]],
    refusal: "invalid_token",
  });
  const withoutHeader: Readonly<Record<string, Omit<Attempt, "refusal">>> = {
    "no token at all": { headers: [] },
    "an empty header": { headers: [["authorization", ""]] },
    "a header of spaces": { headers: [["authorization", " \t "]] },
    "the token only in a cookie": { headers: [["cookie", `__session=${genuine}`]] },
    "the token only in the query": {
      headers: [],
      query: `?token=${genuine}&access_token=${genuine}&authorization=Bearer%20${genuine}`,
    },
    "the token only in another header": {
      headers: [["x-authorization", authorization], ["apikey", genuine]],
    },
    "the token only in the proxy's header": { headers: [["proxy-authorization", authorization]] },
  };
  for (const [what, attempt] of Object.entries(withoutHeader)) {
    add(what, { ...attempt, refusal: "missing_token" });
  }
}

/** The same bytes in base64's other alphabet, or with a "+" appended if that changes nothing. */
function toPlainBase64(text: string): string {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  return plain === text ? `${text}+` : plain;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Changes an unused bit of the last character, which a lax decoder ignores. */
function flipTrailingBits(text: string): string {
  const last = alphabet.indexOf(text.slice(-1));
  return text.slice(0, -1) + alphabet[last ^ 1];
}
