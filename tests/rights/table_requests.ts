import { fixtureOf } from "./fixtures.ts";
import type { Principal } from "./principals.ts";
import type { RestRequest } from "./rest.ts";

/** The kinds of request on a table. */
export const tableVerbs = [
  "GET",
  "HEAD",
  "OPTIONS",
  "POST",
  "POST merge-duplicates",
  "POST ignore-duplicates",
  "PUT",
  "PATCH",
  "DELETE",
] as const;

export type TableVerb = typeof tableVerbs[number];

/** The request. It always affects only the rows of the table's fixture. */
export function tableRequest(table: string, verb: TableVerb, principal: Principal): RestRequest {
  const { key, keys, newKey, needed, change, primaryKeyOf } = fixtureOf(table);
  const path = `${table}?${key}=in.(${keys.join(",")})`;
  const counted = { prefer: "count=exact" };
  const returned = { prefer: "return=representation" };
  switch (verb) {
    case "GET":
      return { method: "GET", path: `${path}&select=${key}`, headers: counted };
    case "HEAD":
      return { method: "HEAD", path, headers: counted };
    case "OPTIONS":
      return { method: "OPTIONS", path: table };
    case "POST":
      return { method: "POST", path: table, body: { [key]: newKey, ...needed, ...change } };
    case "POST merge-duplicates":
    case "POST ignore-duplicates":
      return {
        method: "POST",
        path: `${table}?on_conflict=${key}`,
        headers: { prefer: `resolution=${verb.slice("POST ".length)}` },
        body: keys.map((name) => ({ [key]: name, ...needed, ...change })),
      };
    case "PUT": {
      const name = keys.find((one) => principal.own.includes(one)) ?? keys[0] ?? "";
      const primary = primaryKeyOf(name);
      const [[column, value] = []] = Object.entries(primary);
      return {
        method: "PUT",
        path: `${table}?${column}=eq.${value}`,
        body: { [key]: name, ...primary, ...needed, ...change },
      };
    }
    case "PATCH":
      return { method: "PATCH", path, body: change, headers: returned };
    case "DELETE":
      return { method: "DELETE", path, headers: returned };
  }
}
