import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RecordKind } from '#lifecycle/kind';
import type { PayloadProblem } from '#lifecycle/refused';
import { SLUG } from '#lifecycle/text-rules';
import { problemOf, ProblemError } from '#use-cases/problems';
import { MIN_POSITION } from '../../api/query-parameters.ts';
import { parseQuery } from '../../api/route-query.ts';
import type { QueryOf } from '../../api/route-query.ts';
import type { RouteName } from '../../api/routes.ts';
import { slugOf } from '../body-names.ts';

// The query of a list's page uses the parameter names of the API.

/** Parses a list's address. Empty fields are dropped. */
export function parseParams(address: string): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, raw] of new URL(address, 'http://here.invalid').searchParams) {
    // Slugs are lower case.
    const value = name === 'recipient' ? raw.trim().toLowerCase() : raw.trim();
    if (value !== '' && !params.has(name, value)) params.append(name, value);
  }
  return params;
}

/** Returns the address of a list with this query. */
export const addressOf = (path: string, params: URLSearchParams): string =>
  params.size === 0 ? path : `${path}?${params.toString()}`;

/**
 * Parses the address of a request and resolves names of bodies.
 * If the form sent empty fields, redirects to the address without them and returns null.
 */
export async function parseOrRedirect(
  { url, server }: Pick<FastifyRequest, 'url' | 'server'>,
  reply: FastifyReply,
  path: string,
): Promise<URLSearchParams | null> {
  const params = parseParams(url);
  const recipients = params.getAll('recipient');
  if (recipients.some((typed) => !SLUG.test(typed))) {
    const bodies = await server.pages.bodies.all();
    params.delete('recipient');
    for (const slug of new Set(recipients.map((typed) => slugOf(typed, bodies))))
      params.append('recipient', slug);
  }
  const address = addressOf(path, params);
  if (!url.includes('?') || address.length >= url.length) return params;
  await reply.redirect(address, 303);
  return null;
}

/** Returns a changed query on its first page; null removes a parameter. */
export function changedParams(
  params: URLSearchParams,
  changes: Readonly<Record<string, string | null>>,
): URLSearchParams {
  const anew = new URLSearchParams(params);
  const all: Readonly<Record<string, string | null>> = { cursor: null, minPosition: null, ...changes };
  for (const [name, value] of Object.entries(all))
    if (value === null) anew.delete(name);
    else anew.set(name, value);
  return anew;
}

/** Returns the query without one value. */
export function withoutParam(params: URLSearchParams, name: string, value: string): URLSearchParams {
  const anew = changedParams(params, {});
  anew.delete(name, value);
  return anew;
}

/** Converts a query to the form that routes accept. */
export const queryFrom = (params: URLSearchParams): Readonly<Record<string, string | string[]>> =>
  Object.fromEntries(
    [...new Set(params.keys())].map((name) => {
      const values = params.getAll(name);
      return [name, values.length === 1 ? (values[0] as string) : values] as const;
    }),
  );

/** The invalid parameters of an address, by pointer. */
export type ListProblems = readonly PayloadProblem[];

/** Lets a page wait until the list includes an earlier change. */
const PAGE_PARAMETERS = { minPosition: MIN_POSITION };

/** Reads a query like the API's route; returns all its problems if it is invalid. */
export function readParams<Name extends RouteName>(
  params: URLSearchParams,
  route: Name,
  kind: RecordKind | null = null,
): { readonly query: QueryOf<Name> } | { readonly problems: ListProblems } {
  const raw = queryFrom(params);
  const problems = Object.entries(raw).flatMap(([name, values]) => {
    try {
      parseQuery({ [name]: values }, route, { kind, more: PAGE_PARAMETERS });
      return [];
    } catch (error) {
      return listProblems(error);
    }
  });
  return problems.length > 0
    ? { problems }
    : { query: parseQuery(raw, route, { kind, more: PAGE_PARAMETERS }) };
}

/** Reads a query and calls `find`; returns the result or the problems. */
export async function foundAt<Name extends RouteName, Found>(
  params: URLSearchParams,
  { route, kind = null }: { readonly route: Name; readonly kind?: RecordKind | null },
  find: (query: QueryOf<Name>) => Promise<Found>,
): Promise<{ readonly found: Found | null; readonly problems: ListProblems }> {
  const read = readParams(params, route, kind);
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
