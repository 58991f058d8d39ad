import type { FastifyRequest } from 'fastify';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { fieldsOf } from './forms/member-fields.ts';

/** What is not for people with a browser: the API, and what operators' tools ask for. */
const OF_MACHINES = /^\/(?:api|health|metrics)(?:\/|$)/;

/** Pages that are there before anybody has signed in, and what pages load. */
const OPEN = /^\/(?:sign-in|sign-out|signed-out|accessibility|help|unsubscribe)(?:\/|$)|^\/assets\//;

/** Whether an address is one of those that pages may have. */
export const isPagePath = (path: string): boolean => !OF_MACHINES.test(path);

/**
 * Whether a request comes to an address that pages may have. Its route tells, not what was written: `/%61pi` and
 * `http://…/api` lead where `/api` does, and a browser's cookie opens nothing there.
 */
export const isForPages = ({ url, routeOptions }: FastifyRequest): boolean =>
  isPagePath(routeOptions.url ?? (url.split('?') as [string])[0]);

/**
 * Whether a request is for a page. Where there is nothing at its address, it is one of a browser if it asks for HTML, and a
 * program's is told as the API tells it.
 */
export const isPageRequest = (request: FastifyRequest): boolean =>
  isForPages(request) && (!request.is404 || /\btext\/html\b/.test(request.headers.accept ?? ''));

/** Forms that hold what was typed when the sign-in has ended meanwhile, until there is another one. */
const PATHS = `(?:${kinds.all.map(({ path }) => path).join('|')})`;
const HELD = new RegExp(`^/(?:${PATHS}/[^/]+/commands/[^/]+|${PATHS}/new|imports/new)$`);

/** Whether what is sent to a page is shown again to whoever has signed in anew. */
export const isHeldForm = (path: string): boolean => HELD.test(path);

/** The commands that take files as evidence. */
const WITH_FILES = lifecycles.currents.flatMap(({ commands }) =>
  Object.entries(commands).flatMap(([name, { payload }]) =>
    fieldsOf(payload.members).some(({ kind }) => kind === 'files') ? [name] : [],
  ),
);
const EVIDENCE = new RegExp(`^/${PATHS}/[^/?]+/commands/(?:${WITH_FILES.join('|')})(?:\\?|$)`);

/** Whether files of evidence come to an address, which are long. */
export const isEvidenceForm = (url: string): boolean => WITH_FILES.length > 0 && EVIDENCE.test(url);

/** Whether a page is shown to whoever asks. */
export const isOpenPage = (path: string): boolean => OPEN.test(path);

/** Whether a form carries what permits it, and so may come from anywhere: a mail program sends it (RFC 8058). */
export const isSentFromAnywhere = (path: string): boolean => path === UNSUBSCRIBE_PATH;
export const UNSUBSCRIBE_PATH = '/unsubscribe';

/** Where somebody signs in who wanted to go to an address of ours. */
export const signInAddress = (to: string): string =>
  to === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(to)}`;

/**
 * Where somebody goes who has signed in: an address of ours that was handed around in a link or a form, or the first page
 * where it is none. Nothing else is followed: `//elsewhere.example` would leave us, and so would a backslash in some browsers.
 * `/.//elsewhere.example` is that too, once its dots are followed.
 */
export function addressOfOurs(given: string | undefined): string {
  if (given === undefined || !/^\/(?![/\\])[\x21-\x7e]*$/.test(given) || given.includes('\\')) return '/';
  const { pathname, search, origin } = new URL(given, 'http://here.invalid');
  const isOurs = origin === 'http://here.invalid' && !pathname.startsWith('//') && isPagePath(pathname);
  return isOurs ? `${pathname}${search}` : '/';
}
