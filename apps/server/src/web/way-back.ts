import { pathOfRecord } from '#state-machines/record-streams';
import { addressOfOurs } from './page-paths.ts';

/** The lists that one comes to a record from, by their paths. */
const LISTS: Readonly<Record<string, string>> = {
  '/': 'Work',
  '/recommendations': 'Recommendations',
  '/deadlines': 'Deadlines',
};

/** The whole register: the way back for who came from nowhere. */
const REGISTER = { text: 'Recommendations', href: '/recommendations' } as const;

/** Longer than any list's address that people make with forms. */
const FROM_LENGTH_MAX = 2_000;

/**
 * Where a record's page is. A recommendation is issued at the address that a record of the id `new` would have: its page is one step
 * below.
 */
export const recordPath = (id: string): string => `${pathOfRecord(id)}${id === 'new' ? '/record' : ''}`;

/**
 * The address of a record's page, for a link in a list at an address of ours: its page knows the way back there.
 * @param more that its page is asked for with: a view of the past that the list is of, what was done.
 */
export function recordAddress(
  id: string,
  from?: string,
  more: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams(more);
  if (from !== undefined && from.length <= FROM_LENGTH_MAX) query.set('from', from);
  const path = recordPath(id);
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

/** The list that somebody came from, as a breadcrumb; the register where `from` names none of ours. */
export function wayBack(from: string | string[] | undefined): {
  readonly text: string;
  readonly href: string;
} {
  if (typeof from !== 'string') return REGISTER;
  const href = addressOfOurs(from);
  const [path] = href.split('?') as [string];
  const text = Object.hasOwn(LISTS, path) ? LISTS[path] : undefined;
  // An address that leads elsewhere is answered with the first page, which is not where they came from.
  return text === undefined || (href === '/' && from !== '/') ? REGISTER : { text, href };
}
