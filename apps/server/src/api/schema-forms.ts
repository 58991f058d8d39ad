import { STATUS_ORIGINS } from '#state-machines/inspection-recommendation/v1/facts';
import type { OpenAPIObject } from '@nestjs/swagger';
import { lifecycles } from '#state-machines/lifecycles';

export type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];
export type SchemaObject = Exclude<Schema, { $ref: string }>;

declare const value: unique symbol;
/** A schema with the type of what it describes, which the compiler alone knows: what is answered is checked against it. */
export type SchemaOf<Value> = SchemaObject & { readonly [value]?: Value };
export type RefTo<Value> = { $ref: string } & { readonly [value]?: Value };
type Typed<Value> = SchemaOf<Value> | RefTo<Value>;

/** A schema that no form makes, and what it describes. */
export const typed = <Value>(schema: SchemaObject): SchemaOf<Value> => schema;

/** What a schema describes. */
export type Described<Of> = Of extends { readonly [value]?: infer Value } ? Value : never;

/** A schema by its name; `of` says which it is, where what it describes is to be known. */
export const ref = <Value>(name: string, _of?: SchemaOf<Value>): RefTo<Value> => ({
  $ref: `#/components/schemas/${name}`,
});

export const text: SchemaOf<string> = { type: 'string' };
export const boolean: SchemaOf<boolean> = { type: 'boolean' };
export const always: SchemaOf<true> = { type: 'boolean', enum: [true] };
export const integer: SchemaOf<number> = { type: 'integer' };
export const count: SchemaOf<number> = { type: 'integer', minimum: 0 };
export const version: SchemaOf<number> = { type: 'integer', minimum: 1 };
export const date: SchemaOf<string> = { type: 'string', format: 'date' };
export const instant: SchemaOf<string> = { type: 'string', format: 'date-time' };
export const uuid: SchemaOf<string> = { type: 'string', format: 'uuid' };
export const position: SchemaOf<string> = {
  type: 'string',
  pattern: '^[0-9]+$',
  description: 'Increasing, not dense; belongs to the store.',
};

export const nothing: SchemaOf<null> = { type: 'null' };

/** One of some texts. Where code has a text as it was stored, that is `choice<string>`: the store vouches for it. */
export const choice = <const Value extends string>(values: readonly Value[]): SchemaOf<Value> => ({
  type: 'string',
  enum: [...values],
});
/** The same schema, described. */
export const told = <Value>(schema: SchemaOf<Value>, description: string): SchemaOf<Value> => ({
  ...schema,
  description,
});

export const status = choice<string>(lifecycles.statuses);
export const statusOrigin = told(
  choice(STATUS_ORIGINS),
  'Where the status came from: what a register said, or a decision that was given here.',
);
export const hash: SchemaOf<string> = { type: 'string', pattern: '^[0-9a-f]{64}$' };
export const sixteenBytes: SchemaOf<string> = { type: 'string', pattern: '^[0-9a-f]{32}$' };

export const list = <Value>(items: Typed<Value>): SchemaOf<readonly Value[]> => ({ type: 'array', items });
export const mapOf = <Value>(values: Typed<Value>): SchemaOf<Readonly<Record<string, Value>>> => ({
  type: 'object',
  additionalProperties: values,
});
export const orNull = <Value>(schema: Typed<Value>): SchemaOf<Value | null> =>
  '$ref' in schema
    ? { oneOf: [schema, { type: 'null' }] }
    : ({
        ...schema,
        type: [schema.type, 'null'],
        ...(schema.enum && { enum: [...(schema.enum as unknown[]), null] }),
      } as unknown as SchemaOf<Value | null>);

type Members = Record<string, Typed<unknown>>;
type ObjectOf<Of extends Members, Optional extends keyof Of> = {
  readonly [Name in Exclude<keyof Of, Optional>]: Described<Of[Name]>;
} & { readonly [Name in Optional]?: Described<Of[Name]> };

/** An object whose members are all there, except those named as optional. */
export function object<Of extends Members, const Optional extends keyof Of & string = never>(
  properties: Of,
  optional: readonly Optional[] = [],
): SchemaOf<ObjectOf<Of, Optional>> {
  const names: readonly string[] = optional;
  const required = Object.keys(properties).filter((name) => !names.includes(name));
  return { type: 'object', properties, required };
}

/** A count under each of these names, nought too. */
export const countsOf = (names: readonly string[]): SchemaOf<Readonly<Record<string, number>>> =>
  object<Record<string, SchemaOf<number>>>(Object.fromEntries(names.map((name) => [name, count])));

/** The states of each region that records of some kind have. */
export const regions: Readonly<Record<string, SchemaOf<string>>> = Object.fromEntries(
  Object.entries(lifecycles.regions).map(([region, states]) => [region, choice(states)]),
);

/** A state: of each region, and of what else is told with them. */
export const stateOf = (
  ofRegions: typeof regions,
  more: Readonly<Record<string, SchemaOf<string>>> = {},
): SchemaOf<Readonly<Record<string, string>>> =>
  object<Record<string, SchemaOf<string>>>({ ...ofRegions, ...more });

export const actor = object({ subject: text, roles: list(text) });
export const lifecycle = object({ name: text, version });
export const moreAnomalies = told(version, 'How many more there were; absent where those are all.');
