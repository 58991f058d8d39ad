import { canBeAbsent, isErasable, oneOf } from '#lifecycle/fields';
import type { Erasable, Field, Members, ValuesOf } from '#lifecycle/fields';
import type { PayloadShape, Shapes } from '#lifecycle/shapes';
import { anomalyCodes } from '#register-format/anomalies';
import { FREE_TEXT_MAX, NOT_BLANK, ONE_LINE } from '#lifecycle/text-rules';
import { ACCESS_SHAPES } from '#state-machines/access-events';
import { BODY_SHAPES } from '#state-machines/body-events';
import { CHECKPOINT_SHAPES } from '#state-machines/checkpoint-events';
import { CLOCK_SHAPES } from '#state-machines/clock-events';
import * as recorded from '#state-machines/inspection-recommendation/v1/events';
import { report as recordedReport } from '#state-machines/inspection-recommendation/v1/record-fields';
import { PERSON_SHAPES } from '#state-machines/person-events';
import { ISSUE_SHAPES } from '#state-machines/record-streams';
import { REFUSAL_SHAPES } from '#state-machines/refusal-events';
import {
  always,
  boolean,
  choice,
  count,
  date,
  hash,
  instant,
  list,
  mapOf,
  object,
  orNull,
  ref,
  text,
  version,
} from './schema-forms.ts';
import type { Schema, SchemaObject, SchemaOf } from './schema-forms.ts';

/** What each type of event holds, in records' streams and in those that follow no lifecycle. */
const SHAPES: Shapes = {
  ...PERSON_SHAPES,
  ...REFUSAL_SHAPES,
  ...ISSUE_SHAPES,
  ...BODY_SHAPES,
  ...CHECKPOINT_SHAPES,
  ...CLOCK_SHAPES,
  ...ACCESS_SHAPES,
  ...recorded.events,
};

/** Every type of event that a log can hold. */
export const EVENT_TYPES: readonly string[] = Object.keys(SHAPES);

/** @param isSent of what people send, whose values keep to limits; what is stored is described by its types alone */
function schemaOf(field: Field, isSent: boolean): Schema {
  const value = isSent ? { ...valueSchema(field, isSent), ...limitsOf(field) } : valueSchema(field, isSent);
  const schema = field.nullable === true ? orNull(value) : value;
  return field.describes === undefined ? schema : { ...schema, description: field.describes };
}

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

function valueSchema(field: Field, isSent: boolean): Schema {
  switch (field.kind) {
    case 'freeText':
    case 'identifier':
      return text;
    case 'freeBytes':
      return { type: 'string', contentEncoding: 'base64' } as Schema;
    case 'plainDate':
      return date;
    case 'instant':
      return instant;
    case 'sha256':
      return hash;
    case 'count':
      return count;
    case 'ordinal':
      return version;
    case 'flag':
      return boolean;
    case 'always':
      return always;
    case 'counts':
      return mapOf(count);
    case 'oneOf':
      return choice(field.values);
    case 'list':
      return list(schemaOf(field.of, isSent));
    case 'object':
      return field.name === undefined ? membersSchema(field.members, isSent) : ref(field.name);
  }
}

/** A stored value that was erased or is withheld is absent, as is what an import lacks. */
function membersSchema(members: Members, isSent: boolean): SchemaObject {
  const entries = Object.entries(members);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, field]) => [name, schemaOf(field, isSent)])),
    required: entries.flatMap(([name, field]) =>
      (isSent ? field.optional === true : canBeAbsent(field)) ? [] : [name],
    ),
    additionalProperties: false,
  };
}

/** The objects within members that have a name of their own. */
const namedIn = (members: Members, isSent: boolean): [string, SchemaObject][] =>
  Object.values(members).flatMap((field): [string, SchemaObject][] => {
    const inner = field.kind === 'list' ? field.of : field;
    if (inner.kind !== 'object') return [];
    const own =
      inner.name === undefined
        ? []
        : [[inner.name, membersSchema(inner.members, isSent)] as [string, SchemaObject]];
    return [...own, ...namedIn(inner.members, isSent)];
  });

/** The schemas of members as readers are told them: null where they were erased or are withheld. */
export const readSchemas = (members: Members): Readonly<Record<string, Schema>> =>
  Object.fromEntries(
    Object.entries(members).map(([name, field]) => {
      const nullable = isErasable(field);
      return [name, schemaOf({ ...field, nullable }, false)];
    }),
  );

type ReadValues<Of extends Members> = {
  readonly [Member in keyof Of]:
    | ValuesOf<Of>[Member & keyof ValuesOf<Of>]
    | (Of[Member] extends { readonly kind: Erasable } ? null : never);
};
const readObject = <Of extends Members>(members: Of) =>
  object(readSchemas(members) as Record<string, SchemaOf<unknown>>) as SchemaOf<ReadValues<Of>>;

export const anomaly = readObject({
  ...recorded.anomaly,
  code: oneOf<string>(anomalyCodes.map(({ code }) => code)),
});
/** Where a register's file says otherwise than a record. */
export const difference = readObject(recorded.difference);
export const report = readObject(recordedReport);

const nameOf = (type: string): string => `${type}Data`;

/** A schema for the data of each type of event, and for what several of them hold. */
export const EVENT_DATA_SCHEMAS: Readonly<Record<string, Schema>> = Object.fromEntries(
  Object.entries(SHAPES).flatMap(([type, { members }]) => [
    ...namedIn(members, false),
    [nameOf(type), membersSchema(members, false)],
  ]),
);

/** Which of them is the schema of an envelope's data: one of these, told apart by its type. */
export const DATA_BY_TYPE: Schema[] = EVENT_TYPES.map((type) => ({
  properties: { type: choice([type]), data: ref(nameOf(type)) },
  required: ['type', 'data'],
}));

/** A schema for each payload by its name, and for what several of them hold. */
export const payloadSchemas = (payloads: readonly PayloadShape[]): Readonly<Record<string, SchemaObject>> =>
  Object.fromEntries(
    payloads.flatMap(({ name, members }) => [
      ...namedIn(members, true),
      [name, membersSchema(members, true)],
    ]),
  );
