import { escapeToken } from '#event-sourcing/erasure';

const BACKSLASH = 0x5c;

/** An object or array that is being read. */
interface Level {
  /** The names of an object's members so far; null for an array. */
  readonly names: Set<string> | null;
  /** The current member's name, or the current item's index. */
  at: string | number;
}

/** Returns the index of a string's closing quotation mark. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 1) return end;
  }
}

/**
 * Returns a pointer (RFC 6901) to the first member that an object of a JSON text names more than once; null if there is none. The standard
 * does not define which one applies (RFC 8259, section 4), and `JSON.parse` silently uses the last.
 * @param text valid JSON
 */
export function repeatedMember(text: string): string | null {
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
