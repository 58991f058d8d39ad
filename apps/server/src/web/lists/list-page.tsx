import {
  isUnknownParameterMessage,
  isEarlierMessage,
  isInvalidChoiceMessage,
  PARAMETER_MESSAGES,
} from '#use-cases/parameter-messages';
import { ErrorSummary } from '../components/blocks.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { Pagination } from '../components/pagination.tsx';
import { Link, Button } from '../components/button.tsx';
import { filtersByName } from './filters.ts';
import type { Filter, FilterGroup } from './filters.ts';
import { addressOf, changedParams, withoutParam } from './list-address.ts';
import type { ListProblems } from './list-address.ts';
import { Checkboxes } from '../components/choices.tsx';
import { Input, Select, smallLegend } from '../components/fields.tsx';

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
        <div class="docket-not-on-paper">
          {pastFilters !== false && (
            <Link classes="docket-past-filters" href={pastFilters}>
              Skip the filters
            </Link>
          )}
          <FiltersForm {...options} search={options.search?.field} chosen={chosenFilters(options)} />
        </div>
        <div id={itemsId}>{children}</div>
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
}: Pick<ListPageOptions, 'path' | 'params'> & {
  readonly next: string | null;
}): Element | null => {
  const at = (cursor: string | null) => addressOf(path, changedParams(params, { cursor }));
  if (!params.has('cursor') && next === null) return null;
  return (
    <Pagination
      landmarkLabel="Pages of the list"
      previous={params.has('cursor') ? { content: 'First page', href: at(null) } : undefined}
      next={next === null ? undefined : { href: at(next) }}
    />
  );
};

interface FiltersFormOptions {
  readonly path: string;
  readonly groups: readonly FilterGroup[];
  /** The list's query. */
  readonly params: URLSearchParams;
  readonly problems: ListProblems;
  /** Parameters without a field, which the form keeps. */
  readonly kept?: readonly string[];
  readonly chosen: readonly ChosenFilter[];
  readonly search?: Content;
}

function FiltersForm(options: FiltersFormOptions): Element {
  const { path, groups, params, problems, kept = [], chosen, search } = options;
  return (
    <FilterPanel
      action={path}
      chosen={chosen}
      clearHref={addressOf(path, changedParams(params, clearedFilters(groups)))}
      kept={Object.fromEntries(kept.map((name) => [name, params.get(name) ?? undefined]))}
      search={search}
      hasProblem={[...filtersByName(groups).values()].some(
        (filter) => problemOfField(filter, problems) !== undefined,
      )}
    >
      {groups.map((group) => (
        <Group group={group} params={params} problems={problems} />
      ))}
    </FilterPanel>
  );
}

/** Returns changes that remove all filters and the search. */
const clearedFilters = (groups: readonly FilterGroup[]): Readonly<Record<string, null>> =>
  Object.fromEntries(['q', ...filtersByName(groups).keys()].map((name) => [name, null]));

interface Shown {
  readonly params: URLSearchParams;
  readonly problems: ListProblems;
}

/** Collapsed by default, to keep the list near the top on phones; open if a field has an error. */
function Group({
  group: { title, filters },
  params,
  problems,
}: Shown & { readonly group: FilterGroup }): Element {
  const count = filters.reduce((sum, { name }) => sum + params.getAll(name).length, 0);
  const hasProblem = problems.some(({ pointer }) => filters.some(({ name }) => pointer === `/${name}`));
  return (
    <details class="docket-filters__group" open={hasProblem}>
      <summary class="docket-filters__title">
        {title}
        {count > 0 && (
          <span class="docket-filters__count">
            {` (${count}`}
            <span class="govuk-visually-hidden"> chosen</span>)
          </span>
        )}
      </summary>
      {filters.map((filter) => (
        <Field filter={filter} params={params} problems={problems} isAlone={filters.length === 1} />
      ))}
    </details>
  );
}

interface FieldOptions extends Shown {
  readonly filter: Filter;
  /** The group's title labels its only field. */
  readonly isAlone: boolean;
}

function Field({ filter, params, problems, isAlone }: FieldOptions): Element {
  const { name, label, kind, hint, choices = [] } = filter;
  const values = params.getAll(name);
  const errorMessage = problemOfField(filter, problems);
  switch (kind) {
    case 'several':
      return (
        <Checkboxes
          name={name}
          classes="govuk-checkboxes--small"
          fieldset={{
            legend: {
              content: label,
              classes: isAlone ? 'govuk-visually-hidden' : 'govuk-fieldset__legend--s',
            },
          }}
          items={choices.map(({ value, text }) => ({ value, content: text }))}
          values={values}
          errorMessage={errorMessage}
        />
      );
    case 'one':
      return (
        <Select
          name={name}
          label={label}
          items={[
            { value: '', content: 'Any' },
            ...choices.map(({ value, text }) => ({ value, content: text })),
          ]}
          value={values[0] ?? ''}
          errorMessage={errorMessage}
        />
      );
    case 'names':
      return <Names filter={filter} values={values} errorMessage={errorMessage} />;
    default:
      return (
        <Input
          name={name}
          label={label}
          hint={hint}
          value={values[0]}
          errorMessage={errorMessage}
          {...(kind === 'date' && errorMessage === undefined && { attributes: { type: 'date' } })}
        />
      );
  }
}

