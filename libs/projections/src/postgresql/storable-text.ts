/*
 * PostgreSQL stores every character except U+0000. This one and U+0001 are each written as two characters, so that
 * texts are read back unchanged, with the same order and equality.
 */
const NUL = '\x01\x01';
const ONE = '\x01\x02';

/** Returns a text, or the texts of a list, in the form in which they are stored; any other value unchanged. */
export function toStorable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\x01', ONE).replaceAll('\0', NUL);
  return Array.isArray(value) ? value.map(toStorable) : value;
}

/** Returns a stored text in its original form; any other value unchanged. */
export function fromStorable(value: unknown): unknown {
  if (typeof value !== 'string' || !value.includes('\x01')) return value;
  return value.replaceAll(NUL, '\0').replaceAll(ONE, '\x01');
}
