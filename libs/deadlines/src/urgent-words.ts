import { hereOnly, matchAt } from './calendar-words.ts';
import { dutyAround, sentenceAround } from './duty.ts';
import type { ProposalRule } from './found-deadline.ts';
import type { Finding, Judged, Search } from './judged.ts';
import { readUrgency, URGENT_WORDS } from './urgency.ts';

const JOINED = hereOnly('[,;]? ?(?:(?:and|but|or)(?:,? in any (?:event|case))?,? )?(?:at the latest,? )?');

/** Yields urgent words in sentences with a duty, except those directly before a deadline. */
export function* urgentWords({ text, publishedOn }: Search, found: readonly Finding[]): Generator<Judged> {
  const starts = new Set(found.map(({ from }) => from));
  for (const words of text.matchAll(URGENT_WORDS)) {
    const reading = readUrgency(text, words, publishedOn);
    if (reading?.rule == null) continue;
    const [from, to] = [words.index, reading.end];
    const joined = matchAt(JOINED, text, to)?.[0].length ?? 0;
    const isDue = !starts.has(to + joined) && isRequired(text, from, to, reading.rule);
    const due = { kind: 'proposed', suggestedOn: reading.by, rule: reading.rule } as const;
    yield { from, finding: isDue ? { from, to, due } : null };
  }
}

/**
 * Words before an urgent word that is not a request: "must be able to respond immediately" requires
 * readiness, and "after an urgent review" is an order of events.
 */
const NOT_ASKED =
  /(?<!\p{L})(?:(?:able|ready|prepared) to [^,;]*|(?:after|following|despite|since) (?:an? |the )?)$/iu;

/** The rules for repeated actions. "As soon as possible" applies to single actions, "promptly" also to repeated ones. */
const EACH_TIME: ReadonlySet<ProposalRule> = new Set(['immediately', 'without-delay']);

function isRequired(text: string, from: number, to: number, rule: ProposalRule): boolean {
  const sentence = sentenceAround(text, from, to);
  if (NOT_ASKED.test(sentence.before)) return false;
  const duty = dutyAround({
    ...sentence,
    when: 'relative',
    isLabelled: false,
    isLoose: false,
    isUrgent: true,
    // "At once" is common for cases of a service, "promptly" for any case.
    canRecur:
      EACH_TIME.has(rule) && (text.slice(from, to).toLowerCase() === 'promptly' ? 'of-all' : 'of-cases'),
  });
  return duty === 'due' || duty === 'unsaid';
}
