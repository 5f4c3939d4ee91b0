/** Compiled checks of this package's schemas, each compiled when it is first asked for. */
import { Compile } from 'typebox/compile';

/** One place where a value does not fit. */
export interface Mismatch {
  instancePath: string;
  message: string;
  keyword: string;
  params: Record<string, unknown>;
}

/** A schema that can be asked. */
interface Checker {
  Check(value: unknown): boolean;
  Errors(value: unknown): Mismatch[];
}

const compiled = new Map<object, Checker>();

/** The check of a schema. */
export function checkerOf(schema: object): Checker {
  let checker = compiled.get(schema);
  if (!checker) {
    checker = Compile(schema as never) as unknown as Checker;
    compiled.set(schema, checker);
  }
  return checker;
}
