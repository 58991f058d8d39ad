import type { FastifyRequest } from 'fastify';
import { kinds } from '#state-machines/record-streams';
import { pathOf } from '#lifecycle/kind';
import type { RecordKind, RecordReference } from '#lifecycle/kind';
import { upperFirst } from '#lifecycle/words';

/** Paths that serve no pages: the API and the endpoints for monitoring. */
const OF_MACHINES = /^\/(?:api|health|metrics)(?:\/|$)/;

/** Pages that need no sign-in, and assets. */
const OPEN = /^\/(?:sign-in|sign-out|signed-out|accessibility|help|unsubscribe|verify)(?:\/|$)|^\/assets\//;

export const isPagePath = (path: string): boolean => !OF_MACHINES.test(path);

/**
 * Returns whether a request is for a path of pages. Uses the matched route, because `/%61pi` and
 * `http://…/api` reach `/api`, too, where session cookies must not count.
 */
export const isForPages = ({ url, routeOptions }: FastifyRequest): boolean =>
  isPagePath(routeOptions.url ?? (url.split('?') as [string])[0]);

/**
 * Returns whether a request is for a page. An unknown path counts as a page only if the client accepts HTML.
 */
export const isPageRequest = (request: FastifyRequest): boolean =>
  isForPages(request) && (!request.is404 || /\btext\/html\b/.test(request.headers.accept ?? ''));

/** Forms that keep the input when the session has ended. */
const PATHS = `(?:${kinds.all.map(({ path }) => path).join('|')})`;
const KEPT_FORMS = new RegExp(`^/(?:${PATHS}/[^/]+/commands/[^/]+|${PATHS}/new|imports/new)$`);

export const isKeptForm = (path: string): boolean => KEPT_FORMS.test(path);

export const isOpenPage = (path: string): boolean => OPEN.test(path);

/** Returns whether a form needs no CSRF token: mail programs send the unsubscribe form (RFC 8058). */
export const isSentFromAnywhere = (path: string): boolean => path === UNSUBSCRIBE_PATH;
export const UNSUBSCRIBE_PATH = '/unsubscribe';

/** Returns the address of the sign-in page, with the page to return to. */
export const signInAddress = (to: string): string =>
  to === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(to)}`;

/**
 * Returns the address to redirect to after sign-in: the requested one if it is a page of ours, else the first
 * page.
 * Prevents open redirects: `//elsewhere.example`, backslashes in some browsers, and `/.//elsewhere.example`
 * after normalisation.
 */
export function addressOfOurs(address: string | undefined): string {
  if (address === undefined || !/^\/(?![/\\])[\x21-\x7e]*$/.test(address) || address.includes('\\'))
    return '/';
  const { pathname, search, origin } = new URL(address, 'http://here.invalid');
  const isOurs = origin === 'http://here.invalid' && !pathname.startsWith('//') && isPagePath(pathname);
  return isOurs ? `${pathname}${search}` : '/';
}

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