/** The chosen names, and a field for another. */
function Names(props: {
  readonly filter: Filter;
  readonly values: readonly string[];
  readonly errorMessage: string | undefined;
}): Element {
  const { name, label, hint, names, format } = props.filter;
  const { values, errorMessage } = props;
  return (
    <>
      {values.length > 0 && (
        <Checkboxes
          name={name}
          idPrefix={`${name}-chosen`}
          classes="govuk-checkboxes--small"
          fieldset={smallLegend(label)}
          items={values.map((value) => ({ value, content: format(value) }))}
          values={values}
        />
      )}
      <Input
        name={name}
        label={values.length > 0 ? `Another ${label.toLowerCase()}` : label}
        hint={hint}
        errorMessage={errorMessage}
        spellcheck={false}
        autocapitalize="none"
        attributes={names === undefined ? undefined : { 'data-names': names }}
      />
    </>
  );
}

/** Returns a field's error message; undefined if it is valid. */
function problemOfField(
  { name, label, kind }: Pick<Filter, 'name' | 'label' | 'kind'>,
  problems: ListProblems,
): string | undefined {
  const problem = problems.find(({ pointer }) => pointer === `/${name}`);
  return problem && `“${label}” ${inWords(kind, problem.detail)}`;
}

function inWords(kind: Filter['kind'], detail: string): string {
  if (detail === PARAMETER_MESSAGES.date) return 'must be a real date, such as 2026-11-24';
  if (isEarlierMessage(detail)) return 'must not be earlier than the first date';
  if (detail === PARAMETER_MESSAGES.future) return 'must be today or in the past';
  if (kind === 'moment')
    return 'must be a real date, such as 2026-11-24, or a date and time, such as 2026-11-24T14:05:00Z';
  if (isInvalidChoiceMessage(detail)) return 'must be one of the choices';
  return detail;
}

interface FilterPanelOptions {
  /** The address of the list. */
  readonly action: string;
  readonly chosen: readonly ChosenFilter[];
  readonly clearHref: string;
  /** Parameters that the form keeps. */
  readonly kept?: Readonly<Record<string, string | undefined>> | undefined;
  /** A search field, which stays visible while the filters are collapsed. */
  readonly search?: Content;
  /** Opens the filters at any width, because a field has an error. */
  readonly hasProblem?: boolean;
  readonly children: Content;
}

/**
 * The filters of a list, as a GET form, so that the address contains them.
 * In narrow windows the fields are collapsed; the stylesheet opens them beside the list.
 */
export const FilterPanel = ({
  action,
  chosen,
  clearHref,
  kept = {},
  search,
  hasProblem = false,
  children,
}: FilterPanelOptions): Element => (
  // `autocomplete="off"` keeps browsers from restoring fields that do not match the list.
  <form class="docket-filter" method="get" action={action} aria-labelledby="filter-title" autocomplete="off">
    <h2 class="docket-filter__title govuk-heading-m" id="filter-title">
      Filter
    </h2>
    {search !== undefined && (
      <div class="docket-filter__search">
        {search}
        <Button>Search</Button>
      </div>
    )}
    {chosen.length > 0 && (
      <div class="docket-filter__chosen">
        <h3 class="govuk-heading-s">Chosen filters</h3>
        <FilterTags filters={chosen} />
        <p class="govuk-body">
          <Link href={clearHref}>Clear filters</Link>
        </p>
      </div>
    )}
    {Object.entries(kept).map(
      ([name, value]) => value !== undefined && <input type="hidden" name={name} value={value} />,
    )}
    <details class="docket-filter__fold" open={hasProblem}>
      <summary class="docket-filter__summary">Filter</summary>
      <div class="docket-filter__fields">
        {children}
        <Button>Apply filters</Button>
      </div>
    </details>
  </form>
);

/** A filter's values, each with the address without it. */
export interface ChosenFilter {
  readonly name: string;
  readonly values: readonly { readonly text: string; readonly removedHref: string }[];
}

const FilterTags = ({ filters }: { readonly filters: readonly ChosenFilter[] }): Element => (
  <dl class="docket-filter-tags">
    {filters.map(({ name, values }) => (
      <div>
        <dt class="docket-filter-tags__name">{name}</dt>
        {values.map(({ text, removedHref }) => (
          <dd class="docket-filter-tags__value">
            <a class="docket-filter-tags__tag" href={removedHref}>
              <span class="govuk-visually-hidden">Remove {name}:</span> {text}{' '}
              <span class="docket-filter-tags__cross" aria-hidden="true">
                ×
              </span>
            </a>
          </dd>
        ))}
      </div>
    ))}
  </dl>
);
