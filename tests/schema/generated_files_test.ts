/** The generated files of the repository describe the tables in public. */
import assert from "node:assert/strict";
import { run } from "../support/commands.ts";
import { tableSchema } from "../support/stack/table_schema.ts";

for (
  const [command, path] of [
    ["schema", "supabase/schema.sql"],
    ["types", "supabase/functions/_shared/database/database.types.ts"],
  ] as const
) {
  Deno.test(`${command} leaves ${path} alone if the tables are in another schema`, async () => {
    const file = new URL(`../../${path}`, import.meta.url);
    const before = await Deno.readTextFile(file);
    try {
      const directory = Deno.env.get("LOCAL_DIR") ?? "";
      const { code, errors } = await run(command, { directory });
      assert.equal(await Deno.readTextFile(file), before);
      assert.deepEqual({ code, errors }, {
        code: 1,
        errors:
          `The running stack has its tables in schema ${tableSchema}, but this file is made from tables in public. ` +
          "Start a stack without CLERK_SYNC_SCHEMA\n",
      });
    } finally {
      await Deno.writeTextFile(file, before);
    }
  });
}
