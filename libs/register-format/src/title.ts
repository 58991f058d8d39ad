import type { SourceText } from './source-text.ts';
import { lineAt, oneLine, skipWhiteSpace, trimmed } from './white-space.ts';

const referencePattern = /^(?=.*\d)[A-Za-z0-9._-]{1,64}$/;

/** Whether a value can be a reference: it has a digit and matches `[A-Za-z0-9._-]{1,64}`. */
export function isReference(value: string): boolean {
  return referencePattern.test(value);
}

/** The title line of a record. */
export interface TitleLine {
  title: string;
  reference: string | null;
  /** Where the title starts. */
  offset: number;
  /** Where its line ends, line end included. */
  end: number;
}

/** A title line without outer white space, taken apart: `Regional Organised Crime Units (730)`. */
export function splitTitle(line: string): Pick<TitleLine, 'title' | 'reference'> {
  const found = splitBrackets(line);
  return found !== null && isReference(found.reference) ? found : { title: line, reference: null };
}

function splitBrackets(line: string): { title: string; reference: string } | null {
  const open = line.lastIndexOf('(');
  if (open === -1 || !line.endsWith(')')) return null;
  return { title: trimmed(line, 0, open), reference: line.slice(open + 1, -1) };
}

// Only names that references have stand before a number or letter: neither "see page 12" nor "June 2016" is a reference.
// Each letter of either case is written out: `(?i:…)` missed capital letters in some processes, under the Node that is pinned.
const NAME =
  '(?:[Rr]ec(?:ommendation)?|[Rr]ef(?:erence)?|[Nn]o|[Nn]umber|[Aa]rea for [Ii]mprovement|[Cc]ause of [Cc]oncern|[A-Z]{2,})\\.? ';
const NUMBER = '(?=[^ ]*\\d)[A-Za-z0-9._/#-]{1,64}';
const ROMAN = '(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})';
const LETTER = '[a-z]{0,4}[A-Z]';
const anyReference = new RegExp(
  `^(?:${NAME}){0,3}(?:${NUMBER}|(?=[A-Z])${ROMAN}|(?=[a-z])${ROMAN.toLowerCase()}|${LETTER})$`,
);
const dayOrHours = /^(?:\d\d?[./]\d\d?[./](?:19|20)\d\d|24\/7)$/;

/**
 * The reference in which a title line ends, in any form that registers have: `730`, `12/2015`, `HMIC 12`, `Rec 4.1`, `pgA`, `iv`.
 * Null where the line ends in none or is nothing else.
 */
export function titleReference(line: string): string | null {
  const found = splitBrackets(line);
  if (found === null || found.title === '') return null;
  const reference = oneLine(found.reference);
  return anyReference.test(reference) && !dayOrHours.test(reference) ? reference : null;
}

/** What references of one form have in common: `A Y/0` of `HMIC 2015/3` and `AFI 2016/12`. */
export const referenceForm = (reference: string): string =>
  reference
    .replace(/[A-Za-z]+/g, 'A')
    .replace(/(?<!\d)(?:19|20)\d\d(?!\d)/g, 'Y')
    .replace(/\d+/g, '0');

/** Whether a reference can as well be the year, period or day of what a sentence names. */
export function isTimeLike(reference: string): boolean {
  const [, year, next] = /^\d\d(\d\d)[/-](?:\d\d)?(\d\d)$/.exec(reference) ?? [];
  const isPeriod = next !== undefined && (Number(year) + 1) % 100 === Number(next);
  return isPeriod || /^(?:(?:.* )?Y|Y-0-0)$/.test(referenceForm(reference));
}

/** Reads the title: the first line before `to` that holds more than white space. */
export function readTitle({ text, start }: SourceText, to: number): TitleLine {
  const first = skipWhiteSpace(text, start, to);
  if (first === to) return { title: '', reference: null, offset: start, end: to };
  const { end, next } = lineAt(text, first, to);
  return { ...splitTitle(trimmed(text, first, end)), offset: first, end: next };
}
