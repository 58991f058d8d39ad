import type { FormValues } from '../form-values.ts';
import { RECORD_FIELD } from '../read-forms.ts';

/** The field that holds a register record's bytes from one step of its import to the next. */
export const RECORD_SOURCE = 'source';
/** The field that a register record is pasted into. */
export const PASTED_FIELD = 'pasted';

/** Whether a form has both a file and pasted text, of which one would be lost. */
export const hasTwoSources = (values: FormValues): boolean =>
  values.files.some(({ field }) => field === RECORD_FIELD) && values.text(PASTED_FIELD).trim() !== '';

/** The register record that came with a form: as a file, pasted, or held since the step before; null without any. */
export function recordFrom(values: FormValues): Buffer | null {
  const file = values.files.find(({ field }) => field === RECORD_FIELD);
  if (file !== undefined) return file.bytes;
  const pasted = values.text(PASTED_FIELD);
  // A browser sends each end of a line as CRLF, whatever was pasted.
  if (pasted.trim() !== '') return Buffer.from(pasted.replaceAll('\r\n', '\n'));
  const held = values.text(RECORD_SOURCE);
  return held === '' ? null : Buffer.from(held, 'base64url');
}
