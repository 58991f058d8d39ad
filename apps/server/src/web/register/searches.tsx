import type { RecordKind } from '#lifecycle/kind';
import { kinds, kindInAnswer, recordOf } from '#state-machines/record-streams';
import type { SavedSearch } from '#state-machines/person-events';
import { SEARCH_NAME_LENGTH_MAX, SEARCHES_MAX } from '#use-cases/people/people';
import { Button, Link } from '../components/button.tsx';
import { Details } from '../components/blocks.tsx';
import { Input } from '../components/fields.tsx';
import type { Element } from '../components/macro-options.ts';
import { addressOf, changedParams } from '../lists/list-address.ts';
import { listPath } from '../page-paths.ts';
import { Mark } from '../forms/post-form.tsx';

export interface SearchesOptions {
  readonly searches: readonly SavedSearch[];
}

/** Parses a saved query into its kind and parameters. */
export function keptList(query: string): { readonly kind: RecordKind; readonly params: URLSearchParams } {
  const params = new URLSearchParams(query);
  const kind = kinds.find(params.get('kind'));
  if (kind === null) return { kind: recordOf('').kind, params };
  params.delete('kind');
  return { kind, params };
}

export function searchAddress({ query }: Pick<SavedSearch, 'query'>): string {
  const { kind, params } = keptList(query);
  return addressOf(listPath(kind), params);
}

/** Returns the query to save, without the page. */
export const keptQuery = ({ kind, params }: ListQuery): string =>
  changedParams(params, { limit: null, from: null, ...kindInAnswer({ kind, id: '' }) }).toString();

interface ListQuery {
  readonly kind: RecordKind;
  readonly params: URLSearchParams;
}

export function KeptSearches({ searches, ...params }: SearchesOptions & ListQuery): Element | null {
  if (searches.length === 0) return null;
  const shown = keptQuery(params);
  return (
    <nav class="docket-searches docket-not-on-paper" aria-label="Your searches">
      <ul class="govuk-list docket-searches__list">
        {searches.map((search) => (
          <li>
            <Link href={searchAddress(search)} aria-current={search.query === shown ? 'page' : undefined}>
              {search.name}
            </Link>
          </li>
        ))}
        <li>
          <Link href="/account">Manage your searches</Link>
        </li>
      </ul>
    </nav>
  );
}

export function KeepSearch({ searches, ...params }: SearchesOptions & ListQuery): Element | null {
  const query = keptQuery(params);
  const isKept = searches.some((search) => search.query === query);
  if (params.params.size === 0 || isKept || searches.length >= SEARCHES_MAX) return null;
  return (
    <Details summary="Save this search" classes="docket-not-on-paper">
      <KeepSearchForm query={query} name="" errorMessage={undefined} />
    </Details>
  );
}

export const KeepSearchForm = (props: {
  readonly query: string;
  readonly name: string;
  readonly errorMessage: string | undefined;
}): Element => (
  <form method="post" action="/account/searches" id="keep-search" novalidate>
    <Mark />
    <input type="hidden" name="query" value={props.query} />
    <Input
      name="name"
      label="Search name"
      value={props.name}
      errorMessage={props.errorMessage}
      classes="govuk-input--width-20"
      attributes={{ maxlength: SEARCH_NAME_LENGTH_MAX }}
    />
    <Button preventDoubleClick>Save the search</Button>
  </form>
);
