import { isRegisterStatus } from './statuses.ts';

/** The problems that a register record can have, in the order of the documentation. */
export const anomalyCodes = [
  {
    code: 'missing-opening-tag',
    when: 'an opening tag is missing',
  },
  { code: 'unclosed-tag', when: 'a closing tag is missing' },
  { code: 'unknown-status', when: 'a status is not one of the four known ones' },
  { code: 'invalid-date', when: 'a date does not exist, or is missing' },
  { code: 'future-date', when: 'a date is after the day of the import' },
  { code: 'date-order', when: 'an entry is earlier than the one before it in the file' },
  { code: 'repeated-status', when: 'a status repeats the one before it' },
  { code: 'same-day-status', when: 'two different statuses have the same date' },
  { code: 'backward-status', when: 'being-progressed goes back to awaiting-review' },
  { code: 'status-after-closure', when: 'a status follows the closing status' },
  { code: 'comment-after-closure', when: 'a comment is dated after the closure' },
  { code: 'empty-comment', when: 'a comment is blank' },
  { code: 'no-history', when: 'the file has no entries' },
  { code: 'no-reference', when: 'the title does not end in a reference' },
  { code: 'stray-text', when: 'there is misplaced text between, inside or after blocks' },
  { code: 'untagged-history', when: 'dates and statuses are plain lines in a file without tags' },
  { code: 'invalid-utf8', when: 'bytes are not valid UTF-8' },
] as const;

export type AnomalyCode = (typeof anomalyCodes)[number]['code'];

/** A place in the source. Line and column start at 1; the column is in UTF-16 code units, without a BOM. */
export interface Position {
  line: number;
  column: number;
}

/**
 * A problem in a record, at the token with the problem. `detail` quotes at most a date, a status or a tag,
 * because it is not erased by a redaction. It never contains free text.
 */
export interface Anomaly extends Position {
  code: AnomalyCode;
  detail: string;
}

/** An anomaly by its offset in the decoded text. */
export interface Finding {
  code: AnomalyCode;
  offset: number;
  detail: string;
}

/** The maximum number of a record's anomalies that are stored. Of the others, only their number is stored. */
const ANOMALIES_MAX = 200;

/**
 * Selects the first anomaly of each code, then the first of all, in order of place.
 * @returns at most {@link ANOMALIES_MAX}, and the number of others.
 */
export function keepFindings(findings: readonly Finding[]): { kept: Finding[]; more: number } {
  const placed = findings.toSorted((a, b) => a.offset - b.offset);
  if (placed.length <= ANOMALIES_MAX) return { kept: placed, more: 0 };
  const codes = new Set<AnomalyCode>();
  const firsts = placed.filter(({ code }) => codes.size < codes.add(code).size);
  const chosen = new Set(firsts);
  for (const finding of placed) {
    if (chosen.size === ANOMALIES_MAX) break;
    chosen.add(finding);
  }
  return { kept: placed.filter((finding) => chosen.has(finding)), more: placed.length - chosen.size };
}

/** Returns a status for a detail. Quotes only the four known statuses, because any other text could be misplaced free text. */
export function quoteStatus(status: string): string {
  if (status === '') return 'an empty status';
  return isRegisterStatus(status) ? `"${status}"` : `a status of ${status.length} characters`;
}
