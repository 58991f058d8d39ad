import type { Envelope } from '#event-sourcing/envelope';
import type { Folding } from '#event-sourcing/folding';
import type { Sources } from '../../capabilities/redaction.ts';

/** The fewest letters of a partial match that counts as a repetition. */
const PART_LETTERS_MIN = 20;

/**
 * Returns whether a source contains one of the texts, ignoring line breaks and spacing: as a whole entry, title or
 * text, or as a part of one if it is too long for a coincidence.
 */
function* containsText({ data: { source } }: Envelope, texts: readonly string[]): Folding<boolean> {
  if (typeof source !== 'string') return false;
  const bytes = Uint8Array.from(atob(source), (character) => character.charCodeAt(0));
  const { sourceLetters, bounds } = segments(new TextDecoder().decode(bytes));
  for (const [index, written] of texts.entries()) {
    const text = letters(written);
    if (text !== '' && isPartOf(text, sourceLetters, bounds)) return true;
    if (index % TEXTS_AT_ONCE === TEXTS_AT_ONCE - 1) yield;
  }
  return false;
}

/** The number of texts for which a source is searched before yielding; that takes some milliseconds. */
const TEXTS_AT_ONCE = 50;

function isPartOf(text: string, sourceLetters: string, bounds: ReadonlySet<number>): boolean {
  for (let at = sourceLetters.indexOf(text); at >= 0; at = sourceLetters.indexOf(text, at + 1)) {
    if (text.length >= PART_LETTERS_MIN) return true;
    if (bounds.has(at) && bounds.has(at + text.length)) return true;
  }
  return false;
}

/** Matches the boundaries of entries in a source, and of the title without its reference: tags and line ends. */
const BOUND = /\[\/?(?:on|status|comment)\]|\r\n?|\n|\([A-Za-z0-9._-]{1,64}\)[^\S\r\n]*(?=[\r\n]|$)/gi;

/** Returns the letters of a source, and the positions of the boundaries of its parts. */
function segments(source: string): { sourceLetters: string; bounds: ReadonlySet<number> } {
  const bounds = new Set([0]);
  const parts: string[] = [];
  let length = 0;
  let from = 0;
  const addPart = (to: number): void => {
    const part = letters(source.slice(from, to));
    parts.push(part);
    length += part.length;
    bounds.add(length);
  };
  for (const bound of source.matchAll(BOUND)) {
    addPart(bound.index);
    // The reference is a separate part, so that the title matches with and without it.
    from = bound[0].startsWith('(') ? bound.index : bound.index + bound[0].length;
  }
  addPart(source.length);
  return { sourceLetters: parts.join(''), bounds };
}

/** Returns a text without the characters that printing may change or trim. */
const letters = (text: string): string => text.replaceAll(/[\s\u0085\u200b\ufeff]+/g, '');

/** Imported files, which repeat the texts of the record. */
export const sources: Sources = {
  isSource: ({ type }) => type === 'RegisterRecordImported',
  containsAny: containsText,
};
