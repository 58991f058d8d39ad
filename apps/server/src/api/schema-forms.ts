import type { OpenAPIObject } from '@nestjs/swagger';

export type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];
export type SchemaObject = Exclude<Schema, { $ref: string }>;

declare const value: unique symbol;
/** A schema with the type of what it describes, which the compiler alone knows: what is answered is checked against it. */
type SchemaOf<Value> = SchemaObject & { readonly [value]?: Value };
type RefTo<Value> = { $ref: string } & { readonly [value]?: Value };

/** What a schema describes. */
export type Described<Of> = Of extends { readonly [value]?: infer Value } ? Value : never;

/** A schema by its name. */
export const ref = <Value>(name: string): RefTo<Value> => ({ $ref: `#/components/schemas/${name}` });
/** One of several schemas by their names. */
export const refToOne = <Value>(names: readonly string[]): SchemaOf<Value> => ({
  oneOf: names.map((name) => ref(name)),
});

/** The same part of a document where schemas have other names. */
export const withRefs = <Part>(part: Part, nameOf: (name: string) => string): Part =>
  JSON.parse(
    JSON.stringify(part, (key, value: unknown) =>
      key === '$ref' && typeof value === 'string'
        ? value.replace(/^#\/components\/schemas\/(.*)$/, (_, name: string) => ref(nameOf(name)).$ref)
        : value,
    ),
  ) as Part;
