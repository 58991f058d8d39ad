import type { Element } from './macro-options.ts';

/** A filter's values, each with the address without it. */
export interface ChosenFilter {
  readonly name: string;
  readonly values: readonly { readonly text: string; readonly removedHref: string }[];
}

export const FilterTags = ({ filters }: { readonly filters: readonly ChosenFilter[] }): Element => (
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
