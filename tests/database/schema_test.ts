import assert from "node:assert/strict";
import { describeSchema } from "../../local/migrations/describe_schema.ts";
import { withSql } from "../support/database/connections.ts";

Deno.test("supabase/schema.sql shows the installed schema (`deno task schema` rewrites it)", async () => {
  const path = new URL("../../supabase/schema.sql", import.meta.url);
  const installed = await withSql(describeSchema);
  assert.equal(await Deno.readTextFile(path), installed);
});
