import type { Parts } from '../parts.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { parseKnownAt, viewPoint } from '#use-cases/records/record-at';
import type { PastView } from '#read-models/past-rows';
import type { ViewPoint } from '#lifecycle/effective-view';
import { PARAMETER_MESSAGES } from '#use-cases/parameter-messages';
import { invalidParameter, ProblemError } from '#use-cases/problems';

/** Combines the two time axes of a read. An instant in the future is refused. */
export function viewOf(
  query: { readonly effectiveOn?: string; readonly knownAt?: string },
  now: number,
): ViewPoint {
  const effectiveOn = query.effectiveOn ?? null;
  if (query.knownAt === undefined) return viewPoint(effectiveOn, null);
  const known = parseKnownAt(query.knownAt, now);
  if (known === 'in-future') throw invalidParameter('knownAt', PARAMETER_MESSAGES.future);
  if (known !== 'no-instant') return viewPoint(effectiveOn, known.knownAt);
  const forms =
    'an instant with an offset, such as 2026-11-24T12:00:00Z, or a date, meaning its end in London';
  throw invalidParameter('knownAt', `must be ${forms}`);
}

/** Replaces a list's time parameters with a view; none for the current state. */
export function inView<Query extends Parameters<typeof viewOf>[0]>(
  { effectiveOn, knownAt, ...rest }: Query,
  now: number,
): Omit<Query, 'effectiveOn' | 'knownAt'> & { readonly view?: PastView } {
  const times = {
    ...(effectiveOn !== undefined && { effectiveOn }),
    ...(knownAt !== undefined && { knownAt }),
  };
  const view = viewOf(times, now);
  if (view.effectiveOn === null) return rest;
  const named = [effectiveOn ?? null, knownAt ?? null];
  return { ...rest, view: { effectiveOn: view.effectiveOn, knownAt: view.knownAt, named } };
}

/** Returns the caller's Idempotency-Key; null without one. */
export function idempotencyKeyOf(request: FastifyRequest): string | null {
  // Node joins repeated headers; only `headersDistinct` shows them.
  const [key, second] = request.raw.headersDistinct['idempotency-key'] ?? [];
  if (key === undefined) return null;
  if (second === undefined && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new ProblemError(
    'invalid-header',
    'Idempotency-Key must have 1 to 255 printable ASCII characters and be sent only once',
  );
}

/** Returns the media type that a request prefers among those available; undefined if it accepts none. */
function acceptedType<Type extends string>(
  request: FastifyRequest,
  reply: FastifyReply,
  types: readonly Type[],
): Type | undefined {
  // The response depends on Accept.
  void reply.header('vary', 'Accept');
  const accept = rangesOf(request.headers.accept ?? '');
  return new Negotiator({ headers: { accept } }).mediaType([...types]) as Type | undefined;
}

/** The ranges of an Accept header, and the parts of a range: quoted strings may contain separators. */
const RANGES = /(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g;
const RANGE_PARTS = /(?:[^;"]|"(?:\\.|[^"\\])*"?)+/g;

/**
 * Removes the media types' parameters from an Accept header: there is one response per type, in UTF-8. An empty header or a single star
 * accepts anything (RFC 9110, section 12.5.1, and older clients).
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

/** Returns the preferred media type, by default the first. @throws ProblemError if the request accepts none of them. */
export function mediaTypeOf<Type extends string>(
  request: FastifyRequest,
  reply: FastifyReply,
  types: readonly Type[],
): Type {
  const type = acceptedType(request, reply, types);
  if (type !== undefined) return type;
  throw new ProblemError(
    'not-acceptable',
    `The response is available as ${types.join(', ')}; send one of these in Accept`,
  );
}

/** Reports whether a request prefers a media type to JSON, the default. */
export const prefers = (request: FastifyRequest, reply: FastifyReply, type: string): boolean =>
  acceptedType(request, reply, ['application/json', type]) === type;

/** Returns the service's public base URL; without a setting, the one that the request used. */
export const publicAddress = (
  { publicUrl }: Pick<Parts, 'publicUrl'>,
  { protocol, headers }: Pick<FastifyRequest, 'protocol' | 'headers'>,
): string => publicUrl ?? `${protocol}://${headers.host ?? ''}`;
