import type { RecordKind } from '#lifecycle/kind';
import { lifecycles } from '#state-machines/lifecycles';
import type { Field } from '../forms/fields.ts';
import { fieldsOf } from '../forms/member-fields.ts';
import { canBeUsed, unknownField } from '../forms/unknown-bodies.ts';
import type { UnknownBody } from '../forms/unknown-bodies.ts';

const ROWS = 12;

/** Returns the fields to issue records, with the confirmation of unknown bodies below the bodies. */
export const issueFields = ({ name }: RecordKind, unknown: readonly UnknownBody[] = []): readonly Field[] =>
  fieldsOf(lifecycles.current(name).issue.payload.members, { lifecycle: null }).flatMap((field) => {
    if (field.kind === 'text') return [{ ...field, rows: ROWS }];
    return field.kind === 'bodies' && canBeUsed(unknown) ? [field, unknownField(unknown)] : [field];
  });
