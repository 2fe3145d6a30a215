import { placeTables } from "../../../local/migrations/schema.ts";

/**
 * A client for tests that name the tables in public while the stack has them in another schema. It moves
 * the names in every query, as the migrations are moved.
 */
export function placeQueries<T extends object>(client: T, schema: string): T {
  if (schema === "public") return client;
  const place = (value: unknown): unknown => {
    if (typeof value === "string") return placeTables(value, schema);
    if (isTemplate(value)) {
      const raw = value.raw.map((text) => placeTables(text, schema));
      return Object.assign(value.map((text) => placeTables(text, schema)), { raw });
    }
    if (typeof value !== "function") return value;
    // A transaction has a client of its own.
    return (inner: unknown) =>
      Reflect.apply(value, undefined, [isClient(inner) ? placeQueries(inner, schema) : inner]);
  };
  return new Proxy(client, {
    apply: (target, self, [first, ...rest]) =>
      isClient(target) ? Reflect.apply(target, self, [place(first), ...rest]) : undefined,
    get(target, key) {
      const value = Reflect.get(target, key);
      if (typeof value !== "function" || !/^(unsafe|begin|savepoint)$/.test(String(key))) {
        return value;
      }
      return (...given: unknown[]) => Reflect.apply(value, target, given.map(place));
    },
  });
}

function isTemplate(value: unknown): value is TemplateStringsArray {
  return Array.isArray(value) && "raw" in value;
}

function isClient(value: unknown): value is (...given: unknown[]) => unknown {
  return typeof value === "function";
}
