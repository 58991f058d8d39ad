import { isEarlierMessage, isInvalidChoiceMessage, PARAMETER_MESSAGES } from '#use-cases/parameter-messages';
import { Checkboxes } from '../components/choices.tsx';
import { Input, Select, smallLegend } from '../components/fields.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { filtersByName } from './filters.ts';
import type { Filter, FilterGroup } from './filters.ts';
import { addressOf, changedParams } from './list-address.ts';
import type { ListProblems } from './list-address.ts';
import { Button, Link } from '../components/button.tsx';

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

export function FiltersForm(options: FiltersFormOptions): Element {
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
export function problemOfField(
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
      <div class="docket-filter-tags__filter">
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
