import { pathOf } from '#lifecycle/kind';
import type { RecordKind, RecordReference } from '#lifecycle/kind';
import { kinds } from '#state-machines/record-streams';
import { addressOfOurs } from './page-paths.ts';
import { upperFirst } from '#lifecycle/words';

/** The lists that one comes to a record from, by their paths. */
const LISTS: Readonly<Record<string, string>> = {
  '/': 'Work',
  ...Object.fromEntries(kinds.all.map((kind) => [listPath(kind), listTitle(kind)])),
  '/deadlines': 'Deadlines',
};

/** The work page, for somebody who comes back from a record of one of its queues. */
export const workAddress = (queue: string): string => `/?queue=${queue}`;

/** The member of the address of a queue that names a record that somebody passed over on their way through it; no list takes it. */
export const SKIPPED = 'skip';

/** The address of a list without the records that somebody passed over there. */
export function withoutSkipped(address: string): string {
  const [path = '', query = ''] = address.split('?');
  const asked = new URLSearchParams(query);
  if (!asked.has(SKIPPED)) return address;
  asked.delete(SKIPPED);
  return asked.size === 0 ? path : `${path}?${asked.toString()}`;
}

/** Longer than any list's address that people make with forms. */
const FROM_LENGTH_MAX = 2_000;

/** Where a record's page is. One is issued at the address that a record of the id `new` would have: its page is one step below. */
export const recordPath = (record: RecordReference): string =>
  `${pathOf(record)}${record.id === 'new' ? '/record' : ''}`;

/** Where the records of a kind are listed, and what the page is called. */
export function listPath({ path }: RecordKind): string {
  return `/${path}`;
}
export function listTitle({ noun }: RecordKind): string {
  return upperFirst(noun.plural);
}

/**
 * The address of a record's page, for a link in a list at an address of ours: its page knows the way back there.
 * @param more that its page is asked for with: a view of the past that the list is of, what was done.
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

/** The list that somebody came from, as a breadcrumb; that of all records of the kind where `from` names none of ours. */
export function wayBack(
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
  // An address that leads elsewhere is answered with the first page, which is not where they came from.
  return text === undefined || (href === '/' && from !== '/') ? whole : { text, href };
}
