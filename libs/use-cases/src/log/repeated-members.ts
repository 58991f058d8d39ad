import { escapeToken } from '#event-sourcing/erasure';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** An object or array that is being read. */
interface Level {
  /** The names of an object's members so far; null for an array. */
  readonly names: Set<string> | null;
  /** The current member's name, or the current item's index. */
  at: string | number;
}

/**
 * Returns a pointer (RFC 6901) to the first member that an object of a JSON text names more than once; null if there is none. The standard
 * does not define which one applies (RFC 8259, section 4), and `JSON.parse` silently uses the last.
 * @param text valid JSON
 * @param value the parsed text
 */
export function repeatedMember(text: string, value: unknown): string | null {
  // Counting is much faster than scanning, and nearly every text ends here.
  return colons(text) === members(value) ? null : firstRepeated(text);
}

/**
 * Counts the members in a JSON text: outside strings, a colon always follows a member's name. Returns null if a name contains an escape:
 * V8's parser (14.6) can confuse the names of one such character, so that two equal names count as two.
 */
function colons(text: string): number | null {
  let count = 0;
  let string = 0;
  let escape = text.indexOf('\\');
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COLON) {
      if (escape >= 0 && escape < string) escape = text.indexOf('\\', string);
      if (escape >= 0 && escape < at) return null;
      count += 1;
    } else if (code === QUOTE) {
      string = at;
      at = endOfString(text, at);
    }
  }
  return count;
}

/** Counts the members of a value at all depths. */
function members(value: unknown): number {
  let count = 0;
  const open = [value];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    if (typeof each !== 'object' || each === null) continue;
    const inside: unknown[] = Object.values(each);
    if (!Array.isArray(each)) count += inside.length;
    for (const one of inside) if (typeof one === 'object') open.push(one);
  }
  return count;
}

/** Returns the index of a string's closing quotation mark. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 1) return end;
  }
}

function firstRepeated(text: string): string | null {
  const levels: Level[] = [];
  let string = '';
  for (let at = 0; at < text.length; at += 1) {
    const level = levels.at(-1);
    const char = text[at];
    if (char === '{') levels.push({ names: new Set(), at: '' });
    else if (char === '[') levels.push({ names: null, at: 0 });
    else if (char === '}' || char === ']') levels.pop();
    else if (char === ',' && typeof level?.at === 'number') level.at += 1;
    else if (char === '"') {
      const end = endOfString(text, at);
      string = text.slice(at, end + 1);
      at = end;
    } else if (char === ':' && level?.names) {
      level.at = JSON.parse(string) as string;
      if (level.names.has(level.at)) return pointerTo(levels);
      level.names.add(level.at);
    }
  }
  return null;
}

const pointerTo = (levels: readonly Level[]): string =>
  levels.map(({ at }) => `/${escapeToken(String(at))}`).join('');
