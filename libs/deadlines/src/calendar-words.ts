/** Patterns, without groups, for the words of calendars. Use them case-insensitively. */
export const MONTH =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|' +
  'sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
export const WEEKDAY = '(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?';
/** A year on its own: not any four digits. */
export const YEAR = '(?:(?:19|20|21)\\d{2})';
/** The end of a word or number. */
export const WORD_END = '(?![\\p{L}\\p{N}])';
export const WORD_START = '(?<![\\p{L}\\p{N}_-])';

const MONTH_STARTS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Returns 1 to 12 for a match of MONTH. */
export const monthNumber = (name: string): number => MONTH_STARTS.indexOf(name.slice(0, 3).toLowerCase()) + 1;

const ONES = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const TEENS = 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** A number of at most four digits, or in words below a hundred. "A" and "an" mean one. */
export const NUMBER =
  `(?:\\d{1,4}(?!\\d)|(?:(?:${TENS.join('|')})(?:[- ](?:${ONES.join('|')}))?|` +
  `${TEENS.join('|')}|${ONES.join('|')}|several|an? (?:few|couple of|dozen)|an?)${WORD_END})`;

/** Returns the value of a match of NUMBER. */
export function numberOf(written: string): number {
  if (/^\d/.test(written)) return Number(written);
  const [first = '', second] = written.toLowerCase().split(/[- ]/);
  if (second !== undefined) return (TENS.indexOf(first) + 2) * 10 + ONES.indexOf(second) + 1;
  if (TENS.includes(first)) return (TENS.indexOf(first) + 2) * 10;
  if (TEENS.includes(first)) return TEENS.indexOf(first) + 10;
  return Math.max(ONES.indexOf(first), 0) + 1;
}

/** Returns a pattern that matches only at `lastIndex`. */
export const hereOnly = (pattern: string): RegExp => new RegExp(pattern, 'iuy');

/** Returns the match of a pattern at a place; null if there is none. */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
