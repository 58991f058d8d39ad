import { IssuePayload } from '#state-machines/inspection-recommendation/v1/payloads';
import type { Field } from '../forms/fields.ts';
import { fieldsOf } from '../forms/member-fields.ts';
import { unknownField } from '../forms/unknown-bodies.ts';
import type { UnknownBody } from '../forms/unknown-bodies.ts';

/** The fields of a recommendation that is issued. */
export const ISSUE_FIELDS: readonly Field[] = fieldsOf(IssuePayload.members, {
  text: { rows: 12 },
  deadlines: { kind: 'due-dates' },
  lifecycle: null,
});

/** The same, with what is asked of bodies that are not known right below them. */
export const issueFields = (unknown: readonly UnknownBody[]): readonly Field[] =>
  ISSUE_FIELDS.flatMap((field) =>
    field.kind === 'bodies' && unknown.length > 0 ? [field, unknownField(unknown)] : [field],
  );
