import type { SourceText } from './source-text.ts';
import { lineAt, oneLine, skipWhiteSpace, trimWhiteSpace } from './white-space.ts';

const referencePattern = /^(?=.*\d)[A-Za-z0-9._-]{1,64}$/;

/** Reports whether a value can be a reference: it has a digit and matches `[A-Za-z0-9._-]{1,64}`. */
export function isReference(value: string): boolean {
  return referencePattern.test(value);
}

/** The title line of a record. */
export interface TitleLine {
  title: string;
  reference: string | null;
  /** The start of the title. */
  offset: number;
  /** The end of its line, including the line end. */
  end: number;
}

/** Splits a title line without outer white space, such as `Regional Organised Crime Units (730)`, into title and reference. */
export function splitTitle(line: string): Pick<TitleLine, 'title' | 'reference'> {
  const found = splitBrackets(line);
  return found !== null && isReference(found.reference) ? found : { title: line, reference: null };
}

function splitBrackets(line: string): { title: string; reference: string } | null {
  const open = line.lastIndexOf('(');
  if (open === -1 || !line.endsWith(')')) return null;
  return { title: trimWhiteSpace(line, 0, open), reference: line.slice(open + 1, -1) };
}

// Only names used in references may precede a number or letter: neither "see page 12" nor "June 2016" is a reference. Each letter is listed
// in both cases: `(?i:…)` did not match capital letters in some processes under the pinned Node.
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
 * Returns the reference at the end of a title line, in any form that registers use: `730`, `12/2015`, `HMIC 12`, `Rec
 * 4.1`, `pgA`, `iv`. Null if there is none or the line has nothing else.
 */
export function titleReference(line: string): string | null {
  const found = splitBrackets(line);
  if (found === null || found.title === '') return null;
  const reference = oneLine(found.reference);
  return anyReference.test(reference) && !dayOrHours.test(reference) ? reference : null;
}

/** Returns the form of a reference: `A Y/0` for `HMIC 2015/3` and `AFI 2016/12`. */
export const referenceForm = (reference: string): string =>
  reference
    .replace(/[A-Za-z]+/g, 'A')
    .replace(/(?<!\d)(?:19|20)\d\d(?!\d)/g, 'Y')
    .replace(/\d+/g, '0');

/** Reports whether a reference can also be a year, period or day in a sentence. */
export function isTimeLike(reference: string): boolean {
  const [, year, next] = /^\d\d(\d\d)[/-](?:\d\d)?(\d\d)$/.exec(reference) ?? [];
  const isPeriod = next !== undefined && (Number(year) + 1) % 100 === Number(next);
  return isPeriod || /^(?:(?:.* )?Y|Y-0-0)$/.test(referenceForm(reference));
}

/** Parses the title: the first line before `to` that is not blank. */
export function readTitle({ text, start }: SourceText, to: number): TitleLine {
  const first = skipWhiteSpace(text, start, to);
  if (first === to) return { title: '', reference: null, offset: start, end: to };
  const { end, next } = lineAt(text, first, to);
  return { ...splitTitle(trimWhiteSpace(text, first, end)), offset: first, end: next };
}
