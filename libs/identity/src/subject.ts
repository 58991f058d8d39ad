import { PERSON_SUBJECT } from '#lifecycle/text-rules';

/**
 * Returns a person's subject as it is recorded and compared, in Unicode's form NFC; null if it could be mistaken for
 * another one.
 */
export function subjectOf(claimed: string): string | null {
  const subject = claimed.normalize('NFC');
  return PERSON_SUBJECT.test(subject) ? subject : null;
}
