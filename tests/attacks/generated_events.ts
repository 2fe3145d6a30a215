import fc from "fast-check";
import { parse } from "yaml";
import { z } from "zod";
import { canary } from "../support/leaks/leak.ts";

/** Which of a schema's properties are present. */
export type Variant =
  /** Only the required ones, null wherever that is allowed. */
  | "required"
  /** All of them, none null. */
  | "everything"
  /** Any of them, some of them null. */
  | "any"
  /** Like "any", with values that the enumerations do not list yet. */
  | "unknown values";

const schema = z.record(z.string(), z.unknown());
type Schema = z.infer<typeof schema>;

const schemaList = z.array(schema);
const propertySchemas = z.record(z.string(), schema).default({});
const discriminator = z.object({ propertyName: z.string().optional() }).default({});
const names = z.array(z.string()).default([]);

const specification = z.object({
  "x-webhooks": z.record(
    z.string(),
    z.object({
      post: z.object({
        requestBody: z.object({ content: z.object({ "application/json": z.object({ schema }) }) }),
      }),
    }),
  ),
  components: z.object({ schemas: z.record(z.string(), schema) }),
});

export interface EventGenerator {
  /** Every type of event in the specification. */
  readonly types: readonly string[];
  /** Events of a type, as its schema allows them. */
  events(type: string, variant: Variant): fc.Arbitrary<Record<string, unknown>>;
}

/** Reads one of Clerk's OpenAPI files of webhooks in `local/clerk/openapi/`. */
export function readEventGenerator(file: string): EventGenerator {
  const url = new URL(`../../local/clerk/openapi/${file}`, import.meta.url);
  const document = specification.parse(parse(Deno.readTextFileSync(url)));
  const { schemas } = document.components;
  return {
    types: Object.keys(document["x-webhooks"]),
    events(type, variant) {
      const webhook = document["x-webhooks"][type];
      if (!webhook) throw new Error(`The specification has no event ${type}`);
      const body = webhook.post.requestBody.content["application/json"].schema;
      return createGenerator(schemas, variant)(body, "")
        .map((event) => ({ ...schema.parse(event), object: "event", type }));
    },
  };
}

type Generate = (schema: Schema, name: string) => fc.Arbitrary<unknown>;

function createGenerator(schemas: Record<string, Schema>, variant: Variant): Generate {
  const nullable = (value: fc.Arbitrary<unknown>) => {
    if (variant === "everything") return value;
    return variant === "required" ? fc.constant(null) : fc.option(value, { freq: 2 });
  };

  const generate: Generate = (schema, name) => {
    const value = generateKnown(schema, name);
    return schema["nullable"] === true ? nullable(value) : value;
  };

  const generateKnown: Generate = (schema, name) => {
    if (typeof schema["$ref"] === "string") return generate(resolve(schema), name);
    if (schema["allOf"]) return generateObject(merge(schema));
    const alternatives = schema["oneOf"] ?? schema["anyOf"];
    if (alternatives) {
      const { propertyName } = discriminator.parse(schema["discriminator"]);
      const all = schemaList.parse(alternatives).map((one) => {
        if (schema["properties"]) return join(schema, one);
        return propertyName ? join(resolve(one), { required: [propertyName] }) : one;
      });
      return fc.oneof(...all.map((one) => generate(one, name)));
    }
    if (schema["enum"]) return generateEnumerated(z.array(z.unknown()).parse(schema["enum"]));
    switch (schema["type"] ?? (schema["properties"] ? "object" : undefined)) {
      case "string":
        return generateText(schema, name);
      case "integer":
        return generateInteger(schema, name);
      case "number":
        return fc.double({ noNaN: true, noDefaultInfinity: true });
      case "boolean":
        return fc.boolean();
      case "array":
        return fc.array(
          generate(z.object({ items: schemaOrNone }).parse(schema).items, ""),
          variant === "everything" ? { minLength: 1, maxLength: 2 } : { maxLength: 3 },
        );
      case "object":
        return generateObject(schema);
      default:
        return fc.jsonValue({ maxDepth: 3 });
    }
  };

  const generateObject = (schema: Schema): fc.Arbitrary<unknown> => {
    const required = new Set(names.parse(schema["required"]));
    const all = Object.entries(propertySchemas.parse(schema["properties"]));
    const chosen = variant === "required" ? all.filter(([name]) => required.has(name)) : all;
    const properties = fc.record(
      Object.fromEntries(chosen.map(([name, property]) => [name, generate(property, name)])),
      variant === "everything" ? {} : { requiredKeys: [...required] },
    );
    if (schema["additionalProperties"] !== true || variant === "required") return properties;
    const others = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 3 }));
    return fc.tuple(others, properties).map(([more, named]) => ({ ...more, ...named }));
  };

  const generateEnumerated = (values: readonly unknown[]): fc.Arbitrary<unknown> => {
    const known = fc.constantFrom(...values);
    if (variant !== "unknown values" || values.some((value) => typeof value !== "string")) {
      return known;
    }
    return fc.oneof(known, fc.string().map((text) => `${canary}_${text}`));
  };

  const resolve = (schema: Schema): Schema => {
    const reference = schema["$ref"];
    if (typeof reference !== "string") return schema;
    const resolved = schemas[reference.slice(reference.lastIndexOf("/") + 1)];
    if (!resolved) throw new Error(`The specification has nothing at ${reference}`);
    return resolved;
  };

  /** Merges all parts into one object. Literally, a closed part would forbid the others' properties. */
  const merge = (schema: Schema): Schema => {
    const parts = schemaList.parse(schema["allOf"]).map(resolve)
      .map((part) => part["allOf"] ? merge(part) : part);
    const required = [schema, ...parts].flatMap((part) => names.parse(part["required"]));
    const properties = parts.map((part) => propertySchemas.parse(part["properties"]));
    return { type: "object", required, properties: Object.assign({}, ...properties) };
  };

  return generate;
}

/** An object's schema, plus the properties that one of its alternatives requires. */
function join({ oneOf: _oneOf, anyOf: _anyOf, ...rest }: Schema, one: Schema): Schema {
  return { ...rest, required: [rest, one].flatMap((part) => names.parse(part["required"])) };
}

const schemaOrNone = schema.default({});

function generateText(schema: Schema, name: string): fc.Arbitrary<string> {
  if (typeof schema["pattern"] === "string") {
    return fc.stringMatching(new RegExp(schema["pattern"]));
  }
  if (schema["format"] === "email") {
    return fc.uuid().map((id) => `${canary}+${id}@example.com`);
  }
  // The subject's id: never empty, never used by another test, and of the same form for every kind.
  if (name === "id") return fc.noBias(fc.uuid()).map((id) => `user_${id.replaceAll("-", "")}`);
  return fc.string({ unit: "binary", maxLength: 30 }).map((text) => `${canary} ${text}`);
}

/** Milliseconds, within the years that RFC 3339 can express. */
const time = fc.integer({ min: 0, max: 253_402_300_799_999 });

function generateInteger(schema: Schema, name: string): fc.Arbitrary<number> {
  if (name.endsWith("_at") || name === "timestamp") return time;
  return schema["format"] === "int64" ? fc.maxSafeInteger() : fc.integer();
}
