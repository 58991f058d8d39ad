import { ErrorSummary } from '../components/error-summary.tsx';
import type { ChosenFilter } from '../components/filter-tags.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { Pagination } from '../components/pagination.tsx';
import { filtersByName } from './filters.ts';
import type { Filter, FilterGroup } from './filters.ts';
import { FiltersForm, problemOfField } from './filters-form.tsx';
import { addressOf, askedAnew, askedWithout } from './list-address.ts';
import type { ListProblems } from './list-address.ts';

/** What the page of a list is drawn from. */
interface ListPageOptions {
  readonly heading: string;
  /** Where the list is. */
  readonly path: string;
  readonly groups: readonly FilterGroup[];
  /** What its address says, and what of that cannot be used. */
  readonly asked: URLSearchParams;
  readonly problems: ListProblems;
  /** Parameters without a field that the form keeps. */
  readonly kept?: readonly string[];
  /** A field above the filters. */
  readonly search?: { readonly filter: Filter; readonly field: Element };
  /** The place that a link before the filters leads to. */
  readonly pastFilters?: string | false;
  readonly itemsId?: string;
  /** What stands between the heading and the list. */
  readonly lead?: Content;
  readonly children: Content;
}

/** The page of a list: filters beside its items, and the problems of its address above. */
export function ListPage(options: ListPageOptions): Element {
  const { heading, problems, pastFilters = false, itemsId, lead, children } = options;
  return (
    <>
      {problems.length > 0 && <ListErrors problems={problems} filters={filtersOf(options)} />}
      <h1 class="govuk-heading-l">{heading}</h1>
      {lead}
      <div class="docket-list">
        <div class="docket-list__filters docket-not-on-paper">
          {pastFilters !== false && (
            <a class="govuk-link docket-past-filters" href={pastFilters}>
              Go past the filters
            </a>
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

type Filtered = Pick<ListPageOptions, 'path' | 'groups' | 'search' | 'asked' | 'problems'>;

const filtersOf = ({ groups, search }: Pick<Filtered, 'groups' | 'search'>): ReadonlyMap<string, Filter> =>
  new Map([
    ...(search === undefined ? [] : [[search.filter.name, search.filter] as const]),
    ...filtersByName(groups),
  ]);

/** Each value that narrows a list, with the list without it. An address with problems narrows nothing. */
export const chosenFilters = (options: Filtered): ChosenFilter[] =>
  [...filtersOf(options).values()]
    .filter(({ name }) => options.problems.length === 0 && options.asked.has(name))
    .map(({ name, label, told }) => ({
      name: label,
      values: options.asked.getAll(name).map((value) => ({
        text: told(value),
        removedHref: addressOf(options.path, askedWithout(options.asked, name, value)),
      })),
    }));

/** An address that was changed by hand gets no list of parameters. */
const unknown = (name: string, detail: string): string =>
  detail.startsWith('is no parameter') ? `“${name}” is no filter of this list` : `${name} ${detail}`;

/** The problems of a list's address, each a link to its field where it has one. */
const ListErrors = ({
  problems,
  filters,
}: Pick<ListPageOptions, 'problems'> & { readonly filters: ReadonlyMap<string, Filter> }): Element => (
  <ErrorSummary
    title="There is a problem"
    errorList={problems.map(({ pointer, detail }) => {
      const name = pointer.slice(1);
      const filter = filters.get(name);
      if (filter !== undefined) return { content: problemOfField(filter, problems), href: `#${name}` };
      return {
        content: name === 'cursor' ? 'This page of the list is not there any more' : unknown(name, detail),
      };
    })}
  />
);

/** Links from a page of a list to its first and its next; nothing for a list of one page. */
export const ListPages = ({
  path,
  asked,
  next,
  kept = {},
}: Pick<ListPageOptions, 'path' | 'asked'> & {
  readonly next: string | null;
  /** Parameters that their addresses name, whatever that of this page does. */
  readonly kept?: Readonly<Record<string, string>>;
}): Element | null => {
  const at = (cursor: string | null) => addressOf(path, askedAnew(asked, { ...kept, cursor }));
  if (!asked.has('cursor') && next === null) return null;
  return (
    <Pagination
      landmarkLabel="Pages of the list"
      previous={asked.has('cursor') ? { content: 'First page', href: at(null) } : undefined}
      next={next === null ? undefined : { href: at(next) }}
    />
  );
};
