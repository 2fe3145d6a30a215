import assert from "node:assert/strict";
import { listFiles, readText } from "./tree.ts";

/** Forms of secrets. The group is the random part. */
const secretForms: readonly RegExp[] = [
  /sk_(?:live|test)_(\w{10,})/g,
  /sb_secret_(\w{10,})/g,
  /whsec_([A-Za-z0-9+/]{16,}=*)/g,
  /sbp_([0-9a-f]{40})/g,
  /(?:ghp|gho|github_pat)_(\w{20,})/g,
  /AKIA([0-9A-Z]{16})/g,
  /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\\?n?\s*([A-Za-z0-9+/]{40,})/g,
  /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.([\w-]{20,})/g,
];

/** Examples published by Svix and Standard Webhooks. */
const publicExamples = ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"];

/** Whether it was made by hand: words, plain or in base64, or the alphabet in order. */
function isMadeUp(payload: string): boolean {
  if (publicExamples.includes(payload)) return true;
  if (/^[a-z_]+$/i.test(payload) && payload.includes("_")) return true;
  if ("0123456789abcdefghijklmnopqrstuvwxyz".startsWith(payload)) return true;
  try {
    return /^[ -~]+$/.test(atob(payload));
  } catch {
    return false;
  }
}

function secretsIn(text: string): string[] {
  return secretForms.flatMap((form) =>
    [...text.matchAll(form)].filter(([, payload]) => !isMadeUp(payload ?? "")).map(([found]) =>
      found
    )
  );
}

/** A path on somebody's machine. */
const machinePath = /(?:^|[\s"'`=(:/])\/(?:root|work|home\/\w+|Users\/\w+)\/|[A-Z]:\\Users\\/m;

async function findIn(
  search: (text: string) => readonly string[],
): Promise<{ files: number; found: string[] }> {
  const found: string[] = [];
  const files = await listFiles();
  for (const file of files) {
    for (const match of search(await readText(file) ?? "")) found.push(`${file}: ${match}`);
  }
  return { files: files.length, found };
}

Deno.test("a real secret is distinguished from a made-up one", () => {
  const random = (length: number) =>
    crypto.getRandomValues(new Uint8Array(length)).toBase64().replaceAll(/[+/=]/g, "x");
  for (
    const secret of [
      `CLERK_SECRET_KEY=sk_live_${random(30)}`,
      `"sb_secret_${random(24)}"`,
      `whsec_${crypto.getRandomValues(new Uint8Array(24)).toBase64()}`,
      `-----BEGIN ${"PRIVATE"} KEY-----\n${random(48)}\n`,
      `eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.${random(32)}`,
    ]
  ) assert.equal(secretsIn(secret).length, 1, secret);
  for (
    const madeUp of [
      "sk_test_never_to_be_uploaded",
      "sk_live_0123456789",
      `whsec_${btoa("local development secret")}`,
      "whsec_…",
    ]
  ) assert.deepEqual(secretsIn(madeUp), []);
});

Deno.test("no file of the project holds a secret", async () => {
  const { files, found } = await findIn(secretsIn);
  assert.ok(files > 100);
  assert.deepEqual(found, []);
});

Deno.test("no file of the project names a path on somebody's machine", async () => {
  const sample = ["file:///", "root", "/project/deno.json"].join("");
  assert.match(sample, machinePath);
  const { found } = await findIn((text) => machinePath.exec(text) ?? []);
  assert.deepEqual(found, []);
});
