import type { Viewer } from '#state-machines/access';
import { visibleBodies } from '#state-machines/access';
import { HAS_BODIES } from '#state-machines/any-kind';
import { longDate, longInstant } from '../dates.ts';
import { bodyName, namedBodies } from '../names.ts';
import { kinds } from '#state-machines/record-streams';
import { upperFirst } from '#lifecycle/words';
import { wordsFor } from '../words.ts';

/** By what a list is narrowed, as its form shows it. */
export interface Filter {
  /** The parameter's name. */
  readonly name: string;
  readonly label: string;
  /**
   * `several`: choices of which any may stand; `one`: one of them at most; `names`: what is typed, several over time; `text`: what is typed,
   * once; `date`: a day; `moment`: a day or an instant.
   */
  readonly kind: 'several' | 'one' | 'names' | 'text' | 'date' | 'moment';
  readonly hint?: string;
  /** What can be chosen, in words. */
  readonly choices?: readonly Choice[];
  /** The address of the names that are offered while one is typed. */
  readonly names?: string;
  /** How a value is told. */
  readonly told: (value: string) => string;
}

export interface Choice {
  readonly value: string;
  readonly text: string;
}

/** Filters that stand together under a heading. */
export interface FilterGroup {
  readonly title: string;
  readonly filters: readonly Filter[];
}

/** Names in words. */
export type Words = Readonly<Record<string, string>>;

/** Choices in their words, all of them or some. */
export const choicesOf = (words: Words, values: readonly string[] = Object.keys(words)): Choice[] =>
  values.map((value) => ({ value, text: wordsFor(words, value) }));

/** The bodies of whose deadlines somebody can ask: their own, or all that have a name. Asked while a page is rendered. */
export const bodiesToChoose = (viewer: Viewer): Choice[] =>
  (visibleBodies(viewer) ?? [...namedBodies().keys()]).map((slug) => ({ value: slug, text: bodyName(slug) }));

/** A filter of choices. */
export const chosen = (
  name: string,
  label: string,
  kind: 'several' | 'one',
  choices: readonly Choice[],
): Filter => ({
  name,
  label,
  kind,
  choices,
  told: (value) => choices.find((choice) => choice.value === value)?.text ?? value,
});

/** One body at a time, chosen among those that there are to choose, or only told; none where records are for no body. */
export function bodyFilter(viewer: Viewer): readonly FilterGroup[] {
  if (!HAS_BODIES) return [];
  const bodies = bodiesToChoose(viewer);
  const filter: Filter =
    bodies.length === 0
      ? { name: 'recipient', label: 'Body', kind: 'moment', told: bodyName }
      : chosen('recipient', 'Body', 'one', bodies);
  return [{ title: 'Body', filters: [filter] }];
}

/** The kind of record, where there are several. */
export const kindFilter = (name: 'kind' | 'recordKind'): readonly FilterGroup[] =>
  kinds.all.length === 1
    ? []
    : [
        {
          title: 'Kind of record',
          filters: [
            chosen(
              name,
              'Kind of record',
              'one',
              kinds.all.map(({ name: value, noun }) => ({ value, text: upperFirst(noun.plural) })),
            ),
          ],
        },
      ];

/** A filter of what is typed. */
export const typed = (
  name: string,
  label: string,
  hint: string,
  told: Filter['told'] = (value) => value,
): Filter => ({ name, label, kind: 'text', hint, told });

/** A filter of a day. */
export const day = (name: string, label: string): Filter => ({ name, label, kind: 'date', told: longDate });

/** The two axes of time. */
export const AS_IT_WAS: FilterGroup = {
  title: 'As it was',
  filters: [
    day('effectiveOn', 'As at the end of'),
    {
      name: 'knownAt',
      label: 'As known on',
      kind: 'moment',
      hint: 'The end of a day, or an instant such as 2016-06-15T14:05:00Z',
      told: (value) => (/^\d{4}-\d\d-\d\d$/.test(value) ? longDate(value) : longInstant(value)),
    },
  ],
};

/** The filters of a list by their names, and what else can be taken off it. */
export const filtersByName = (groups: readonly FilterGroup[]): ReadonlyMap<string, Filter> =>
  new Map(groups.flatMap(({ filters }) => filters.map((filter) => [filter.name, filter] as const)));
