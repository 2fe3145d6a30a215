import type { Sql } from "postgres";

/** The names under which schedule.sql reads them. */
export const vaultNames = { url: "clerk_reconcile_url", key: "clerk_reconcile_key" } as const;

/** What the vault has for the schedule. */
export interface Vaulted {
  readonly url: string | undefined;
  readonly key: string | undefined;
}

export async function readVault(sql: Sql): Promise<Vaulted> {
  const rows = await sql<{ name: string; value: string }[]>`
    select name, decrypted_secret as value from vault.decrypted_secrets
    where name in ${sql(Object.values(vaultNames))}
  `;
  const find = (wanted: string) => rows.find(({ name }) => name === wanted)?.value;
  return { url: find(vaultNames.url), key: find(vaultNames.key) };
}

/** Keeps a secret under a name, in place of what was there. */
export async function keepInVault(sql: Sql, name: string, value: string): Promise<void> {
  const [present] = await sql<{ id: string }[]>`
    select id from vault.decrypted_secrets where name = ${name}
  `;
  if (present) await sql`select vault.update_secret(${present.id}, ${value})`;
  else await sql`select vault.create_secret(${value}, ${name})`;
}
