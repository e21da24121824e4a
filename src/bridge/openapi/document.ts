import { z } from "zod";
import type { Answer, Answers, Api, Operation, RequestBody } from "./operation.ts";

/** An OpenAPI 3.1 document (spec.openapis.org/oas/v3.1.1), as JSON. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

/** Tells of all routes, in one document. */
export function openApiDocument(apis: readonly Api[]): OpenApiDocument {
  const paths: Record<string, Record<string, object>> = {};
  const schemas = new Schemas();
  for (const api of apis)
    for (const operation of api.operations) {
      const path = (paths[templateOf(api.root + operation.path)] ??= {});
      path[operation.method] = operationObject(api, operation, schemas);
    }
  const document = {
    openapi: "3.1.0",
    info: {
      title: "OneCopy",
      version: "1",
      description:
        "What `onecopy serve` answers: Delta Sharing, the Iceberg REST catalog, and the web app's own API.",
    },
    servers: [{ url: "/" }],
    tags: apis.map(({ root, description }) => ({ name: root, description })),
    paths,
    components: { schemas: schemas.named, securitySchemes: { token: { type: "http", scheme: "bearer" } } },
  };
  // Without what is undefined, and with the references of zod as those of OpenAPI.
  const text = JSON.stringify(document).replaceAll('"#/$defs/', '"#/components/schemas/');
  return JSON.parse(text) as OpenApiDocument;
}

/** `/shares/:share` as `/shares/{share}`; the router's own patterns of a parameter are left out. */
export function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)(\{[^/]*\})?/g, "{$1}");
}

function operationObject({ root, errors }: Api, operation: Operation, schemas: Schemas): object {
  const { method, path, summary, query, headers, body, isOpen } = operation;
  const parameters = [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
      name,
      in: "path",
      required: true,
      schema: { type: "string", minLength: 1 },
    })),
    ...Object.entries(query ?? {}).map(([name, shape]) => parameter(name, "query", shape)),
    ...Object.entries(headers ?? {}).map(([name, shape]) => parameter(name, "header", shape)),
  ];
  return {
    operationId: `${method} ${root}${path}`,
    tags: [root],
    summary,
    parameters,
    requestBody: body && requestBody(body, schemas),
    responses: responses({ ...errors(operation), ...operation.answers }, method === "head", schemas),
    security: isOpen === true ? [] : [{ token: [] }],
  };
}

function parameter(name: string, place: "query" | "header", shape: z.ZodType): object {
  const { default: _, ...schema } = schemaOf(shape);
  return { name, in: place, required: false, schema };
}

function requestBody({ type = "application/json", shape, optional }: RequestBody, schemas: Schemas): object {
  return { required: optional !== true, content: { [type]: { schema: schemas.of(shape) } } };
}

function responses(answers: Answers, withoutBody: boolean, schemas: Schemas): object {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [status, response(answer, withoutBody, schemas)]),
  );
}

function response(
  { description, type, shape, headers = [] }: Answer,
  withoutBody: boolean,
  schemas: Schemas,
): object {
  const hasBody = !withoutBody && (type !== undefined || shape !== undefined);
  const schema = shape && schemas.of(shape, "output");
  return {
    description,
    headers: Object.fromEntries(
      headers.map((name) => [name, { required: true, schema: { type: "string" } }]),
    ),
    content: hasBody ? { [type ?? "application/json"]: schema ? { schema } : {} } : undefined,
  };
}

/** Shapes that have an id (`meta`) are told once. */
class Schemas {
  readonly named: Record<string, unknown> = {};

  of(shape: z.ZodType, io: "input" | "output" = "input"): JsonObject {
    const { $defs, ...schema } = schemaOf(shape, io);
    Object.assign(this.named, $defs);
    return schema;
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

/** JSON Schema of what a shape takes, or gives. */
function schemaOf(shape: z.ZodType, io: "input" | "output" = "input"): JsonObject {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, {
    io,
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      // Numbers of 63 bits, which JavaScript has no number for: an integer, or what holds its digits.
      const isLong = def.type === "union" && (def as unknown as Options).options.some(isCustom);
      if (isLong) {
        delete jsonSchema.anyOf;
        Object.assign(jsonSchema, { type: "integer", format: "int64" });
      }
    },
  });
  return schema;
}

interface Options {
  readonly options: readonly { readonly _zod: { readonly def: { readonly type: string } } }[];
}

function isCustom({ _zod }: Options["options"][number]): boolean {
  return _zod.def.type === "custom";
}
