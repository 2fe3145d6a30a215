import assert from "node:assert/strict";
import { sqlWords } from "../../local/migrations/words.ts";
import { withSql } from "../support/database/connections.ts";

Deno.test("every reserved word of PostgreSQL is refused as a schema name", async () => {
  await withSql(async (sql) => {
    const words = await sql`select word from pg_get_keywords() where catcode <> 'U'`;
    assert.ok(words.length > 100);
    assert.deepEqual(words.map(({ word }) => word).filter((word) => !sqlWords.has(word)), []);
  });
});
