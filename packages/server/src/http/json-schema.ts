/** The protocol's schemas as plain JSON Schema, which is what OpenAPI 3.1 takes. */

/** Where `/openapi.json` keeps the shape of every failure. */
export const FAILURE_REF = '#/components/schemas/Failure';

/**
 * Makes plain JSON of a schema: regular expressions become their source.
 * @param schema any schema of the protocol package
 */
export function jsonSchema(schema: object): object {
  const text = JSON.stringify(schema, (_key, value: unknown) => (value instanceof RegExp ? value.source : value));
  return JSON.parse(text) as object;
}
