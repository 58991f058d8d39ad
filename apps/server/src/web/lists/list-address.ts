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

// The query of a list's page uses the parameter names of the API.

/** Parses a list's address. Empty fields are dropped. */
export function askedIn(address: string): URLSearchParams {
  const asked = new URLSearchParams();
  for (const [name, given] of new URL(address, 'http://here.invalid').searchParams) {
    // Slugs are lower case.
    const value = name === 'recipient' ? given.trim().toLowerCase() : given.trim();
    if (value !== '' && !asked.has(name, value)) asked.append(name, value);
  }
  return asked;
}

/** Returns the address of a list with this query. */
export const addressOf = (path: string, asked: URLSearchParams): string =>
  asked.size === 0 ? path : `${path}?${asked.toString()}`;

/**
 * Parses the address of a request and resolves names of bodies.
 * If the form sent empty fields, redirects to the address without them and returns null.
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

/** Returns a changed query on its first page; null removes a parameter. */
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

/** Returns the query without one value. */
export function askedWithout(asked: URLSearchParams, name: string, value: string): URLSearchParams {
  const anew = askedAnew(asked, {});
  anew.delete(name, value);
  return anew;
}

/** Converts a query to the form that routes accept. */
export const givenBy = (asked: URLSearchParams): Readonly<Record<string, string | string[]>> =>
  Object.fromEntries(
    [...new Set(asked.keys())].map((name) => {
      const values = asked.getAll(name);
      return [name, values.length === 1 ? (values[0] as string) : values] as const;
    }),
  );

/** The invalid parameters of an address, by pointer. */
export type ListProblems = readonly PayloadProblem[];

/** Lets a page wait until the list includes an earlier change. */
const PAGE_PARAMETERS = { minPosition: MIN_POSITION };

/** Reads a query like the API's route; returns all its problems if it is invalid. */
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

/** Reads a query and calls `find`; returns the result or the problems. */
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

/** Returns the problems in an error; rethrows other errors. */
export function listProblems(error: unknown): ListProblems {
  const known = problemOf(error);
  if (known?.code === 'invalid-parameter' && known.members.errors !== undefined) return known.members.errors;
  if (error instanceof ProblemError && error.code === 'other-organisation')
    return [{ pointer: '/recipient', detail: error.message }];
  throw error;
}
