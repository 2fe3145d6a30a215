/**
 * The platform loads module safeupdate for the API's role. It refuses every UPDATE and DELETE without a
 * WHERE. It is not among the binaries here, so PostgreSQL's own parser looks for such statements instead.
 */
import { loadModule, parsePlPgSQLSync, parseSync } from "libpg-query";
import assert from "node:assert/strict";
import { z } from "zod";

await loadModule();

const node = z.record(z.string(), z.unknown());

/** Every object in a parse tree, with its property's name. */
function* nodesOf(tree: unknown, name = ""): Generator<[string, Record<string, unknown>]> {
  if (Array.isArray(tree)) {
    for (const item of tree) yield* nodesOf(item, name);
    return;
  }
  const parsed = node.safeParse(tree);
  if (!parsed.success) return;
  yield [name, parsed.data];
  for (const [key, value] of Object.entries(parsed.data)) yield* nodesOf(value, key);
}

interface Found {
  /** All UPDATE and DELETE statements. */
  readonly all: number;
  /** Those without a WHERE. */
  readonly unsafe: readonly string[];
}

const language = z.object({
  defname: z.literal("language"),
  arg: z.object({ String: z.object({ sval: z.string() }) }),
});
const body = z.object({
  defname: z.literal("as"),
  arg: z.union([
    z.object({ String: z.object({ sval: z.string() }) }).transform(({ String }) => String.sval),
    z.object({
      List: z.object({ items: z.array(z.object({ String: z.object({ sval: z.string() }) })) }),
    })
      .transform(({ List }) => List.items[0]?.String.sval ?? ""),
  ]),
});

function search(sql: string): Found {
  const found = { all: 0, unsafe: [] as string[] };
  const add = (more: Found) => {
    found.all += more.all;
    found.unsafe.push(...more.unsafe);
  };
  const { stmts = [] } = parseSync(sql);
  for (const { stmt, stmt_location: from = 0, stmt_len: length } of stmts) {
    const bytes = new TextEncoder().encode(sql);
    const text = new TextDecoder().decode(bytes.slice(from, length ? from + length : undefined));
    for (const [name, { whereClause, options, args }] of nodesOf(stmt)) {
      if (name === "UpdateStmt" || name === "DeleteStmt") {
        add({ all: 1, unsafe: whereClause ? [] : [text.trim().slice(0, 200)] });
      }
      if (name === "CreateFunctionStmt") add(searchBody(options, text));
      if (name === "DoStmt") add(searchBody(args));
    }
  }
  return found;
}

/** @param definition the function's whole statement; absent for a DO block */
function searchBody(options: unknown, definition?: string): Found {
  const nodes = [...nodesOf(options)].map(([, one]) => one);
  const code = nodes.flatMap((one) => body.safeParse(one).data ?? [])[0]?.arg ?? "";
  const spoken = nodes.flatMap((one) => language.safeParse(one).data ?? [])[0]?.arg.String.sval;
  if (spoken === "sql") return search(code);
  const parsed = parsePlPgSQLSync(
    // The parser has no catalogue, so our types are replaced by `record` and those of columns by `text`.
    definition?.replaceAll(/clerk_sync\.(applied_facts|written)\b(?! as )/g, "record")
      .replaceAll(/\b[\w.]+%type\b/g, "text") ??
      `create function f() returns void language plpgsql as $body$${code}$body$`,
  );
  const queries = [...nodesOf(parsed)].flatMap(([name, { query }]) =>
    name === "PLpgSQL_expr" && typeof query === "string" &&
      /^\s*(with|select|insert|update|delete|merge)\b/i.test(query)
      ? [query]
      : []
  );
  return queries.map(search).reduce((all, one) => ({
    all: all.all + one.all,
    unsafe: [...all.unsafe, ...one.unsafe],
  }), { all: 0, unsafe: [] });
}

async function filesOf(folder: string): Promise<URL[]> {
  const base = new URL(`../../${folder}/`, import.meta.url);
  const names = (await Array.fromAsync(Deno.readDir(base))).map((entry) => entry.name);
  return names.filter((name) => name.endsWith(".sql")).map((name) => new URL(name, base));
}

for (const [folder, fewest] of [["supabase/migrations", 7], ["examples", 0]] as const) {
  Deno.test(`every UPDATE and DELETE in ${folder} has the WHERE that the platform requires`, async () => {
    let all = 0;
    for (const file of await filesOf(folder)) {
      const found = search(await Deno.readTextFile(file));
      assert.deepEqual(found.unsafe, [], file.pathname);
      all += found.all;
    }
    assert.ok(all >= fewest, `${all} statements were found`);
  });
}

Deno.test("an UPDATE without a WHERE is found in every kind of statement", () => {
  const bad = "update a set b = 1";
  for (
    const sql of [
      bad,
      `with c as (${bad} returning 1) select 1 from c`,
      `create function f() returns void language sql as $$ ${bad} $$`,
      `create function f() returns void language plpgsql as $$ begin if true then ${bad}; end if; end $$`,
      `do $$ begin ${bad}; exception when others then null; end $$`,
    ]
  ) {
    assert.equal(search(sql).unsafe.length, 1, sql);
    assert.equal(search(sql.replace(bad, `${bad} where c = 2`)).unsafe.length, 0, sql);
  }
});
