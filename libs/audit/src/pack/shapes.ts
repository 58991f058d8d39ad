import type { JsonValue } from '#event-sourcing/envelope';
import { isObject, isText } from './strict-text.ts';

export type Check = (value: JsonValue | undefined) => boolean;
type Members = Readonly<Record<string, Check>>;

export const matches =
  (form: RegExp): Check =>
  (value) =>
    isText(value) && form.test(value);
export const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
export const either =
  (one: Check, other: Check): Check =>
  (value) =>
    one(value) || other(value);
export const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
export const mapOf =
  (key: RegExp, check: Check): Check =>
  (value) =>
    isObject(value) && Object.entries(value).every(([name, member]) => key.test(name) && check(member));
export const isWhole: Check = (value) => Number.isSafeInteger(value);
export const isCount: Check = (value) => isWhole(value) && Number(value) >= 1;
export const isHash = matches(/^[0-9a-f]{64}$/);

/** Returns the name of a missing, invalid or unknown member; null if there is none. */
export function unfit(value: JsonValue, members: Members, optional: Members = {}): string | null {
  if (!isObject(value)) return '';
  const missing = Object.keys(members).find((name) => !Object.hasOwn(value, name));
  const checks = new Map([...Object.entries(members), ...Object.entries(optional)]);
  return missing ?? Object.keys(value).find((name) => checks.get(name)?.(value[name]) !== true) ?? null;
}

/** Returns a check for objects with these members and optional ones, but no others. */
export const has =
  (members: Members, optional: Members = {}): Check =>
  (value) =>
    value !== undefined && unfit(value, members, optional) === null;
