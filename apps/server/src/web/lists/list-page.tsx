import { isUnknownParameterMessage } from '#use-cases/parameter-messages';
import { ErrorSummary } from '../components/blocks.tsx';
import type { ChosenFilter } from './filters-form.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { Pagination } from '../components/pagination.tsx';
import { Link } from '../components/button.tsx';
import { filtersByName } from './filters.ts';
import type { Filter, FilterGroup } from './filters.ts';
import { FiltersForm, problemOfField } from './filters-form.tsx';
import { addressOf, changedParams, withoutParam } from './list-address.ts';
import type { ListProblems } from './list-address.ts';

interface ListPageOptions {
  readonly heading: string;
  readonly path: string;
  readonly groups: readonly FilterGroup[];
  /** The query and its problems. */
  readonly params: URLSearchParams;
  readonly problems: ListProblems;
  /** Parameters without a field, which the form keeps. */
  readonly kept?: readonly string[];
  readonly search?: { readonly filter: Filter; readonly field: Element };
  /** The target of the link that skips the filters. */
  readonly pastFilters?: string | false;
  readonly itemsId?: string;
  /** Shown above the list. */
  readonly intro?: Content;
  readonly children: Content;
}

export function ListPage(options: ListPageOptions): Element {
  const { heading, problems, pastFilters = false, itemsId, intro, children } = options;
  return (
    <>
      <ListErrors problems={problems} filters={filtersOf(options)} />
      <h1 class="govuk-heading-l">{heading}</h1>
      {intro}
      <div class="docket-list">
        <div class="docket-list__filters docket-not-on-paper">
          {pastFilters !== false && (
            <Link classes="docket-past-filters" href={pastFilters}>
              Skip the filters
            </Link>
          )}
          <FiltersForm {...options} search={options.search?.field} chosen={chosenFilters(options)} />
        </div>
        <div class="docket-list__items" id={itemsId}>
          {children}
        </div>
      </div>
    </>
  );
}

type Filtered = Pick<ListPageOptions, 'path' | 'groups' | 'search' | 'params' | 'problems'>;

const filtersOf = ({ groups, search }: Pick<Filtered, 'groups' | 'search'>): ReadonlyMap<string, Filter> =>
  new Map([
    ...(search === undefined ? [] : [[search.filter.name, search.filter] as const]),
    ...filtersByName(groups),
  ]);

/** Returns the active filters, each with the address without it; none if the address is invalid. */
export const chosenFilters = (options: Filtered): ChosenFilter[] =>
  [...filtersOf(options).values()]
    .filter(({ name }) => options.problems.length === 0 && options.params.has(name))
    .map(({ name, label, format }) => ({
      name: label,
      values: options.params.getAll(name).map((value) => ({
        text: format(value),
        removedHref: addressOf(options.path, withoutParam(options.params, name, value)),
      })),
    }));

/** Omits the API's list of valid parameters. */
const unknown = (name: string, detail: string): string =>
  isUnknownParameterMessage(detail) ? `“${name}” is not a filter of this list` : `${name} ${detail}`;

/** Lists the problems, each a link to its field. */
const ListErrors = ({
  problems,
  filters,
}: Pick<ListPageOptions, 'problems'> & { readonly filters: ReadonlyMap<string, Filter> }): Element => (
  <ErrorSummary
    errorList={problems.map(({ pointer, detail }) => {
      const name = pointer.slice(1);
      const filter = filters.get(name);
      if (filter !== undefined) return { content: problemOfField(filter, problems), href: `#${name}` };
      return {
        content: name === 'cursor' ? 'This page of the list no longer exists' : unknown(name, detail),
      };
    })}
  />
);

/** Links to the first and the next page; null if there is only one. */
export const ListPages = ({
  path,
  params,
  next,
  kept = {},
}: Pick<ListPageOptions, 'path' | 'params'> & {
  readonly next: string | null;
  /** Parameters that the links keep. */
  readonly kept?: Readonly<Record<string, string>>;
}): Element | null => {
  const at = (cursor: string | null) => addressOf(path, changedParams(params, { ...kept, cursor }));
  if (!params.has('cursor') && next === null) return null;
  return (
    <Pagination
      landmarkLabel="Pages of the list"
      previous={params.has('cursor') ? { content: 'First page', href: at(null) } : undefined}
      next={next === null ? undefined : { href: at(next) }}
    />
  );
};
