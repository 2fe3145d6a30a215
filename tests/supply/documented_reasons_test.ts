import assert from "node:assert/strict";
import { join } from "node:path";
import { checkout } from "../../local/options.ts";
import { hints } from "../../supabase/functions/_shared/session/token_refusal.ts";

Deno.test("docs/troubleshooting.md names every reason for which a token is refused, as the log does", async () => {
  const text = await Deno.readTextFile(join(checkout, "docs/troubleshooting.md"));
  const section = text.split("\n## ").find((part) => part.startsWith("Invalid or expired token")) ??
    "";
  // The first column of the table, without its head.
  const documented = [...section.matchAll(/^\| (`[^|]*?)\s*\|/gm)].slice(1)
    .flatMap(([, cell = ""]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, reason]) => reason));
  assert.deepEqual(documented.toSorted(), Object.keys(hints).toSorted());
});
