import type { RecordKind } from '#lifecycle/kind';
import type { Viewer } from '#state-machines/access';
import { visibleBodies } from '#state-machines/access';
import { HAS_BODIES } from '#state-machines/any-kind';
import { longDate, longInstant } from '../dates.ts';
import { bodyName, namedBodies } from '../names.ts';
import { kinds } from '#state-machines/record-streams';
import { upperFirst } from '#lifecycle/words';
import { wordsFor } from '../words.ts';

/** A filter of a list, as its form shows it. */
export interface Filter {
  readonly name: string;
  readonly label: string;
  /**
   * `several`: checkboxes; `one`: a select; `names`: text, repeatable; `text`: text, once; `date`: a day;
   * `moment`: a day or an instant.
   */
  readonly kind: 'several' | 'one' | 'names' | 'text' | 'date' | 'moment';
  readonly hint?: string;
  readonly choices?: readonly Choice[];
  /** The address that returns names for completion. */
  readonly names?: string;
  readonly format: (value: string) => string;
}

export interface Choice {
  readonly value: string;
  readonly text: string;
}

export interface FilterGroup {
  readonly title: string;
  readonly filters: readonly Filter[];
}

/** Labels by value. */
export type Words = Readonly<Record<string, string>>;

export const choicesOf = (words: Words, values: readonly string[] = Object.keys(words)): Choice[] =>
  values.map((value) => ({ value, text: wordsFor(words, value) }));

/**
 * Returns the bodies that the viewer can filter by: their own, or all named ones. Only valid during
 * rendering.
 */
export const bodiesToChoose = (viewer: Viewer): Choice[] =>
  (visibleBodies(viewer) ?? [...namedBodies().keys()]).map((slug) => ({ value: slug, text: bodyName(slug) }));

export const choiceFilter = (
  name: string,
  label: string,
  kind: 'several' | 'one',
  choices: readonly Choice[],
): Filter => ({
  name,
  label,
  kind,
  choices,
  format: (value) => choices.find((choice) => choice.value === value)?.text ?? value,
});

/**
 * Returns the filter for one body: a select, or a text field if no bodies are named; none if records have no
 * bodies.
 */
export function bodyFilter(viewer: Viewer): readonly FilterGroup[] {
  if (!HAS_BODIES) return [];
  const bodies = bodiesToChoose(viewer);
  const filter: Filter =
    bodies.length === 0
      ? { name: 'recipient', label: 'Body', kind: 'text', format: bodyName }
      : choiceFilter('recipient', 'Body', 'one', bodies);
  return [{ title: 'Body', filters: [filter] }];
}

export const kindFilter = (
  name: 'kind' | 'recordKind',
  offered: readonly RecordKind[] = kinds.all,
): readonly FilterGroup[] =>
  kinds.all.length === 1
    ? []
    : [
        {
          title: 'Kind of record',
          filters: [
            choiceFilter(
              name,
              'Kind of record',
              'one',
              offered.map(({ name: value, noun }) => ({ value, text: upperFirst(noun.plural) })),
            ),
          ],
        },
      ];

export const textFilter = (
  name: string,
  label: string,
  hint: string,
  format: Filter['format'] = (value) => value,
): Filter => ({ name, label, kind: 'text', hint, format });

export const day = (name: string, label: string): Filter => ({ name, label, kind: 'date', format: longDate });

/** Filters for both axes of time. */
export const AS_IT_WAS: FilterGroup = {
  title: 'As it was',
  filters: [
    day('effectiveOn', 'As at the end of'),
    {
      name: 'knownAt',
      label: 'As recorded by',
      kind: 'moment',
      hint: 'Shows only what was recorded by the end of this day. For example, 2016-06-15',
      format: (value) => (/^\d{4}-\d\d-\d\d$/.test(value) ? longDate(value) : longInstant(value)),
    },
  ],
};

export const filtersByName = (groups: readonly FilterGroup[]): ReadonlyMap<string, Filter> =>
  new Map(groups.flatMap(({ filters }) => filters.map((filter) => [filter.name, filter] as const)));
