import type { PublicUrl } from '../parts.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { parsePoint } from '#use-cases/records/compare-points';
import type { Point } from '#use-cases/records/record-at';
import { parseKnownAt, viewPoint } from '#use-cases/records/view-point';
import type { HistoryView } from '#read-models/history/holds-at';
import type { ViewPoint } from '#lifecycle/effective-view';
import { invalidParameter, ProblemError } from '#use-cases/problems';

/** The two axes of time of a read; an instant that is still to come is unknown to everyone. */
export function viewOf(
  query: { readonly effectiveOn?: string; readonly knownAt?: string },
  now: number,
): ViewPoint {
  const effectiveOn = query.effectiveOn ?? null;
  if (query.knownAt === undefined) return viewPoint(effectiveOn, null);
  const known = parseKnownAt(query.knownAt, now);
  if (known === 'in-future') throw invalidParameter('knownAt', 'lies in the future');
  if (known !== 'no-instant') return viewPoint(effectiveOn, known.knownAt);
  const forms = 'an instant with an offset, as 2026-11-24T12:00:00Z, or a date, for its end in London';
  throw invalidParameter('knownAt', `must be ${forms}`);
}

/** A point of a record's history, as it is written. */
export function pointOf(name: string, given: string, now: number): Point {
  const point = parsePoint(given, now);
  if (point === 'in-future') throw invalidParameter(name, 'lies in the future');
  if (point !== 'no-instant') return point;
  const forms = 'a date, an instant with an offset, as 2026-11-24T12:00:00Z, or a version, as v3';
  throw invalidParameter(name, `must be ${forms}`);
}

/** The same of a list, whose other parameters are those that are left; no view where it is asked for as it stands. */
export function inView<Query extends Parameters<typeof viewOf>[0]>(
  { effectiveOn, knownAt, ...rest }: Query,
  now: number,
): Omit<Query, 'effectiveOn' | 'knownAt'> & { readonly view?: HistoryView } {
  const asked = {
    ...(effectiveOn !== undefined && { effectiveOn }),
    ...(knownAt !== undefined && { knownAt }),
  };
  const view = viewOf(asked, now);
  if (view.effectiveOn === null) return rest;
  const named = [effectiveOn ?? null, knownAt ?? null];
  return { ...rest, view: { effectiveOn: view.effectiveOn, knownAt: view.knownAt, named } };
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
  const accept = rangesOf(request.headers.accept ?? '');
  return new Negotiator({ headers: { accept } }).mediaType([...types]) as Type | undefined;
}

/** Ranges of an Accept, and parts of a range: what is quoted may hold what parts them. */
const RANGES = /(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g;
const RANGE_PARTS = /(?:[^;"]|"(?:\\.|[^"\\])*"?)+/g;

/**
 * An Accept without the parameters of its media types: there is one answer of each type, in UTF-8, whatever else is said of it.
 * One that names nothing takes anything, as does a lone star (RFC 9110, section 12.5.1, and what older clients send).
 */
function rangesOf(accept: string): string {
  const ranges = (accept.match(RANGES) ?? []).filter((range) => range.trim() !== '');
  if (ranges.length === 0) return '*/*';
  const plain = ranges.map((range) => {
    const [type = '', ...parameters] = (range.match(RANGE_PARTS) ?? []).map((part) => part.trim());
    const weight = parameters.filter((parameter) => /^q\s*=/i.test(parameter)).slice(0, 1);
    return [type === '*' ? '*/*' : type, ...weight].join(';');
  });
  return plain.join(', ');
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
  { publicUrl }: PublicUrl,
  { protocol, host }: Pick<FastifyRequest, 'protocol' | 'host'>,
): string => publicUrl ?? `${protocol}://${host}`;
