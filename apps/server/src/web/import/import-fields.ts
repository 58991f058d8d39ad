import { CORRECTS } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import type { Field } from '../forms/fields.ts';
import { PASTED_FIELD } from '../forms/record-source.ts';
import { RECORD_FIELD } from '../read-forms.ts';
import type { FormValues } from '../form-values.ts';

/** Where a register record comes from. */
export const SOURCE_FIELDS: readonly Field[] = [
  {
    kind: 'file',
    name: RECORD_FIELD,
    label: 'File of the record',
    missing: 'Choose a file, or paste the record',
    hint: 'Plain text, 512 KiB at most',
  },
  {
    kind: 'pasted',
    name: PASTED_FIELD,
    label: 'Or paste the record',
    missing: 'Choose a file, or paste the record',
  },
];

/** What can be said of every record. */
export const ABOUT_FIELDS: readonly Field[] = [
  {
    kind: 'line',
    name: 'id',
    label: 'Id',
    missing: 'Enter an id',
    hint: 'Where you enter none, it is the reference at the end of the title, else one made of title and text',
    width: 'half',
    isOptional: true,
  },
  {
    kind: 'body',
    name: 'recipient',
    label: 'Body',
    missing: 'Enter the short name of a body',
    hint: 'Its short name: small letters, digits and dashes, such as wiltshire. It can be named later.',
    isOptional: true,
  },
];

const ANYWAY: Field = {
  kind: 'yes',
  name: 'anyway',
  label: 'Import it all the same',
  missing: 'Tick it',
  hint: 'It does not look like a register record',
};

const CORRECTION: Field = {
  kind: 'text',
  name: 'corrects',
  label: 'Why the record is corrected',
  missing: 'Enter why the record is corrected',
  hint: 'The record takes over title, text and comments of this file; the reason is kept.',
  isOptional: true,
};

/** What is said of a record that is imported; more is asked only where it was refused without. */
export const aboutFields = (viewer: Viewer, values: FormValues, refusal: string | null): readonly Field[] => [
  ...ABOUT_FIELDS,
  ...(refusal === 'not-a-register-record' || values.has('anyway') ? [ANYWAY] : []),
  ...((refusal === 'history-differs' || values.text('corrects') !== '') &&
  CORRECTS.some((role) => viewer.roles.includes(role))
    ? [CORRECTION]
    : []),
];
