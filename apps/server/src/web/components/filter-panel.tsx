import { Button } from './button.tsx';
import { FilterTags } from './filter-tags.tsx';
import type { ChosenFilter } from './filter-tags.tsx';
import type { Content, Element } from './macro-options.ts';
import { Link } from './link.tsx';

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
