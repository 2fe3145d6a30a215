/**
 * An application's function may let callers run SQL as an API role. Every role can make temporary types
 * with a CHECK that calls the caller's own function. This must gain the caller nothing.
 */
import assert from "node:assert/strict";
import { become, rolledBack } from "../support/database/connections.ts";
import { policyFunctions } from "./role_matrix.ts";

/** Types that the functions name when they run. */
const types = ["jsonb", "text", "timestamptz", "uuid"];

/** A function that notes who runs it, and a domain that calls it for each type. */
const trap = `
  create function pg_temp.note() returns boolean language plpgsql as $$
  begin
    perform set_config('trap.ran_as', concat_ws(' ', current_setting('trap.ran_as', true), current_user), true);
    return true;
  end
  $$;
  ${
  types.map((type) => `create domain pg_temp.${type} as pg_catalog.${type} check (pg_temp.note());`)
    .join("\n")
}
`;

/** A call of the function with an argument for each parameter. */
function callOf(signature: string): string {
  const parameters = /\((.*)\)$/.exec(signature)?.[1] ?? "";
  const values = parameters === "" ? [] : parameters.split(",").map(() => "'org_1'");
  return `select clerk_auth.${signature.replace(/\(.*$/, "")}(${values.join(", ")})`;
}

for (const signature of policyFunctions) {
  Deno.test(`clerk_auth.${signature} never uses the caller's own types`, async () => {
    await rolledBack(async (transaction) => {
      await become(transaction, "authenticated", { sub: "user_1", sid: "sess_1" });
      await transaction.unsafe(trap);
      // The trap works: types without a schema are the caller's.
      await transaction`select set_config('trap.ran_as', '', true), '{}'::pg_temp.jsonb`;
      await transaction.unsafe(callOf(signature));
      const [row] = await transaction`select current_setting('trap.ran_as') as ran`;
      assert.equal(row?.ran.trim(), "authenticated");
    });
  });
}
