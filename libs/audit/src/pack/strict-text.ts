import type { JsonObject, JsonValue } from '#event-sourcing/envelope';
import { canonicalJson, refuseInexact } from '../canonical.ts';

/** Decodes UTF-8. @throws TypeError if the bytes are not UTF-8. */
export function readText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new TypeError('is not UTF-8', { cause: error });
  }
}

/** The maximum size of a JSON file in bytes. Parsing one of this size uses some hundreds of megabytes. */
const JSON_BYTES_MAX = 8 * 1024 ** 2;

/**
 * Returns the value of a JSON file whose bytes are its canonical JSON.
 * @throws TypeError that describes the difference.
 */
export function readStrictJson(bytes: Uint8Array): JsonValue {
  if (bytes.length > JSON_BYTES_MAX) throw new TypeError(`is larger than ${JSON_BYTES_MAX} bytes`);
  const text = readText(bytes);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new TypeError('is not JSON', { cause: error });
  }
  refuseInexact(value, 1);
  if (canonicalJson(value) !== text) throw new TypeError('is not canonical JSON');
  return value;
}

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isText = (value: JsonValue | undefined): value is string => typeof value === 'string';

export const isTexts = (value: JsonValue | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** Returns a text as a JSON string for display, truncated if it is long. */
export const quoteTruncated = (text: string): string =>
  JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
