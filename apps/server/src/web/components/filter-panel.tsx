import { Button } from './button.tsx';
import { FilterTags } from './filter-tags.tsx';
import type { ChosenFilter } from './filter-tags.tsx';
import type { Content, Element } from './macro-options.ts';

interface FilterPanelOptions {
  /** The list's own address. */
  readonly action: string;
  readonly chosen: readonly ChosenFilter[];
  /** The list without any filter. */
  readonly clearHref: string;
  /** What else of the address is kept: the order of the list. */
  readonly kept?: Readonly<Record<string, string | undefined>> | undefined;
  /** A field to search by, in sight where the others are folded. */
  readonly search?: Content;
  /** Whether something in the fields has to be corrected: they are open then in any window. */
  readonly hasProblem?: boolean;
  /** The fields. */
  readonly children: Content;
}

/**
 * Filters beside a list, with what was chosen above them; a GET form, so that all of it is in the address. In a narrow window its
 * fields are folded, so that the list begins on the first screen: the stylesheet opens them beside the list.
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
  // A browser that goes back would put what was typed later beside a list that is not narrowed by it.
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
          <a class="govuk-link" href={clearHref}>
            Clear filters
          </a>
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
