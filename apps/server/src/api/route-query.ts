import type { FastifyRequest } from 'fastify';
import type { RecordKind } from '#lifecycle/kind';
import type { RecordFilters } from '#read-models/record-conditions';
import { invalidParameter } from '#use-cases/problems';
import { kindAt } from '../of-each-kind.ts';
import { MIN_POSITION } from './query-parameters.ts';
import type { QueryParameter, ReadQuery } from './query-parameters.ts';
import type { RouteDocument } from './route-document.ts';
import { ROUTES } from './routes.ts';
import { unknownParameterMessage } from '#use-cases/parameter-messages';
import type { RouteName } from './routes.ts';

/** A route's parsed query. */
export type QueryOf<Name extends RouteName> = (typeof ROUTES)[Name] extends { readonly query: infer Declared }
  ? ReadQuery<Declared> & (Declared extends { readonly status: unknown } ? OfRegions : unknown)
  : ReadQuery<unknown>;

/** The record filters whose parameters are named after regions. */
type OfRegions = Pick<RecordFilters, 'regions'>;

type Parameters = Readonly<Record<string, QueryParameter>>;
type RawQuery = Readonly<Record<string, string | string[]>>;

/**
 * Parses a request's query as its route declares it. Every read also accepts `minPosition`, which `fresh-reads.ts` handles.
 * @throws ProblemError naming the parameter that is unknown, repeated or malformed.
 */
export const queryOf = <Name extends RouteName>(request: FastifyRequest, name: Name): QueryOf<Name> =>
  parseQuery(request.query as RawQuery, name, {
    kind: kindAt(request.routeOptions.url ?? ''),
    more: request.method === 'POST' ? {} : { minPosition: MIN_POSITION },
  });

/** Parses parameters from another source as a route's query, for callers that accept the same parameters. */
export function parseQuery<Name extends RouteName>(
  raw: RawQuery,
  name: Name,
  { kind = null, more = {} }: { readonly kind?: RecordKind | null; readonly more?: Parameters } = {},
): QueryOf<Name> {
  const known = { ...parametersOf(ROUTES[name], kind), ...more };
  assertKnown(known, raw);
  const { minPosition: _, ...query } = readQuery<Parameters>(known, raw);
  return query as QueryOf<Name>;
}

/** Returns a route's parameters; for some routes they depend on the kind of record. */
const parametersOf = ({ query = {}, queryOfKind }: RouteDocument, kind: RecordKind | null): Parameters =>
  kind === null ? query : (queryOfKind?.(kind) ?? query);

/** Returns a route's parameters as the document lists them. */
export const queryParameters = (route: RouteDocument, kind: RecordKind | null) =>
  Object.entries({
    ...parametersOf(route, kind),
    ...(route.reads === true && { minPosition: MIN_POSITION }),
  }).map(([name, { called = name, description, schema, isRequired = false }]) => ({
    ...{ name: called, in: 'query' as const, required: isRequired, description, schema },
  }));

/** Parses the parameters' values; throws as `queryOf`. */
export function readQuery<Declared extends Parameters>(
  declared: Declared,
  raw: RawQuery,
): ReadQuery<Declared> {
  const query: Record<string, unknown> = {};
  for (const [name, { called = name, read, fallback, isRequired, within }] of Object.entries(declared)) {
    const values = raw[called];
    if (values !== undefined) {
      const value = read(called, [values].flat() as [string, ...string[]]);
      Object.assign(
        query,
        within === undefined
          ? { [name]: value }
          : { [within]: { ...(query[within] as object | undefined), [name]: value } },
      );
    } else if (fallback !== undefined) query[name] = fallback;
    else if (isRequired === true) throw invalidParameter(called, 'is required');
  }
  return query as ReadQuery<Declared>;
}

function assertKnown(declared: Parameters, raw: RawQuery): void {
  const known = Object.fromEntries(
    Object.entries(declared).map(([name, parameter]) => [parameter.called ?? name, parameter]),
  );
  for (const [name, values] of Object.entries(raw)) {
    const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
    if (parameter === undefined) {
      const names = namesOf(known);
      throw invalidParameter(name, unknownParameterMessage(names));
    }
    if (typeof values !== 'string' && parameter.isSeveral !== true)
      throw invalidParameter(name, 'must not be repeated');
    // No store can contain U+0000, and some fail on a query with it.
    if (parameter.allowsNul !== true && [values].flat().some((value) => value.includes('\0')))
      throw invalidParameter(name, 'must not contain U+0000');
  }
}

/** Returns the names in the order of the document: single parameters, repeatable ones, then those of every read. */
function namesOf(known: Parameters): string[] {
  const rank = (name: string): number =>
    name === 'minPosition' ? 2 : known[name]?.isSeveral === true ? 1 : 0;
  return Object.keys(known).sort((one, other) => rank(one) - rank(other));
}
