import type { Service } from '#platform/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { isPlainDate, londonDay, parseInstant } from '#lifecycle/plain-date';
import { parseKnownAt, viewPoint } from '#lifecycle/effective-view';
import type { ViewPoint } from '#lifecycle/effective-view';
import { ProblemError } from '#use-cases/problems';

/** A parameter that cannot be used, with a pointer to it. */
export const invalidParameter = (name: string, detail: string): ProblemError =>
  new ProblemError('invalid-parameter', `${name} ${detail}`, { errors: [{ pointer: `/${name}`, detail }] });

/**
 * The query of a request: each parameter known to the route, and given once. Every read takes `minPosition`.
 * @throws ProblemError naming the parameter.
 */
export function queryOf<Name extends string>(
  request: FastifyRequest,
  names: readonly Name[],
  /** Those that may be given several times, which `valuesOf` gives. */
  several: readonly string[] = [],
): Partial<Record<Name | 'minPosition', string>> {
  const query = request.query as Record<string, string | string[]>;
  const known: readonly string[] = [
    ...names,
    ...several,
    ...(request.method === 'POST' ? [] : ['minPosition']),
  ];
  for (const [name, value] of Object.entries(query)) {
    if (!known.includes(name))
      throw invalidParameter(name, `is no parameter of this route; it takes ${known.join(', ') || 'none'}`);
    if (typeof value !== 'string' && !several.includes(name))
      throw invalidParameter(name, 'is given more than once');
    // No store can hold it, and some fail at being asked for it; a search takes the words from whatever is typed.
    if (name !== 'q' && [value].flat().some((each) => each.includes('\0')))
      throw invalidParameter(name, 'must not hold U+0000');
  }
  return query as Partial<Record<Name | 'minPosition', string>>;
}

const VALUES_MAX = 50;

/** A form that the values of a parameter have. */
export interface ValueForm {
  readonly pattern: RegExp;
  readonly told: string;
}

/** All values of a parameter that may be given several times, each of a form; null where it is not given. */
export function valuesOf(
  request: FastifyRequest,
  name: string,
  { pattern, told }: ValueForm,
): readonly string[] | null {
  const given = (request.query as Record<string, string | string[] | undefined>)[name];
  if (given === undefined) return null;
  const values = [...new Set([given].flat())];
  if (values.length > VALUES_MAX) throw invalidParameter(name, `may be given at most ${VALUES_MAX} times`);
  if (values.every((value) => pattern.test(value))) return values;
  throw invalidParameter(name, `must be ${told}`);
}

/** How many items a page has where nobody says, and how many at the most. */
export interface PageLimits {
  readonly fallback: number;
  readonly most: number;
}

/** A page of a list. */
export const LIST_PAGE: PageLimits = { fallback: 50, most: 200 };
/** A page of a stream's events, or of the whole log's. */
export const EVENTS_PAGE: PageLimits = { fallback: 1_000, most: 10_000 };

/** A whole number from 1 to a maximum. */
export function limitOf(text: string | undefined, { fallback, most }: PageLimits): number {
  if (text === undefined) return fallback;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (limit >= 1 && limit <= most) return limit;
  throw invalidParameter('limit', `must be a whole number from 1 to ${most}`);
}

/** A stream's version after which to read. */
export function versionOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalidParameter('after', 'must be a version: a whole number from 0');
}

/** A position in the log, as an answer gave it. */
export function positionOf(name: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  // No position of any store is longer: in KurrentDB one is two figures of 64 bits.
  if (/^\d{1,39}$/.test(text)) return BigInt(text).toString();
  throw invalidParameter(name, 'must be a position, as an answer gave it: a decimal number');
}

export function oneOf<Value extends string>(
  name: string,
  text: string | undefined,
  values: readonly Value[],
): Value | undefined {
  if (text === undefined || values.includes(text as Value)) return text as Value | undefined;
  throw invalidParameter(name, `must be one of ${values.join(', ')}`);
}

export function booleanOf(name: string, text: string | undefined): boolean {
  if (text === undefined || text === 'false') return false;
  if (text === 'true' || text === '') return true;
  throw invalidParameter(name, 'must be true or false');
}

/** A plain date. */
export function dateOf(name: string, text: string | undefined): string | undefined {
  if (text === undefined || isPlainDate(text)) return text;
  throw invalidParameter(name, 'must be a date that exists, as YYYY-MM-DD');
}

/** The first instant that a parameter names, or the last: a date is the whole day in London. */
export function instantOf(name: string, text: string | undefined, end: 'from' | 'to'): string | null {
  if (text === undefined) return null;
  const instant = isPlainDate(text) ? londonDay(text)[end] : parseInstant(text);
  if (instant !== null) return instant;
  const forms = 'an instant with an offset, as 2026-11-24T12:00:00Z, or a date, which is that day in London';
  throw invalidParameter(name, `must be ${forms}`);
}

/** The two axes of time of a read; an instant that is still to come is unknown to everyone. */
export function viewOf(query: { effectiveOn?: string; knownAt?: string }, now: number): ViewPoint {
  const effectiveOn = dateOf('effectiveOn', query.effectiveOn) ?? null;
  if (query.knownAt === undefined) return viewPoint(effectiveOn, null);
  const known = parseKnownAt(query.knownAt, now);
  if (known === 'in-future') throw invalidParameter('knownAt', 'lies in the future');
  if (known !== 'no-instant') return viewPoint(effectiveOn, known.knownAt);
  const forms = 'an instant with an offset, as 2026-11-24T12:00:00Z, or a date, for its end in London';
  throw invalidParameter('knownAt', `must be ${forms}`);
}

/** The caller's Idempotency-Key; null without one. */
export function idempotencyKeyOf(request: FastifyRequest): string | null {
  // Node joins a header that is given twice; only the distinct ones tell.
  const [key, second] = request.raw.headersDistinct['idempotency-key'] ?? [];
  if (key === undefined) return null;
  if (second === undefined && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new ProblemError('invalid-header', 'Idempotency-Key takes 1 to 255 printable ASCII characters, once');
}

/** The media type that a request likes best of those that can be given; undefined where it takes none of them. */
function acceptedType<Type extends string>(
  request: FastifyRequest,
  reply: FastifyReply,
  types: readonly Type[],
): Type | undefined {
  // The answer is marked as one that depends on that.
  void reply.header('vary', 'Accept');
  return new Negotiator(request).mediaType([...types]) as Type | undefined;
}

/**
 * As above; the first where it says nothing.
 * @throws ProblemError where it takes none of them.
 */
export function mediaTypeOf<Type extends string>(
  request: FastifyRequest,
  reply: FastifyReply,
  types: readonly Type[],
): Type {
  const type = acceptedType(request, reply, types);
  if (type !== undefined) return type;
  throw new ProblemError('not-acceptable', `This can be given as ${types.join(', ')}`);
}

/** Whether a request likes a media type better than JSON, which it gets where it takes neither. */
export const prefers = (request: FastifyRequest, reply: FastifyReply, type: string): boolean =>
  acceptedType(request, reply, ['application/json', type]) === type;

/** Where people reach the service. Where no setting says it, there is nothing but what the caller says of where it asked. */
export const publicAddress = (
  { publicUrl }: Pick<Service, 'publicUrl'>,
  { protocol, host }: Pick<FastifyRequest, 'protocol' | 'host'>,
): string => publicUrl ?? `${protocol}://${host}`;
