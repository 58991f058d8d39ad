import type { ChosenFilter } from '../components/filter-tags.tsx';
import type { Filter } from './filters.ts';
import { addressOf, askedWithout } from './list-address.ts';

/** Everything by which a list is narrowed, each value with the list without it. */
export const chosenFilters = (
  path: string,
  asked: URLSearchParams,
  filters: ReadonlyMap<string, Filter>,
): ChosenFilter[] =>
  [...filters.values()]
    .filter(({ name }) => asked.has(name))
    .map(({ name, label, told }) => ({
      name: label,
      values: asked.getAll(name).map((value) => ({
        text: told(value),
        removedHref: addressOf(path, askedWithout(asked, name, value)),
      })),
    }));
