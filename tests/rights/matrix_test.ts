/** Compares every principal × everything that the API exposes × every verb with role_matrix.ts. */
import assert from "node:assert/strict";
import { connect } from "../support/database/connections.ts";
import { readFunctions, readTables } from "./catalogue.ts";
import { changedKeys, nameCount, nameRows, shownKeys } from "./effect.ts";
import { functions, type Outcomes, tables } from "./role_matrix.ts";
import { readRows, removeEveryRow, resetEveryRow, resetRows } from "./fixtures.ts";
import { functionRequest, functionVerbs } from "./function_requests.ts";
import { keyless, type Principal, principals } from "./principals.ts";
import { type RestAnswer, type RestRequest, send } from "./rest.ts";
import { tableRequest, tableVerbs } from "./table_requests.ts";

const sql = await connect();
let everybody: readonly Principal[] = [];

Deno.test.beforeAll(async () => {
  await resetEveryRow(sql);
  everybody = await principals();
});
Deno.test.afterAll(async () => {
  await removeEveryRow(sql);
  await sql.end();
});

/** The outcome of each principal's request, one after another, on the fixture's untouched rows. */
async function outcomesOf(
  table: string,
  request: (principal: Principal) => RestRequest,
  shown: (answer: RestAnswer, principal: Principal) => string | undefined = () => undefined,
): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  await resetRows(sql, table);
  const untouched = await readRows(sql, table);
  for (const principal of everybody) {
    const answer = await send(principal, request(principal));
    const changed = changedKeys(untouched, await readRows(sql, table));
    if (changed.length > 0) await resetRows(sql, table);
    const rows = changed.length === 0 ? shown(answer, principal) : undefined;
    outcomes[principal.name] = `${answer.summary}, ${
      rows ?? nameRows(table, changed, principal.own)
    }`;
  }
  return outcomes;
}

function expectedOutcomes(method: string, expected: Outcomes): Record<string, string> {
  const refused = method === "HEAD" ? "401, no row" : "401 PGRST301, no row";
  return Object.fromEntries(
    everybody.map(({ name, standing }) => [name, { ...expected, refused }[standing]]),
  );
}

Deno.test("the exposed schema holds only the listed tables, columns and functions", async () => {
  const found = await readTables(sql);
  assert.deepEqual([...found.keys()].sort(), Object.keys(tables).sort());
  for (const [table, columns] of found) {
    assert.deepEqual(columns, Object.keys(tables[table]?.columns ?? {}).sort(), table);
  }
  const signatures = (await readFunctions(sql, "public")).map(({ signature }) => signature);
  assert.deepEqual(signatures.sort(), Object.keys(functions).sort());
});

for (const [table, { verbs }] of Object.entries(tables)) {
  for (const verb of tableVerbs) {
    Deno.test(`${verb} ${table} has the listed outcome for every principal`, async () => {
      const outcomes = await outcomesOf(
        table,
        (principal) => tableRequest(table, verb, principal),
        (answer, { own }) => {
          if (verb === "HEAD") return nameCount(answer);
          return verb === "GET" ? nameRows(table, shownKeys(table, answer), own) : undefined;
        },
      );
      assert.deepEqual(outcomes, expectedOutcomes(verb, verbs[verb]));
    });
  }
}

for (const [signature, { call, verbs }] of Object.entries(functions)) {
  const name = signature.slice(0, signature.indexOf("("));
  for (const verb of functionVerbs) {
    Deno.test(`${verb} rpc/${name} has the listed outcome for every principal`, async () => {
      const outcomes = await outcomesOf("users", () => functionRequest(name, verb, call));
      assert.deepEqual(outcomes, expectedOutcomes(verb, verbs[verb]));
    });
  }
}

Deno.test("every request without one of the project's API keys is refused, whatever the token", async () => {
  for (const principal of await keyless()) {
    for (const verb of tableVerbs.filter((verb) => verb !== "OPTIONS")) {
      const answer = await send(principal, tableRequest("users", verb, principal));
      assert.equal(answer.summary, "401", `${principal.name}: ${verb}`);
    }
  }
});
