import { canBeAbsent } from '#lifecycle/fields';
import type { Field, Members } from '#lifecycle/fields';
import type { PayloadShape } from '#lifecycle/shapes';
import { FREE_TEXT_MAX, NOT_BLANK, ONE_LINE } from '#lifecycle/text-rules';
import { ref } from './schema-forms.ts';
import type { Schema, SchemaObject } from './schema-forms.ts';

/**
 * Values in requests have limits; in stored data, erased or withheld values and those that an import lacks are absent; responses may get
 * more members in later versions.
 */
type Of = 'sent' | 'stored' | 'answered';

function schemaOf(field: Field, of: Of): Schema {
  const value = of === 'sent' ? { ...valueSchema(field, of), ...limitsOf(field) } : valueSchema(field, of);
  const schema = field.nullable === true ? nullOr(value) : value;
  return field.describes === undefined ? schema : { ...schema, description: field.describes };
}

const nullOr = (schema: Schema): Schema =>
  '$ref' in schema || 'oneOf' in schema || schema.type === undefined
    ? { oneOf: [schema, { type: 'null' }] }
    : Object.assign({}, schema, {
        type: [schema.type, 'null'],
        ...(schema.enum && { enum: (schema.enum as unknown[]).concat(null) }),
      });

function limitsOf({ kind, limits = {} }: Field): Partial<SchemaObject> {
  const { max, min, form, isLine = false, isUrl = false, isSet = false } = limits;
  switch (kind) {
    case 'freeText': {
      const pattern = (isLine ? ONE_LINE : NOT_BLANK).source;
      return { maxLength: max ?? FREE_TEXT_MAX, ...(isUrl ? { format: 'uri' } : { pattern }) };
    }
    case 'identifier':
      return { ...(max && { maxLength: max }), ...(form && { pattern: form.matches.source }) };
    case 'count':
      return { maximum: max ?? Number.MAX_SAFE_INTEGER };
    case 'list':
      return {
        ...(min && { minItems: min }),
        ...(max && { maxItems: max }),
        ...(isSet && { uniqueItems: true }),
      };
    default:
      return {};
  }
}

const COUNT = { type: 'integer', minimum: 0 } as const;

function valueSchema(field: Field, of: Of): Schema {
  switch (field.kind) {
    case 'freeText':
    case 'identifier':
      return { type: 'string' };
    case 'freeBytes':
      return Object.assign({ type: 'string' as const }, { contentEncoding: 'base64' });
    case 'plainDate':
      return { type: 'string', format: 'date' };
    case 'instant':
      return { type: 'string', format: 'date-time' };
    case 'sha256':
      return { type: 'string', pattern: '^[0-9a-f]{64}$' };
    case 'count':
      return COUNT;
    case 'ordinal':
      return { type: 'integer', minimum: 1 };
    case 'flag':
      return { type: 'boolean' };
    case 'always':
      return { type: 'boolean', enum: [true] };
    case 'oneOf':
      // If no kind of record has values, there is no enum.
      return { type: 'string', ...(field.values.length > 0 && { enum: [...field.values] }) };
    case 'list':
      return { type: 'array', items: schemaOf(field.of, of) };
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(field.of, of) };
    case 'schema':
      return field.schema;
    case 'object':
      return field.name === undefined ? membersSchema(field.members, of) : ref(field.name);
  }
}

function membersSchema(members: Members, of: Of): SchemaObject {
  const entries = Object.entries(members);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, field]) => [name, schemaOf(field, of)])),
    required: entries.flatMap(([name, field]) =>
      (of === 'stored' ? canBeAbsent(field) : field.optional === true) ? [] : [name],
    ),
    ...(of !== 'answered' && { additionalProperties: false }),
  };
}

/** Yields the named schemas of objects within members. */
function* namedIn(members: Members, of: Of): Generator<[string, SchemaObject]> {
  for (const field of Object.values(members)) {
    const inner = field.kind === 'list' || field.kind === 'map' ? field.of : field;
    if (inner.kind !== 'object') continue;
    if (inner.name !== undefined) yield [inner.name, membersSchema(inner.members, of)];
    yield* namedIn(inner.members, of);
  }
}

/** Returns a schema for each name's members, and for the named objects in them. */
export const schemasOf = (
  shapes: readonly (readonly [name: string, members: Members])[],
  of: Of,
): Readonly<Record<string, SchemaObject>> =>
  Object.fromEntries(
    shapes.flatMap(([name, members]) => [
      ...namedIn(members, of),
      [name, membersSchema(members, of)] as const,
    ]),
  );

/** Returns a schema for each payload by name, and for their shared objects. */
export const payloadSchemas = (payloads: readonly PayloadShape[]) =>
  schemasOf(
    payloads.map(({ name, members }) => [name, members]),
    'sent',
  );

/** Returns a schema for each response by name, and for their shared objects. */
export const answerSchemas = (answers: Members): Readonly<Record<string, Schema>> =>
  Object.fromEntries([
    ...namedIn(answers, 'answered'),
    ...Object.entries(answers).map(([name, field]): [string, Schema] => [
      name,
      field.kind === 'object' ? membersSchema(field.members, 'answered') : schemaOf(field, 'answered'),
    ]),
  ]);
