import type { Field } from '../forms/fields.ts';
import { unknownField } from '../forms/unknown-bodies.ts';
import type { UnknownBody } from '../forms/unknown-bodies.ts';

/** The fields of a recommendation that is issued, after `IssuePayload`. */
export const ISSUE_FIELDS: readonly Field[] = [
  { kind: 'line', name: 'title', label: 'Title', missing: 'Enter a title', width: 'full' },
  {
    kind: 'text',
    name: 'text',
    label: 'Text of the recommendation',
    missing: 'Enter the text of the recommendation',
    hint: 'Dates in the text become deadlines, or are proposed as such. You can look at them before you issue it.',
    rows: 12,
  },
  {
    kind: 'bodies',
    name: 'recipients',
    label: 'Bodies',
    missing: 'Enter at least one body',
    hint: 'The short name of each, one a line, such as avon-and-somerset. Each body gets a record of its own.',
  },
  {
    kind: 'line',
    name: 'report-name',
    label: 'Report',
    missing: 'Enter the name of the report',
    hint: 'The report that makes the recommendation',
    width: 'full',
  },
  {
    kind: 'date',
    name: 'report-publishedOn',
    label: 'When the report was published',
    missing: 'Enter when the report was published',
    hint: 'For example, 27 3 2026',
  },
  {
    kind: 'due-dates',
    name: 'deadlines',
    label: 'Deadlines',
    missing: 'Enter a date',
    hint: 'Besides those in the text. Leave empty what you do not need.',
    isOptional: true,
  },
  {
    kind: 'yes',
    name: 'responseRequired',
    label: 'Each body has to publish a response',
    missing: 'Tick it',
    isOptional: true,
  },
  {
    kind: 'date',
    name: 'responseDueOn',
    label: 'Response due',
    missing: 'Enter when the response is due',
    hint: 'If a response is required: 55 days after the publication where you enter nothing',
    isOptional: true,
  },
  {
    kind: 'line',
    name: 'id',
    label: 'Id',
    missing: 'Enter an id',
    hint: 'Letters, digits, dots, underscores and dashes. One is made where you enter none.',
    width: 'half',
    isOptional: true,
  },
];

/** The same, with what is asked of bodies that are not known right below them. */
export const issueFields = (unknown: readonly UnknownBody[]): readonly Field[] =>
  ISSUE_FIELDS.flatMap((field) =>
    field.kind === 'bodies' && unknown.length > 0 ? [field, unknownField(unknown)] : [field],
  );
