import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RecordKind } from '#lifecycle/kind';
import type { PayloadProblem } from '#lifecycle/refused';
import { SLUG } from '#lifecycle/text-rules';
import { problemOf, ProblemError } from '#use-cases/problems';
import { MIN_POSITION } from '../../api/query-parameters.ts';
import { queryGiven } from '../../api/route-query.ts';
import type { QueryOf } from '../../api/route-query.ts';
import type { RouteName } from '../../api/routes.ts';
import { slugOf } from '../body-names.ts';

// What is asked of a list stands in its page's address, under the names that the API has for it.

/** What an address asks of a list. What was left empty in a form is not asked. */
export function askedIn(address: string): URLSearchParams {
  const asked = new URLSearchParams();
  for (const [name, given] of new URL(address, 'http://here.invalid').searchParams) {
    // Short names of bodies are small, however they are typed.
    const value = name === 'recipient' ? given.trim().toLowerCase() : given.trim();
    if (value !== '' && !asked.has(name, value)) asked.append(name, value);
  }
  return asked;
}

/** The address of a list of which so much is asked. */
export const addressOf = (path: string, asked: URLSearchParams): string =>
  asked.size === 0 ? path : `${path}?${asked.toString()}`;

/**
 * What the address of a request asks of a list, bodies by their short names. Null where the reply redirects to the same address without the fields that a form
 * left empty, so that nobody keeps these or sends them to others.
 */
export async function askedOrShorter(
  { url, server }: Pick<FastifyRequest, 'url' | 'server'>,
  reply: FastifyReply,
  path: string,
): Promise<URLSearchParams | null> {
  const asked = askedIn(url);
  const recipients = asked.getAll('recipient');
  if (recipients.some((typed) => !SLUG.test(typed))) {
    const bodies = await server.pages.bodies.all();
    asked.delete('recipient');
    for (const slug of new Set(recipients.map((typed) => slugOf(typed, bodies))))
      asked.append('recipient', slug);
  }
  const address = addressOf(path, asked);
  if (!url.includes('?') || address.length >= url.length) return asked;
  await reply.redirect(address, 303);
  return null;
}

/** The same list but for some of what is asked: null is not asked any more. It begins anew, on its first page. */
export function askedAnew(
  asked: URLSearchParams,
  changes: Readonly<Record<string, string | null>>,
): URLSearchParams {
  const anew = new URLSearchParams(asked);
  const all: Readonly<Record<string, string | null>> = { cursor: null, minPosition: null, ...changes };
  for (const [name, value] of Object.entries(all))
    if (value === null) anew.delete(name);
    else anew.set(name, value);
  return anew;
}

/** The same without one of its values. */
export function askedWithout(asked: URLSearchParams, name: string, value: string): URLSearchParams {
  const anew = askedAnew(asked, {});
  anew.delete(name, value);
  return anew;
}

/** What is asked, as routes take it. */
export const givenBy = (asked: URLSearchParams): Readonly<Record<string, string | string[]>> =>
  Object.fromEntries(
    [...new Set(asked.keys())].map((name) => {
      const values = asked.getAll(name);
      return [name, values.length === 1 ? (values[0] as string) : values] as const;
    }),
  );

/** What of a list's address cannot be used: by the parameters' names, empty for what is of none. */
export type ListProblems = readonly PayloadProblem[];

/** After what was done, its page waits until the list knows of it. */
const PAGE_PARAMETERS = { minPosition: MIN_POSITION };

/** What is asked, read as the API's route reads it, or all that cannot be used of it. */
export function readAsked<Name extends RouteName>(
  asked: URLSearchParams,
  route: Name,
  kind: RecordKind | null = null,
): { readonly query: QueryOf<Name> } | { readonly problems: ListProblems } {
  const given = givenBy(asked);
  const problems = Object.entries(given).flatMap(([name, values]) => {
    try {
      queryGiven({ [name]: values }, route, { kind, more: PAGE_PARAMETERS });
      return [];
    } catch (error) {
      return listProblems(error);
    }
  });
  return problems.length > 0
    ? { problems }
    : { query: queryGiven(given, route, { kind, more: PAGE_PARAMETERS }) };
}

/** What a list's page shows for its address: what `find` finds for it, or the problems of it. */
export async function foundAt<Name extends RouteName, Found>(
  asked: URLSearchParams,
  { route, kind = null }: { readonly route: Name; readonly kind?: RecordKind | null },
  find: (query: QueryOf<Name>) => Promise<Found>,
): Promise<{ readonly found: Found | null; readonly problems: ListProblems }> {
  const read = readAsked(asked, route, kind);
  if ('problems' in read) return { found: null, problems: read.problems };
  try {
    return { found: await find(read.query), problems: [] };
  } catch (error) {
    return { found: null, problems: listProblems(error) };
  }
}

/** What an error says of what is asked. Whatever else it is, is thrown on. */
export function listProblems(error: unknown): ListProblems {
  const known = problemOf(error);
  if (known?.code === 'invalid-parameter' && known.members.errors !== undefined) return known.members.errors;
  if (error instanceof ProblemError && error.code === 'other-organisation')
    return [{ pointer: '/recipient', detail: error.message }];
  throw error;
}
