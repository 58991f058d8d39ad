import { CORRECTS } from '#use-cases/register-files/export-formats';
import { PROGRAM_HINTS } from '#use-cases/register-files/plan-import';
import type { Viewer } from '#state-machines/access';
import type { Field } from '../forms/fields.ts';
import { forPeople } from '../forms/for-people.ts';
import { PASTED_FIELD } from '../forms/record-source.ts';
import { RECORD_FIELD, REGISTER_FILE_BYTES_MAX } from '../read-forms.ts';
import type { FormValues } from '../form-values.ts';

/** Longer files would make the page unreadable. */
export const PAGE_RECORDS_MAX = 500;

export const SOURCE_FIELDS: readonly Field[] = [
  {
    kind: 'file',
    name: RECORD_FIELD,
    label: 'Register file',
    missing: 'Choose a file, or paste the record',
    hint: `Plain text with one or more records, up to ${REGISTER_FILE_BYTES_MAX / 1024 / 1024} MB and ${PAGE_RECORDS_MAX} records`,
  },
  {
    kind: 'pasted',
    name: PASTED_FIELD,
    label: 'Or paste the record',
    missing: 'Choose a file, or paste the record',
  },
];

export const ABOUT_FIELDS: readonly Field[] = [
  {
    kind: 'line',
    name: 'id',
    label: 'Reference',
    missing: 'Enter a reference',
    hint: 'If you leave this empty, Docket uses the reference at the end of the title, or generates one from the title and text',
    width: 'half',
    isOptional: true,
  },
  {
    kind: 'body',
    name: 'recipient',
    label: 'Body',
    missing: 'Enter the name of a body',
    hint: 'Its name or short name, such as wiltshire. You can set it later.',
    isOptional: true,
  },
];

const ANYWAY: Field = {
  kind: 'yes',
  name: 'anyway',
  label: 'Import it anyway',
  missing: 'Confirm that you want to import it',
  hint: 'The text does not look like a register record',
};

const CORRECTION: Field = {
  kind: 'text',
  name: 'corrects',
  label: 'Reason for the correction',
  missing: 'Enter a reason for the correction',
  hint: 'The title, text and comments in this file replace those in the record. The reason is recorded.',
  isOptional: true,
};

/**
 * Returns the fields about an import. Override fields appear only after the matching refusal.
 * @param refusals the codes of the refusals.
 */
export const aboutFields = (
  viewer: Viewer,
  values: FormValues,
  refusals: readonly string[],
  isSeveral = false,
): readonly Field[] => [
  ...ABOUT_FIELDS.filter(({ name }) => !isSeveral || name !== 'id'),
  ...(refusals.includes('not-a-register-record') || values.has('anyway') ? [ANYWAY] : []),
  ...((refusals.includes('history-differs') || values.text('corrects') !== '') &&
  CORRECTS.some((role) => viewer.roles.includes(role))
    ? [CORRECTION]
    : []),
];

/** Returns a refusal's message without the hints for programs. */
export const detailForPage = (detail: string): string =>
  forPeople(Object.values(PROGRAM_HINTS).reduce((words, hint) => words.replaceAll(hint, ''), detail));
