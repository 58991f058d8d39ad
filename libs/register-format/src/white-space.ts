/** Unicode White_Space as a regular expression class. `\s` differs: it lacks U+0085 and includes the BOM. */
export const WHITE_SPACE = '[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';

const whiteSpace = new RegExp(WHITE_SPACE);

function isWhiteSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return whiteSpace.test(String.fromCharCode(code));
}

/** Returns the first offset in `from..to` that is not white space; `to` if there is none. */
export function skipWhiteSpace(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isWhiteSpace(text.charCodeAt(at))) at += 1;
  return at;
}

/** Returns the end of `from..to` without its trailing white space. */
export function endWithoutSpace(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && isWhiteSpace(text.charCodeAt(end - 1))) end -= 1;
  return end;
}

/** Returns the part `from..to` without outer white space, with its line ends unchanged. */
export function trimWhiteSpace(text: string, from = 0, to = text.length): string {
  const start = skipWhiteSpace(text, from, to);
  return text.slice(start, endWithoutSpace(text, start, to));
}

/** Returns free text as records store and compare it: without outer white space, with each line end as `\n`. */
export function normaliseText(text: string): string {
  return trimWhiteSpace(text).replace(/\r\n?/g, '\n');
}

export interface Line {
  start: number;
  end: number;
  /** The start of the next line. */
  next: number;
}

const isLineEnd = (code: number): boolean => code === 0x0a || code === 0x0d;

/** Returns the line from an offset, up to its line end or `to`. Reads nothing behind them. */
export function lineAt(text: string, start: number, to: number): Line {
  let end = start;
  while (end < to && !isLineEnd(text.charCodeAt(end))) end += 1;
  if (end >= to) return { start, end: to, next: to };
  return { start, end, next: end + (text.startsWith('\r\n', end) ? 2 : 1) };
}

const whiteSpaceRun = new RegExp(`${WHITE_SPACE}+`, 'g');

/** Returns a short token on one line: without outer white space, with each run of white space as one space. */
export function oneLine(token: string): string {
  return trimWhiteSpace(token).replace(whiteSpaceRun, ' ');
}
