import type { FastifyRequest } from 'fastify';
import type { RecordKind } from '#lifecycle/kind';
import type { StandingFilters } from '#read-models/standing-conditions';
import { invalidParameter } from '#use-cases/problems';
import { kindAt } from '../of-each-kind.ts';
import { MIN_POSITION } from './query-parameters.ts';
import type { QueryParameter, ReadQuery } from './query-parameters.ts';
import type { RouteDocument } from './route-document.ts';
import { ROUTES } from './routes.ts';
import type { RouteName } from './routes.ts';

/** What a route's query holds once it is read. */
export type QueryOf<Name extends RouteName> = (typeof ROUTES)[Name] extends { readonly query: infer Declared }
  ? ReadQuery<Declared> & (Declared extends { readonly status: unknown } ? OfRegions : unknown)
  : ReadQuery<unknown>;

/** By what records are narrowed whose parameters are named as the regions of lifecycles. */
type OfRegions = Pick<StandingFilters, 'regions'>;

type Parameters = Readonly<Record<string, QueryParameter>>;
type Given = Readonly<Record<string, string | string[]>>;

/**
 * The query of a request, read as its route declares it. Every read takes `minPosition`, which `fresh-reads.ts` waits for.
 * @throws ProblemError naming the parameter that is unknown, given too often, or not of its form.
 */
export const queryOf = <Name extends RouteName>(request: FastifyRequest, name: Name): QueryOf<Name> =>
  queryGiven(request.query as Given, name, {
    kind: kindAt(request.routeOptions.url ?? ''),
    more: request.method === 'POST' ? {} : { minPosition: MIN_POSITION },
  });

/** The same of what is given as a route's query, wherever it was: whoever else takes a route's parameters takes them as it does. */
export function queryGiven<Name extends RouteName>(
  given: Given,
  name: Name,
  { kind = null, more = {} }: { readonly kind?: RecordKind | null; readonly more?: Parameters } = {},
): QueryOf<Name> {
  const known = { ...parametersOf(ROUTES[name], kind), ...more };
  assertKnown(known, given);
  const { minPosition: _, ...query } = readQuery<Parameters>(known, given);
  return query as QueryOf<Name>;
}

/** The parameters of a route; of some, those of records of a kind. */
export const parametersOf = (
  { query = {}, queryOfKind }: RouteDocument,
  kind: RecordKind | null,
): Parameters => (kind === null ? query : (queryOfKind?.(kind) ?? query));

/** The same as the document has them. */
export const queryParameters = (route: RouteDocument, kind: RecordKind | null) =>
  Object.entries({
    ...parametersOf(route, kind),
    ...(route.reads === true && { minPosition: MIN_POSITION }),
  }).map(([name, { called = name, description, schema, isRequired = false }]) => ({
    ...{ name: called, in: 'query' as const, required: isRequired, description, schema },
  }));

/** What is given for these parameters; throws as above. */
export function readQuery<Declared extends Parameters>(
  declared: Declared,
  given: Given,
): ReadQuery<Declared> {
  const query: Record<string, unknown> = {};
  for (const [name, { called = name, read, fallback, isRequired, within }] of Object.entries(declared)) {
    const values = given[called];
    if (values !== undefined) {
      const value = read(called, [values].flat() as [string, ...string[]]);
      Object.assign(
        query,
        within === undefined
          ? { [name]: value }
          : { [within]: { ...(query[within] as object | undefined), [name]: value } },
      );
    } else if (fallback !== undefined) query[name] = fallback;
    else if (isRequired === true) throw invalidParameter(called, 'must be given');
  }
  return query as ReadQuery<Declared>;
}

function assertKnown(declared: Parameters, given: Given): void {
  const known = Object.fromEntries(
    Object.entries(declared).map(([name, parameter]) => [parameter.called ?? name, parameter]),
  );
  for (const [name, values] of Object.entries(given)) {
    const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
    if (parameter === undefined) {
      const told = namesOf(known);
      throw invalidParameter(name, `is no parameter of this route; it takes ${told.join(', ') || 'none'}`);
    }
    if (typeof values !== 'string' && parameter.isSeveral !== true)
      throw invalidParameter(name, 'is given more than once');
    // No store can hold it, and some fail at being asked for it.
    if (parameter.takesNul !== true && [values].flat().some((value) => value.includes('\0')))
      throw invalidParameter(name, 'must not hold U+0000');
  }
}

/** As they are told: what is given once, then what may be given several times, and what every read takes. */
function namesOf(known: Parameters): string[] {
  const rank = (name: string): number =>
    name === 'minPosition' ? 2 : known[name]?.isSeveral === true ? 1 : 0;
  return Object.keys(known).sort((one, other) => rank(one) - rank(other));
}
