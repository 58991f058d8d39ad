import { hereOnly, matchAt } from './calendar-words.ts';
import { dutyAround, sentenceAround } from './duty.ts';
import type { ProposalRule } from './found-deadline.ts';
import type { Finding, Judged, Search } from './judged.ts';
import { readUrgency, URGENT_WORDS } from './urgency.ts';

const JOINED = hereOnly('[,;]? ?(?:(?:and|but|or)(?:,? in any (?:event|case))?,? )?(?:at the latest,? )?');

/** Urgent words in sentences that set a duty; not those that a deadline follows at once: that one says when. */
export function* urgentWords({ text, publishedOn }: Search, found: readonly Finding[]): Generator<Judged> {
  const starts = new Set(found.map(({ from }) => from));
  for (const words of text.matchAll(URGENT_WORDS)) {
    const reading = readUrgency(text, words, publishedOn);
    if (reading?.rule == null) continue;
    const [from, to] = [words.index, reading.end];
    const joined = matchAt(JOINED, text, to)?.[0].length ?? 0;
    const isDue = !starts.has(to + joined) && isAsked(text, from, to, reading.rule);
    const due = { kind: 'proposed', suggestedOn: reading.by, rule: reading.rule } as const;
    yield { from, finding: isDue ? { from, to, due } : null };
  }
}

/** "Must be able to respond immediately" asks for what is ready, and "after an urgent review" says when. */
const NOT_ASKED =
  /(?<!\p{L})(?:(?:able|ready|prepared) to [^,;]*|(?:after|following|despite|since) (?:an? |the )?)$/iu;

/** "As soon as possible" is said of what is done once; "promptly" of what is done each time as well. */
const EACH_TIME: ReadonlySet<ProposalRule> = new Set(['immediately', 'without-delay']);

function isAsked(text: string, from: number, to: number, rule: ProposalRule): boolean {
  const sentence = sentenceAround(text, from, to);
  if (NOT_ASKED.test(sentence.before)) return false;
  const duty = dutyAround({
    ...sentence,
    when: 'relative',
    isLabelled: false,
    isLoose: false,
    isUrgent: true,
    // "At once" is said of cells, and "promptly" of whatever comes.
    canRecur:
      EACH_TIME.has(rule) && (text.slice(from, to).toLowerCase() === 'promptly' ? 'of-all' : 'of-cases'),
  });
  return duty === 'due' || duty === 'unsaid';
}
