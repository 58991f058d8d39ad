import type { OpenAPIObject } from '@nestjs/swagger';

export type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];
export type SchemaObject = Exclude<Schema, { $ref: string }>;

declare const value: unique symbol;
/** A schema with the type that it describes, for the compiler only: responses are checked against it. */
type SchemaOf<Value> = SchemaObject & { readonly [value]?: Value };
type RefTo<Value> = { $ref: string } & { readonly [value]?: Value };

/** The type that a schema describes. */
export type Described<Of> = Of extends { readonly [value]?: infer Value } ? Value : never;

/** A reference to a schema. */
export const ref = <Value>(name: string): RefTo<Value> => ({ $ref: `#/components/schemas/${name}` });
/** A reference to one of several schemas. */
export const refToOne = <Value>(names: readonly string[]): SchemaOf<Value> => ({
  oneOf: names.map((name) => ref(name)),
});

/** Renames the references in a part of a document. */
export const withRefs = <Part>(part: Part, nameOf: (name: string) => string): Part =>
  JSON.parse(
    JSON.stringify(part, (key, value: unknown) =>
      key === '$ref' && typeof value === 'string'
        ? value.replace(/^#\/components\/schemas\/(.*)$/, (_, name: string) => ref(nameOf(name)).$ref)
        : value,
    ),
  ) as Part;
