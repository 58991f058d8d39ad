import type { FastifyRequest } from 'fastify';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { fieldsOf } from './forms/member-fields.ts';

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

/** Commands with files of evidence. */
const WITH_FILES = lifecycles.currents.flatMap(({ commands }) =>
  Object.entries(commands).flatMap(([name, { payload }]) =>
    fieldsOf(payload.members).some(({ kind }) => kind === 'files') ? [name] : [],
  ),
);
const EVIDENCE = new RegExp(`^/${PATHS}/[^/?]+/commands/(?:${WITH_FILES.join('|')})(?:\\?|$)`);

/** Returns whether a form may upload files of evidence, which is slower. */
export const isEvidenceForm = (url: string): boolean => WITH_FILES.length > 0 && EVIDENCE.test(url);

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
