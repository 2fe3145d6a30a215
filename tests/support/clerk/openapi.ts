import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";
import { parse } from "yaml";
import { z } from "zod";

type Schema = Readonly<Record<string, unknown>>;

const schema = z.record(z.string(), z.unknown());
const content = z.object({ "application/json": z.object({ schema }) });
const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        responses: z.record(
          z.string(),
          z.object({ $ref: z.string().optional(), content: content.optional() }),
        ).optional(),
      }),
    ),
  ).default({}),
  "x-webhooks": z.record(
    z.string(),
    z.object({ post: z.object({ requestBody: z.object({ content }) }) }),
  ).default({}),
  components: z.object({
    schemas: z.record(z.string(), schema),
    responses: z.record(z.string(), z.object({ content })).default({}),
    examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
  }),
});

/** One of Clerk's OpenAPI 3.0 files, prepared to validate answers and events. */
export interface Specification {
  /** The schema of an answer; undefined if the file does not list this status. */
  response(method: string, path: string, status: number): ValidateFunction | undefined;
  /** The schema of an event. */
  event(type: string): ValidateFunction;
  component(name: string): ValidateFunction;
  /** The file's own examples, by name. */
  readonly examples: Readonly<Record<string, unknown>>;
}

/** Reads a file of `local/clerk/openapi/`. */
export function readSpecification(file: string): Specification {
  const url = new URL(`../../../local/clerk/openapi/${file}`, import.meta.url);
  const document = documentSchema.parse(parse(Deno.readTextFileSync(url)));
  const { schemas, responses, examples } = document.components;
  const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
  formats.default(ajv);
  const toJsonSchema = converter(schemas);
  ajv.addSchema({
    $id: "clerk",
    definitions: Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [name, toJsonSchema(schema)]),
    ),
  });
  const validators = new Map<string, ValidateFunction>();
  const compile = (name: string, schema: Schema) => {
    const known = validators.get(name) ?? ajv.compile(toJsonSchema(schema));
    validators.set(name, known);
    return known;
  };
  return {
    response(method, path, status) {
      const listed = document.paths[path]?.[method.toLowerCase()]?.responses?.[String(status)];
      if (listed === undefined) return undefined;
      const response = listed.$ref === undefined ? listed : responses[lastPart(listed.$ref)];
      const schema = response?.content?.["application/json"].schema;
      return schema && compile(`${method} ${path} ${status}`, schema);
    },
    event(type) {
      const event = document["x-webhooks"][type];
      if (event === undefined) throw new Error(`The specification has no event ${type}`);
      return compile(type, event.post.requestBody.content["application/json"].schema);
    },
    component: (name) => compile(`#${name}`, { $ref: `#/components/schemas/${name}` }),
    examples: Object.fromEntries(
      Object.entries(examples).map(([name, { value }]) => [name, value]),
    ),
  };
}

function lastPart(reference: string): string {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

/** Keywords that do not constrain a value and are not JSON Schema. */
const annotations = new Set([
  "description",
  "title",
  "example",
  "examples",
  "deprecated",
  "default",
]);

/**
 * OpenAPI 3.0 schemas as JSON Schema (draft 7):
 * - `nullable` becomes an alternative. That includes a `nullable` beside `$ref`, `allOf` and `oneOf`,
 *   where it would have no effect if taken literally.
 * - A `discriminator` makes its property required, with the values in its mapping.
 * - `allOf` is merged into one object, which is closed if a part is. Taken literally, a closed part
 *   would forbid the other parts' properties, which the file's own examples have.
 */
function converter(schemas: Record<string, Schema>): (schema: Schema) => Schema {
  const convert = (schema: Schema): Schema => {
    const { nullable, ...rest } = schema;
    const converted = convertKnownNotNull(rest);
    return nullable === true ? { anyOf: [{ type: "null" }, converted] } : converted;
  };
  const convertAny = (value: unknown) => convert(schema.parse(value));
  const convertAll = (value: unknown) => z.array(z.unknown()).parse(value).map(convertAny);
  const resolve = (part: Schema): Schema =>
    typeof part.$ref === "string" ? schemas[lastPart(part.$ref)] ?? missing(part.$ref) : part;

  const merge = (parts: Schema[]): Schema => {
    const resolved = parts.map(resolve).map((part) =>
      "allOf" in part ? merge(z.array(schema).parse(part.allOf)) : part
    );
    const properties = Object.assign({}, ...resolved.map((part) => part.properties ?? {}));
    const required = resolved.flatMap((part) => z.array(z.string()).parse(part.required ?? []));
    const closed = resolved.some((part) => part.additionalProperties === false);
    return {
      type: "object",
      properties,
      required: [...new Set(required)],
      ...(closed ? { additionalProperties: false } : {}),
    };
  };

  const convertKnownNotNull = (schema: Schema): Schema => {
    if (typeof schema.$ref === "string") {
      return { $ref: `clerk#/definitions/${lastPart(schema.$ref)}` };
    }
    if ("allOf" in schema) {
      return convert(merge(z.array(z.record(z.string(), z.unknown())).parse(schema.allOf)));
    }
    const converted: Record<string, unknown> = {};
    for (const [keyword, value] of Object.entries(schema)) {
      if (annotations.has(keyword) || keyword.startsWith("x-")) continue;
      converted[keyword] = convertKeyword(keyword, value);
    }
    if (!("discriminator" in schema)) return converted;
    const { discriminator: _discriminator, ...others } = converted;
    return { allOf: [others, discriminated(schema.discriminator)] };
  };

  const convertKeyword = (keyword: string, value: unknown): unknown => {
    if (keyword === "properties") {
      return Object.fromEntries(
        Object.entries(schema.parse(value)).map(([name, property]) => [name, convertAny(property)]),
      );
    }
    if (keyword === "items") return convertAny(value);
    if (keyword === "oneOf" || keyword === "anyOf") return convertAll(value);
    if (keyword === "additionalProperties" && typeof value === "object") return convertAny(value);
    return value;
  };
  return convert;
}

function discriminated(discriminator: unknown): Schema {
  const { propertyName, mapping } = z.object({
    propertyName: z.string(),
    mapping: z.record(z.string(), z.string()).optional(),
  }).parse(discriminator);
  return {
    type: "object",
    required: [propertyName],
    properties: { [propertyName]: mapping === undefined ? {} : { enum: Object.keys(mapping) } },
  };
}

function missing(reference: string): never {
  throw new Error(`The specification has nothing at ${reference}`);
}
