/*
 * PostgreSQL stores every character but U+0000. It and U+0001 are written as two characters each, so that every text
 * comes back as it was, and texts are in the same order, and equal to the same, as elsewhere.
 */
const NUL = '\x01\x01';
const ONE = '\x01\x02';

/** A text, or the texts of a list, as they can be stored; anything else as it is. */
export function toStorable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\x01', ONE).replaceAll('\0', NUL);
  return Array.isArray(value) ? value.map(toStorable) : value;
}

/** A stored text as it was; anything else as it is. */
export function fromStorable(value: unknown): unknown {
  if (typeof value !== 'string' || !value.includes('\x01')) return value;
  return value.replaceAll(NUL, '\0').replaceAll(ONE, '\x01');
}
