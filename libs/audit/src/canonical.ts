import type { JsonValue } from '#event-sourcing/envelope';

/** Members to leave out, as a tree: a name's branch is null where the member itself is left out. */
export type Omitted = ReadonlyMap<string, Omitted | null>;

/** The members at the ends of paths, as `canonicalJson` leaves them out. */
export function omittedTree(paths: Iterable<readonly string[]>): Omitted {
  const root = new Map<string, Omitted | null>();
  for (const path of paths) {
    let branch: Map<string, Omitted | null> | null = root;
    for (const [depth, token] of path.entries()) {
      const next = branch.get(token);
      // What is left out as a whole has nothing more to leave out.
      if (next === null) break;
      if (depth === path.length - 1) branch.set(token, null);
      else if (next === undefined) branch.set(token, (branch = new Map()));
      else branch = next as Map<string, Omitted | null>;
    }
  }
  return root;
}

/**
 * Canonical JSON (RFC 8785). Written here because sealing and verifying are on the hot path, where this takes half the time of
 * `canonicalize`; a property test holds the two equal, and what does not verify by this is judged by `canonicalize`.
 * @param isUnescaped that the value was read from JSON without a backslash, so that all its texts are written as they are.
 * @throws TypeError on what JSON cannot carry: a lone surrogate, NaN, an infinity.
 */
export function canonicalJson(value: JsonValue, omitted?: Omitted, isUnescaped = false): string {
  if (typeof value === 'string') return isUnescaped ? `"${value}"` : quote(value);
  if (typeof value !== 'object' || value === null) return scalar(value);
  if (Array.isArray(value)) return canonicalArray(value, omitted, isUnescaped);
  const object = value as Readonly<Record<string, JsonValue | undefined>>;
  let text = '{';
  for (const key of inOrder(Object.keys(object))) {
    const member = object[key];
    const branch = omitted?.get(key);
    if (member === undefined || branch === null) continue;
    const { first, next, firstQuoted, nextQuoted } = namesOf(key);
    const isFirst = text.length === 1;
    // Texts are put together of as few pieces as can be: each costs memory, and time when it is hashed.
    if (typeof member === 'string' && (isUnescaped || isPlain(member)))
      text += (isFirst ? firstQuoted : nextQuoted) + member + '"';
    else text += (isFirst ? first : next) + canonicalJson(member, branch, isUnescaped);
  }
  return text + '}';
}

/** More names than this take longer in the short way. */
const FEW = 32;
/** So many names only an envelope has, and most envelopes have the same in the same order. */
const OF_AN_ENVELOPE = 12;
/** A cache of one list of names: their order follows from them alone. */
let lastNames: readonly string[] = [];
let lastInOrder: readonly string[] = [];

/** Sorts names by UTF-16 code unit, which is the order RFC 8785 asks for: few, and nearly in order, they take less time so than with sort(). */
function inOrder(names: string[]): readonly string[] {
  if (names.length < OF_AN_ENVELOPE) return inserted(names);
  if (!isSame(names, lastNames)) {
    lastNames = names;
    lastInOrder = names.length > FEW ? names.toSorted() : inserted([...names]);
  }
  return lastInOrder;
}

function isSame(names: readonly string[], others: readonly string[]): boolean {
  if (names.length !== others.length) return false;
  for (let index = 0; index < names.length; index++) if (names[index] !== others[index]) return false;
  return true;
}

function inserted(names: string[]): string[] {
  for (let index = 1; index < names.length; index++) {
    const name = names[index] as string;
    let place = index;
    while (place > 0 && (names[place - 1] as string) > name) {
      names[place] = names[place - 1] as string;
      place--;
    }
    names[place] = name;
  }
  return names;
}

/** What stands before a member's value: for the first member and the next ones, and with the quote of a text behind it. */
interface NameTexts {
  readonly first: string;
  readonly next: string;
  readonly firstQuoted: string;
  readonly nextQuoted: string;
}

/** A cache: nearly all names of members are some dozens, which are quoted once; no more are kept than the limit says. */
const nameTexts = new Map<string, NameTexts>();
const NAMES_KEPT = 1_000;
const NAME_LENGTH_KEPT = 64;

function namesOf(name: string): NameTexts {
  const known = nameTexts.get(name);
  if (known !== undefined) return known;
  const first = `${quote(name)}:`;
  const texts = { first, next: `,${first}`, firstQuoted: `${first}"`, nextQuoted: `,${first}"` };
  if (nameTexts.size < NAMES_KEPT && name.length <= NAME_LENGTH_KEPT) nameTexts.set(name, texts);
  return texts;
}

function canonicalArray(
  items: readonly JsonValue[],
  omitted: Omitted | undefined,
  isUnescaped: boolean,
): string {
  let text = '[';
  for (let index = 0; index < items.length; index++) {
    const branch = omitted?.get(String(index)) ?? undefined;
    text += (index === 0 ? '' : ',') + canonicalJson(items[index] ?? null, branch, isUnescaped);
  }
  return text + ']';
}

const PLAIN = /^[ !#-[\]-~]*$/;

/** Most texts are short names, ids and hashes, which are quoted by hand in half the time of JSON.stringify. */
const isPlain = (text: string): boolean => text.length <= 64 && PLAIN.test(text);

/** A string as canonical JSON. */
export function quote(text: string): string {
  if (isPlain(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('a text with a lone surrogate has no canonical JSON');
  return JSON.stringify(text);
}

const DEPTH_MAX = 32;

/**
 * Refuses what not every reader of JSON reads alike, and so no event may say: numbers that are rounded, and nesting without end.
 * @param depth how many objects and lists the value stands in, itself counted.
 * @throws TypeError
 */
export function refuseInexact(value: JsonValue, depth: number): void {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new TypeError('has a number that is not whole, or too large to be exact');
  if (typeof value !== 'object' || value === null) return;
  if (depth > DEPTH_MAX)
    throw new TypeError(`has more than ${DEPTH_MAX} objects and lists within each other`);
  for (const member of Object.values<JsonValue>(value)) refuseInexact(member, depth + 1);
}

function scalar(value: null | boolean | number): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError(`${value} has no canonical JSON`);
  }
  // As JSON.stringify writes them, in a third of the time.
  return String(value);
}
