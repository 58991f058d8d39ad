import type { FormValues } from '../form-values.ts';
import { RECORD_FIELD } from '../read-forms.ts';

/** The hidden field with the bytes of a register record, kept between the steps of an import. */
export const RECORD_SOURCE = 'source';
export const PASTED_FIELD = 'pasted';

/** Returns whether the form has both a file and pasted text; one would be lost. */
export const hasTwoSources = (values: FormValues): boolean =>
  values.files.some(({ field }) => field === RECORD_FIELD) && values.text(PASTED_FIELD).trim() !== '';

/**
 * Returns the register record of a form: uploaded, pasted, or kept from the step before; null if there is
 * none.
 */
export function recordFrom(values: FormValues): Buffer | null {
  const file = values.files.find(({ field }) => field === RECORD_FIELD);
  if (file !== undefined) return file.bytes;
  const pasted = values.text(PASTED_FIELD);
  // Browsers send line ends as CRLF.
  if (pasted.trim() !== '') return Buffer.from(pasted.replaceAll('\r\n', '\n'));
  const kept = values.text(RECORD_SOURCE);
  return kept === '' ? null : Buffer.from(kept, 'base64url');
}
