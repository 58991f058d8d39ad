import { escapeToken } from '#event-sourcing/erasure';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** An object or array that is being read, and how far. */
interface Level {
  /** The names of an object's members so far; null for an array. */
  readonly names: Set<string> | null;
  /** What is being read of it: a member's name, or an item's index. */
  at: string | number;
}

/**
 * A pointer (RFC 6901) to the first member that an object of a JSON text names more than once; null where none does. Which of
 * them counts, the standard leaves open (RFC 8259, section 4), and `JSON.parse` takes the last without a word.
 * @param text that is valid JSON
 * @param value what was read from it
 */
export function repeatedMember(text: string, value: unknown): string | null {
  // Counting costs a fraction of reading, and nearly every text ends there.
  return colons(text) === members(value) ? null : firstRepeated(text);
}

/**
 * How many members a JSON text writes: outside of strings a colon stands for nothing else. Null where a name is written with
 * an escape: V8's parser (14.6) can take the name of one such character for another, so that two of one name count as two.
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

/** How many members a value has, however deep. */
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

/** The place of the quotation mark that ends the string which begins at another. */
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
