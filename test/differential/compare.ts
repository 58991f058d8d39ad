import { diffArrays } from 'diff';
import type { Answer } from './build.ts';

/** A difference between two responses; `before` and `after` are examples. */
interface Difference {
  readonly pointer: string;
  readonly kind: string;
  readonly before: string;
  readonly after: string;
}

/** Matches values that each run generates: ids, digests, salts, sealed values, cursors. */
const MADE_UP =
  /(?<=docket-session=|— docket\.example )[\w+/.=-]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32,}\b|\b[0-9a-f]{8,}(?=…)|[\w+/]{43}=|(?<![\w-])(?![a-z]+-[0-9a-f]{8}-)(?:(?<!\/)\w[\w+/-]{42,}={0,2}|[\w-]{16,})/g;
const isMadeUp = (text: string): boolean =>
  /^[0-9a-f-]{8,}$/.test(text) ||
  (/[a-z]/.test(text) &&
    /[A-Z]/.test(text) &&
    (/\d/.test(text) || text.replaceAll(/[^A-Z]/g, '').length > 4));

/** Maps generated values of one run to those of the other, one to one. */
export class Pairs {
  readonly #after = new Map<string, string>();
  readonly #before = new Map<string, string>();

  areOne(before: string, after: string): boolean {
    const [known, back] = [this.#after.get(before), this.#before.get(after)];
    if (known !== undefined || back !== undefined) return known === after && back === before;
    this.#after.set(before, after);
    this.#before.set(after, before);
    return true;
  }

  /** Returns whether the values of two texts with the same words are pairs. */
  areAll(before: Split, after: Split): boolean {
    return before.values.every((value, index) => this.areOne(value, after.values[index]!));
  }

  /** Returns a text with one run's values replaced by the other's. */
  translated(text: string): string {
    return text.replaceAll(MADE_UP, (value) => this.#after.get(value) ?? value);
  }
}

/** A text with placeholders for its generated values, and these values. */
interface Split {
  readonly words: string;
  readonly values: readonly string[];
}

function split(text: string): Split {
  const values: string[] = [];
  const words = text.replaceAll(MADE_UP, (value) => {
    if (!isMadeUp(value)) return value;
    values.push(value);
    return '#';
  });
  return { words, values };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const SHOWN_MAX = 150;
const shown = (value: unknown): string =>
  (value === undefined ? 'nothing' : JSON.stringify(value)).slice(0, 3 * SHOWN_MAX);

/** Returns the part of a value that identifies the class of a difference: only what does not depend on one request. */
const signature = (value: unknown): string =>
  split(shown(value)).words.replaceAll(/\d+/g, '0').slice(0, SHOWN_MAX);

/** Members that identify the items of a list. */
const NAMES = ['command', 'name', 'eventId', 'id', 'code', 'recipient', 'status'] as const;
const UNNAMED = '\0';
const nameOf = (item: unknown): string | undefined => {
  if (typeof item === 'string') return item;
  if (!isObject(item)) return undefined;
  return NAMES.map((name) => item[name]).find((value) => typeof value === 'string');
};

/** Returns all differences between two JSON values; compares generated values by {@link Pairs}. */
function differences(before: unknown, after: unknown, pairs: Pairs, pointer = ''): Difference[] {
  if (before === after) return [];
  if (typeof before === 'string' && typeof after === 'string') return ofTexts(before, after, pairs, pointer);
  if (Array.isArray(before) && Array.isArray(after)) return ofLists(before, after, pairs, pointer);
  if (isObject(before) && isObject(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
      const at = `${pointer}/${name.replaceAll('/', '~1')}`;
      if (!Object.hasOwn(after, name)) return [one(at, 'is gone', before[name], undefined)];
      if (!Object.hasOwn(before, name)) return [one(at, 'is new', undefined, after[name])];
      return differences(before[name], after[name], pairs, at);
    });
  }
  return [one(pointer, changed(before, after), before, after)];
}

const changed = (before: unknown, after: unknown): string =>
  typeof before === 'number' && typeof after === 'number'
    ? 'has another number'
    : `${signature(before)} → ${signature(after)}`;

const one = (pointer: string, kind: string, before: unknown, after: unknown): Difference => ({
  pointer: split(pointer).words,
  kind,
  before: shown(before),
  after: shown(after),
});

function ofLists(before: readonly unknown[], after: readonly unknown[], pairs: Pairs, pointer: string) {
  const [were, are] = [before, after].map((list, index) =>
    list.map((item) => {
      const name = nameOf(item) ?? `${UNNAMED}${split(JSON.stringify(item)).words}`;
      return index === 0 ? pairs.translated(name) : name;
    }),
  ) as [string[], string[]];
  const isSameSet = were.length === are.length && were.every((name) => are.includes(name));
  const areNamed = [were, are].every(
    (names) =>
      new Set(names).size === names.length && (isSameSet || !names.some((name) => name.startsWith(UNNAMED))),
  );
  const at = `${pointer}/*`;
  const found: Difference[] = [];
  if (
    !areNamed ||
    (were.length === are.length && !isSameSet && !before.every((item) => typeof item === 'string'))
  ) {
    found.push(
      ...before.slice(after.length).map((item) => one(at, `is gone: ${signature(item)}`, item, undefined)),
    );
    found.push(
      ...after.slice(before.length).map((item) => one(at, `is new: ${signature(item)}`, undefined, item)),
    );
    const both = before.slice(0, after.length);
    return [...found, ...both.flatMap((item, index) => differences(item, after[index], pairs, at))];
  }
  const inOrder = were.filter((name) => are.includes(name)).join('\n');
  if (inOrder !== are.filter((name) => were.includes(name)).join('\n'))
    found.push(one(pointer, 'has another order', were, are));
  return [
    ...found,
    ...before.flatMap((item, index) => {
      const place = are.indexOf(were[index]!);
      if (place >= 0) return differences(item, after[place], pairs, at);
      return [one(at, `is gone: ${split(were[index]!).words}`, item, undefined)];
    }),
    ...after.flatMap((item, index) =>
      were.includes(are[index]!) ? [] : [one(at, `is new: ${split(are[index]!).words}`, undefined, item)],
    ),
  ];
}

/** Yields a short text unchanged, or the changed lines of a page or another file. */
function ofTexts(before: string, after: string, pairs: Pairs, pointer: string): Difference[] {
  const [was, is] = [split(before), split(after)];
  if (was.words !== is.words) {
    const isShort = Math.max(before.length, after.length) < SHORT;
    return isShort
      ? [one(pointer, changed(before, after), before, after)]
      : ofLines(before, after, pairs, pointer);
  }
  // The digest of a definition is the same in every run of one build.
  return pointer.endsWith('/lifecycle/digest') || !pairs.areAll(was, is)
    ? [one(pointer, 'names another', before, after)]
    : [];
}

const SHORT = 1_000;
/** Returns a text's lines, or its tags and texts; the attributes of a tag are sorted. */
const linesOf = (text: string) =>
  text
    .split(/(?<=>)\s*|\s*(?=<)|\n/)
    .map((line) => line.trim().replace(/^(<\w+)((?: [\w-]+(?:="[^"]*")?)+)/, sortedTag))
    .filter((line) => line !== '')
    .map(split);
const sortedTag = (_: string, name: string, attributes: string): string => {
  const classes = / class="([^"]*)"/.exec(attributes)?.[1] ?? '';
  const inOrder = attributes.replace(classes, classes.split(' ').sort().join(' '));
  return name + (inOrder.match(/ [\w-]+(?:="[^"]*")?/g) ?? []).sort().join('');
};

function ofLines(before: string, after: string, pairs: Pairs, pointer: string): Difference[] {
  const [were, are] = [linesOf(before), linesOf(after)];
  const found: Difference[] = [];
  let [at, to] = [0, 0];
  let gone: string[] = [];
  const flush = (come: readonly string[]): void => {
    const texts = [gone.join(' '), come.join(' ')] as const;
    if (gone.length + come.length > 0) found.push(one(pointer, changed(...texts), ...texts));
    gone = [];
  };
  for (const { added, removed, count } of diffArrays(were, are, {
    comparator: (a, b) => a.words === b.words,
  })) {
    const [was, is] = [were.slice(at, at + (added ? 0 : count)), are.slice(to, to + (removed ? 0 : count))];
    [at, to] = [at + was.length, to + is.length];
    if (removed) gone = was.map(({ words }) => words);
    else flush(added ? is.map(({ words }) => words) : []);
    const others = added || removed ? [] : was.filter((line, index) => !pairs.areAll(line, is[index]!));
    found.push(...others.map(({ words }) => one(pointer, `names another: ${words}`, words, words)));
  }
  flush([]);
  return found;
}

/** Intended differences: those whose printed class matches the pattern. */
export interface Intended {
  readonly pattern: RegExp;
  readonly because: string;
}

interface Class {
  count: number;
  readonly example: Difference;
  readonly where: string;
  readonly intended: Intended | undefined;
}

/** The classes of differences that were found. */
export class Found {
  readonly #intended: readonly Intended[];
  readonly #classes = new Map<string, Class>();
  /** The pairs of generated values; replaced when both builds continue from one store. */
  pairs = new Pairs();

  constructor(intended: readonly Intended[]) {
    this.#intended = intended;
  }

  get unmeant(): readonly (readonly [string, Class])[] {
    return [...this.#classes].filter(([, { intended }]) => intended === undefined);
  }

  /** Returns whether two responses are equal in all parts on which clients may rely. */
  compare(route: string, before: Answer, after: Answer, where = route): boolean {
    const all = differences(before, after, this.pairs);
    for (const example of all) {
      const key = `${route} ${before.status} ${example.pointer} ${example.kind}`;
      const known = this.#classes.get(key);
      const intended = this.#intended.find(({ pattern }) => pattern.test(key));
      if (known === undefined) this.#classes.set(key, { count: 1, example, where, intended });
      else known.count += 1;
    }
    return all.length === 0;
  }

  /** Returns each class once; unintended ones in full. */
  report(): string {
    const classes = [...this.#classes.values()];
    const meant = this.#intended.flatMap((intended) => {
      const its = classes.filter((each) => each.intended === intended);
      const count = its.reduce((sum, each) => sum + each.count, 0);
      return count === 0 ? [] : [`intended, ${its.length} classes, ${count} times: ${intended.because}`];
    });
    const others = this.unmeant.map(([key, { count, example, where }]) =>
      [
        `${key} (${count})`,
        `  at     ${where}`,
        `  before ${example.before}`,
        `  after  ${example.after}\n`,
      ].join('\n'),
    );
    const total = `${classes.length} classes of differences, ${others.length} not intended\n`;
    return [...meant, ...others.sort(), total].join('\n');
  }
}
