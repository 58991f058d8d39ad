import { STATUS_ORIGINS } from '#state-machines/inspection-recommendation/v1/facts';
import type { OpenAPIObject } from '@nestjs/swagger';
import { machine, STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import { anomalyCodes } from '#register-format/anomalies';

export type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];
export type SchemaObject = Exclude<Schema, { $ref: string }>;

export const ref = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });

export const text: Schema = { type: 'string' };
export const count: Schema = { type: 'integer', minimum: 0 };
export const version: Schema = { type: 'integer', minimum: 1 };
export const date: Schema = { type: 'string', format: 'date' };
export const instant: Schema = { type: 'string', format: 'date-time' };
export const position: Schema = {
  type: 'string',
  pattern: '^[0-9]+$',
  description: 'Increasing, not dense; belongs to the store.',
};
export const status: Schema = { type: 'string', enum: [...STATUSES] };
export const statusOrigin: Schema = {
  type: 'string',
  enum: [...STATUS_ORIGINS],
  description: 'Where the status came from: what a register said, or a decision that was given here.',
};
export const hash: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' };
export const sixteenBytes: Schema = { type: 'string', pattern: '^[0-9a-f]{32}$' };

export const list = (items: Schema): Schema => ({ type: 'array', items });
export const mapOf = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });
export const orNull = (schema: Schema): Schema =>
  '$ref' in schema
    ? { oneOf: [schema, { type: 'null' }] }
    : ({
        ...schema,
        type: [schema.type, 'null'],
        ...(schema.enum && { enum: [...(schema.enum as unknown[]), null] }),
      } as unknown as Schema);

/** An object whose members are all there, except those named as optional. */
export function object(properties: Record<string, Schema>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required };
}

export const regions = Object.fromEntries(
  Object.entries(machine.states).map(([region, { states }]) => [
    region,
    { type: 'string', enum: Object.keys(states) },
  ]),
);

export const actor = object({ subject: text, roles: list(text) });
export const lifecycle = object({ name: text, version });
export const anomaly = object({
  code: { type: 'string', enum: anomalyCodes.map(({ code }) => code) },
  line: { type: 'integer', minimum: 1 },
  column: { type: 'integer', minimum: 1 },
  detail: text,
});
export const report = object({ name: orNull(text), publishedOn: date });

export const moreAnomalies: Schema = {
  type: 'integer',
  minimum: 1,
  description: 'How many more there were; absent where those are all.',
};
