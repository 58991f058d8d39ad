import { object, oneOf } from '#lifecycle/fields';
import type { Shapes } from '#lifecycle/shapes';
import { anomalyCodes } from '#register-format/anomalies';
import { ACCESS_SHAPES } from '#state-machines/access-events';
import { BODY_SHAPES } from '#state-machines/body-events';
import { CHECKPOINT_SHAPES } from '#state-machines/checkpoint-events';
import { CLOCK_SHAPES } from '#state-machines/clock-events';
import * as recorded from '#state-machines/inspection-recommendation/v1/events';
import { report as recordedReport } from '#state-machines/inspection-recommendation/v1/record-fields';
import { PERSON_SHAPES } from '#state-machines/person-events';
import { ISSUE_SHAPES } from '#state-machines/issue-events';
import { REFUSAL_SHAPES } from '#state-machines/refusal-events';
import { asTold } from './answer-fields.ts';
import { schemasOf } from './field-schemas.ts';
import { ref } from './schema-forms.ts';
import type { Schema } from './schema-forms.ts';

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

export const anomaly = object(
  asTold({ ...recorded.anomaly, code: oneOf<string>(anomalyCodes.map(({ code }) => code)) }),
);
/** Where a register's file says otherwise than a record. */
export const difference = object(asTold(recorded.difference));
export const report = object(asTold(recordedReport));

const nameOf = (type: string): string => `${type}Data`;

/** A schema for the data of each type of event, and for what several of them hold. */
export const EVENT_DATA_SCHEMAS = schemasOf(
  Object.entries(SHAPES).map(([type, { members }]) => [nameOf(type), members]),
  'stored',
);

/** Which of them is the schema of an envelope's data: one of these, told apart by its type. */
export const DATA_BY_TYPE: Schema[] = EVENT_TYPES.map((type) => ({
  properties: { type: { type: 'string', enum: [type] }, data: ref(nameOf(type)) },
  required: ['type', 'data'],
}));
