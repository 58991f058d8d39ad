import type { Envelope } from '#event-sourcing/envelope';
import type { Folding } from '#event-sourcing/folding';
import type { Sources } from '../../capabilities/redaction.ts';

/** From how many letters on a text that stands in a source as a part of it is taken for the same. */
const PART_LETTERS_MIN = 20;

/**
 * Whether a source says one of the texts, however its lines are broken and its words set apart: as a whole entry, title or
 * text, or, where it is long enough to be no coincidence, as a part of one.
 */
function* standsIn({ data: { source } }: Envelope, texts: readonly string[]): Folding<boolean> {
  if (typeof source !== 'string') return false;
  const bytes = Uint8Array.from(atob(source), (character) => character.charCodeAt(0));
  const { said, bounds } = segments(new TextDecoder().decode(bytes));
  for (const [index, written] of texts.entries()) {
    const text = letters(written);
    if (text !== '' && isSaid(text, said, bounds)) return true;
    if (index % TEXTS_AT_ONCE === TEXTS_AT_ONCE - 1) yield;
  }
  return false;
}

/** A source is looked through for so many in some milliseconds. */
const TEXTS_AT_ONCE = 50;

function isSaid(text: string, said: string, bounds: ReadonlySet<number>): boolean {
  for (let at = said.indexOf(text); at >= 0; at = said.indexOf(text, at + 1)) {
    if (text.length >= PART_LETTERS_MIN) return true;
    if (bounds.has(at) && bounds.has(at + text.length)) return true;
  }
  return false;
}

/** Where an entry, or the title without its reference, begins or ends in a source: at a tag, and at the end of a line. */
const BOUND = /\[\/?(?:on|status|comment)\]|\r\n?|\n|\([A-Za-z0-9._-]{1,64}\)[^\S\r\n]*(?=[\r\n]|$)/gi;

/** A source's letters, and at which of them its parts begin and end. */
function segments(source: string): { said: string; bounds: ReadonlySet<number> } {
  const bounds = new Set([0]);
  const parts: string[] = [];
  let length = 0;
  let from = 0;
  const take = (to: number): void => {
    const part = letters(source.slice(from, to));
    parts.push(part);
    length += part.length;
    bounds.add(length);
  };
  for (const bound of source.matchAll(BOUND)) {
    take(bound.index);
    // A reference is a part of its own, so that a title with it is a whole as well.
    from = bound[0].startsWith('(') ? bound.index : bound.index + bound[0].length;
  }
  take(source.length);
  return { said: parts.join(''), bounds };
}

/** What a printer may set apart or trim is left out: it is the rest that says something. */
const letters = (text: string): string => text.replaceAll(/[\s\u0085\u200b\ufeff]+/g, '');

/** The imported files: each is the text again. */
export const sources: Sources = {
  isSource: ({ type }) => type === 'RegisterRecordImported',
  says: standsIn,
};
