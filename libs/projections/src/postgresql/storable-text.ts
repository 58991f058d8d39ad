/**
 * PostgreSQL stores every character but U+0000. It and U+0001 are written as two characters each, so that every text
 * comes back as it was, and texts are in the same order, and equal to the same, as elsewhere.
 */
const UNSTORABLE = /[\0\x01]/g;
const WRITTEN = /\x01[\x01\x02]/g;

/** A text, or the texts of a list, as they can be stored; anything else as it is. */
export function toStorable(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(UNSTORABLE, written);
  return Array.isArray(value) ? value.map(toStorable) : value;
}

/** A stored text as it was; anything else as it is. */
export const fromStorable = (value: unknown): unknown =>
  typeof value === 'string' && value.includes('\x01') ? value.replace(WRITTEN, read) : value;

const written = (character: string): string => (character === '\0' ? '\x01\x01' : '\x01\x02');

const read = (characters: string): string => (characters === '\x01\x01' ? '\0' : '\x01');
