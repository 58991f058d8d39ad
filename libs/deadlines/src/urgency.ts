import { hereOnly, matchAt, WORD_END, WORD_START } from './calendar-words.ts';
import { dueOn, type CountingRule } from './counting-rule.ts';
import type { ProposalRule, Reading } from './found-deadline.ts';
import { publicationAt } from './read-duration.ts';

type UrgencyRule = Extract<
  ProposalRule,
  'immediately' | 'without-delay' | 'urgently' | 'as-soon-as-practicable'
>;

/** Nouns that make "urgent" a request. "Urgent care" is a service, and "urgent need" a state. */
const WORK =
  'action|steps?|measures|arrangements|review|advice|consideration|attention|inspections?|audit|assessments?|' +
  'investigation|repairs?|work|works|meeting|inquiry|discussions?|reform|training|improvements?|changes|checks?|remedy';

/** Excludes compounds: "an urgent action plan" is a plan. */
const NO_COMPOUND = '(?! (?:plan|notice|team|unit|order|letter|list|service|fund))';
/** Matches "urgent and effective", but not "urgent need to review", and no further than "urgent steps". */
const WITH = `(?:,? (?:and )?(?!(?:need|to|${WORK}) )[\\p{L}-]+){0,2}`;

/** Words of urgency without a date, and the suggested period from publication. */
const URGENCY: Readonly<Record<UrgencyRule, { words: string; counted: CountingRule }>> = {
  immediately: {
    words: `immediately|with immediate effect|immediate${WITH} (?:${WORK})${NO_COMPOUND}|straight ?away|forthwith|at once`,
    counted: { unit: 'days', count: 0, from: 'after' },
  },
  'without-delay': {
    words: `without (?:further |undue |any |any further )?delay|promptly|prompt${WITH} (?:${WORK})${NO_COMPOUND}`,
    counted: { unit: 'days', count: 14, from: 'after' },
  },
  urgently: {
    words: `urgently|as a matter of (?:the utmost )?urgency|urgent${WITH} (?:${WORK})${NO_COMPOUND}`,
    counted: { unit: 'days', count: 14, from: 'after' },
  },
  'as-soon-as-practicable': {
    words:
      'as (?:soon|quickly) as (?:(?:it )?is )?(?:reasonably )?(?:practicable|possible|practical)|' +
      'as (?:soon|quickly) as (?:it|they|he|she|you|we) (?:reasonably )?can|' +
      'at the earliest (?:possible |practicable )?opportunity',
    counted: { unit: 'days', count: 28, from: 'after' },
  },
};

const groupOf = (rule: string): string => rule.replaceAll('-', '_');

/** Matches words of urgency in a flat text. */
export const URGENT_WORDS = new RegExp(
  `(?<!\\bnot )${WORD_START}(?:${Object.entries(URGENCY)
    .map(([rule, { words }]) => `(?<${groupOf(rule)}>${words})`)
    .join('|')})${WORD_END}`,
  'giu',
);

/** "Immediately after arrest" is an order of events, and "immediately available" a state: neither is a deadline. */
const NO_DEADLINE = hereOnly(
  ' (?:before|prior|once|when|whenever|where|if(?! (?:\\S+ ){1,5}(?:is|are) to )|' +
    `\\p{L}+[ai]ble|adjacent|apparent|obvious|clear|evident|preceding|behind|next|below|above|beforehand|life|to hand)${WORD_END}`,
);
const EVENT =
  '(?:(?:the|a|an|their|his|her|its|any|first) )?(?:\\p{L}+ing|arrest|arrival|receipt|admission|request|reception|discharge|' +
  'completion|discovery|notification|detention|identification|entry|release|referral|transfer|diagnosis|contact|demand|return|' +
  'appointment|conviction|landing|impact|publication|issue)';
const AFTER = hereOnly(` (?:(?:after|following) |(?:on|upon) (?=${EVENT}${WORD_END}))`);

/** Returns the suggested day for words of urgency; null for an order of events. */
export function readUrgency(text: string, found: RegExpExecArray, publishedOn: string): Reading | null {
  const rule = (Object.keys(URGENCY) as UrgencyRule[]).find(
    (name) => found.groups?.[groupOf(name)] !== undefined,
  );
  if (rule === undefined) return null;
  const end = found.index + found[0].length;
  const after = matchAt(AFTER, text, end);
  const published = after === null ? null : publicationAt(text, end + after[0].length);
  if (after !== null && published === null) return null;
  if (matchAt(NO_DEADLINE, text, end) !== null) return null;
  const by = dueOn(URGENCY[rule].counted, publishedOn);
  return { end: published ?? end, by, before: by, until: by, rule };
}
