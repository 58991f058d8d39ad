import { pathOf } from '#lifecycle/kind';
import type { RecordKind, RecordReference } from '#lifecycle/kind';
import { kinds } from '#state-machines/record-streams';
import { addressOfOurs } from './page-paths.ts';
import { upperFirst } from '#lifecycle/words';

/** The lists that link to records, by path. */
const LISTS: Readonly<Record<string, string>> = {
  '/': 'Work',
  ...Object.fromEntries(kinds.all.map((kind) => [listPath(kind), listTitle(kind)])),
  '/deadlines': 'Deadlines',
};

/** Returns the work page with the queue that the user came from. */
export const workAddress = (queue: string): string => `/?queue=${queue}`;

/** The query parameter with records that the user skipped in a queue. Lists do not accept it. */
export const SKIPPED = 'skip';

/** Returns the address without skipped records. */
export function withoutSkipped(address: string): string {
  const [path = '', query = ''] = address.split('?');
  const params = new URLSearchParams(query);
  if (!params.has(SKIPPED)) return address;
  params.delete(SKIPPED);
  return params.size === 0 ? path : `${path}?${params.toString()}`;
}

/** Longer than any address that a form produces. */
const FROM_LENGTH_MAX = 2_000;

/**
 * Returns the path of a record's page. `/new` issues a record, so a record with that id is at `/new/record`.
 */
export const recordPath = (record: RecordReference): string =>
  `${pathOf(record)}${record.id === 'new' ? '/record' : ''}`;

/** Return the path and the title of a kind's list. */
export function listPath({ path }: RecordKind): string {
  return `/${path}`;
}
export function listTitle({ noun }: RecordKind): string {
  return upperFirst(noun.plural);
}

/**
 * Returns the address of a record's page with the return address of a list.
 * @param more further query parameters.
 */
export function recordAddress(
  record: RecordReference,
  from?: string,
  more: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams(more);
  if (from !== undefined && from.length <= FROM_LENGTH_MAX) query.set('from', from);
  const path = recordPath(record);
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

/**
 * Returns the breadcrumb of the list that the user came from, or of the kind's list if `from` is not one of our lists.
 */
export function breadcrumbFor(
  kind: RecordKind,
  from?: string | string[],
): {
  readonly text: string;
  readonly href: string;
} {
  const whole = { text: listTitle(kind), href: listPath(kind) };
  if (typeof from !== 'string') return whole;
  const href = withoutSkipped(addressOfOurs(from));
  const [path] = href.split('?') as [string];
  const text = Object.hasOwn(LISTS, path) ? LISTS[path] : undefined;
  // `addressOfOurs` maps foreign addresses to `/`.
  return text === undefined || (href === '/' && from !== '/') ? whole : { text, href };
}
