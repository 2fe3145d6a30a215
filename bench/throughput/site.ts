import postgres, { type Sql } from "postgres";
import { type InstanceKey, readInstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { loadKeys } from "../../local/keys/keys.ts";
import type { StackValues } from "../../local/values.ts";
import { startOwnStack } from "../../tests/support/stack/own_stack.ts";
import { startGateway } from "./gateway.ts";
import { createPeerTable, fill } from "./tables.ts";

/** A database with some rows, PostgREST and nginx in front of it. */
export interface Site extends AsyncDisposable {
  readonly rows: number;
  readonly values: StackValues;
  readonly sql: Sql;
  /** Of nginx. */
  readonly url: string;
  readonly instanceKey: InstanceKey;
}

export async function openSite(rows: number, directory: string): Promise<Site> {
  await using opening = new AsyncDisposableStack();
  // As on the platform, an answer says that the event outlives a crash.
  const own = await startOwnStack({ databaseSettings: { fsync: "on" } });
  opening.defer(() => own.stop());
  const { stack } = own;
  const sql = postgres(stack.adminUrl, { max: 1, onnotice: () => {} });
  opening.defer(() => sql.end());
  await createPeerTable(sql);
  await fill(sql, rows);
  const gateway = opening.use(await startGateway(stack.restPort() ?? 0, directory));
  const { clerkPrivateKeyPem } = await loadKeys(stack.directory);
  const instanceKey = await readInstanceKey(clerkPrivateKeyPem);
  const open = opening.move();
  return {
    rows,
    values: stack.values,
    sql,
    url: gateway.url,
    instanceKey,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
