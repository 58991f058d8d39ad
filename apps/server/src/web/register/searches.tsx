import type { SavedSearch } from '#state-machines/person-events';
import { SEARCH_NAME_LENGTH_MAX, SEARCHES_MAX } from '#use-cases/people/people';
import { Button } from '../components/button.tsx';
import { Details } from '../components/details.tsx';
import { Input } from '../components/input.tsx';
import type { Element } from '../components/macro-options.ts';
import { askedAnew } from '../lists/list-address.ts';
import { MARK_FIELD } from '../page-context.ts';

export interface SearchesOptions {
  /** Those that the person keeps. */
  readonly searches: readonly SavedSearch[];
  readonly mark: string | undefined;
}

/** Where a list is that was kept. */
export const searchAddress = ({ query }: Pick<SavedSearch, 'query'>): string => `/recommendations?${query}`;

/** What is kept of what is asked: the list, wherever in it one is. */
export const keptQuery = (asked: URLSearchParams): string =>
  askedAnew(asked, { limit: null, from: null }).toString();

interface Asked {
  readonly asked: URLSearchParams;
}

/** The searches of the person, above the register; the one that is shown is marked. */
export function KeptSearches({ searches, asked }: SearchesOptions & Asked): Element | null {
  if (searches.length === 0) return null;
  const shown = keptQuery(asked);
  return (
    <nav class="docket-searches docket-not-on-paper" aria-label="Your searches">
      <ul class="govuk-list docket-searches__list">
        {searches.map((search) => (
          <li>
            <a
              class="govuk-link"
              href={searchAddress(search)}
              aria-current={search.query === shown ? 'page' : undefined}
            >
              {search.name}
            </a>
          </li>
        ))}
        <li>
          <a class="govuk-link" href="/account">
            Change your searches
          </a>
        </li>
      </ul>
    </nav>
  );
}

/** Keeps the list that is shown under a name. */
export function KeepSearch({ asked, mark, searches }: SearchesOptions & Asked): Element | null {
  const query = keptQuery(asked);
  const isKept = searches.some((search) => search.query === query);
  if (query === '' || isKept || searches.length >= SEARCHES_MAX) return null;
  return (
    <Details summary="Keep this search" classes="docket-not-on-paper">
      <KeepSearchForm query={query} mark={mark} name="" errorMessage={undefined} />
    </Details>
  );
}

/** The form that names a search. */
export const KeepSearchForm = (given: {
  readonly query: string;
  readonly mark: string | undefined;
  readonly name: string;
  readonly errorMessage: string | undefined;
}): Element => (
  <form method="post" action="/account/searches" id="keep-search" novalidate>
    <input type="hidden" name={MARK_FIELD} value={given.mark} />
    <input type="hidden" name="query" value={given.query} />
    <Input
      name="name"
      label="What do you call it?"
      value={given.name}
      errorMessage={given.errorMessage}
      classes="govuk-input--width-20"
      attributes={{ maxlength: SEARCH_NAME_LENGTH_MAX }}
    />
    <Button preventDoubleClick>Keep</Button>
  </form>
);
