import assert from "node:assert/strict";
import { digestOf, pictured, readDigests } from "../support/browser/picture_sources.ts";

Deno.test("the pictures show the sources as they are", async () => {
  const digests = await readDigests();
  for (const subject of ["console", "example"] as const) {
    assert.equal(
      digests[subject],
      await digestOf(subject),
      `${pictured[subject]} has changed since its pictures were made. Run: deno task pictures`,
    );
  }
});
