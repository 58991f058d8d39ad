import type { RecordKind } from '#lifecycle/kind';
import type { ProblemCode } from '#use-cases/problems';
import type { QueryParameter } from './query-parameters.ts';
import { ref, refToOne } from './schema-forms.ts';
import type { Answer, AnswerName } from './schemas.ts';
import type { Schema, SchemaObject } from './schema-forms.ts';

type Content = Record<string, { schema: Schema }>;

export interface RouteAnswer {
  readonly status: number;
  readonly description: string;
  readonly content: Content;
  /** Headers besides those that every response has. */
  readonly headers?: readonly HeaderName[];
}

export interface RouteDocument {
  readonly summary: string;
  readonly description?: string;
  /** Needs no token. */
  readonly open?: boolean;
  /** Also accepts a token as a password. */
  readonly basic?: boolean;
  /** Returns 304 if the caller has the current response. */
  readonly conditional?: boolean;
  /** Is streamed instead of returned by its method. */
  readonly streams?: boolean;
  /** Accepts `minPosition`. */
  readonly reads?: boolean;
  /** The rest of the path, if it has more than one part. */
  readonly path?: string;
  readonly query?: Readonly<Record<string, QueryParameter>>;
  /** Its parameters for records of one kind; by default `query`. */
  readonly queryOfKind?: (kind: RecordKind) => Readonly<Record<string, QueryParameter>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly mediaType: string; readonly schema: Schema };
  readonly answer: RouteAnswer & { readonly also?: readonly RouteAnswer[] };
  readonly problems: readonly ProblemCode[];
}

/** JSON of a named schema; the compiler checks the route's response against it. */
export const json = <Name extends AnswerName>(schema: Name) => ({
  'application/json': { schema: ref<Answer<Name>>(schema) },
});
/** JSON of one of several schemas. */
export const jsonOf = <Name extends AnswerName>(...schemas: readonly Name[]) => ({
  'application/json': {
    schema: refToOne<Answer<Name>>(schemas),
  },
});
export const ok = <Name extends AnswerName>(schema: Name, description = 'The requested data.') => ({
  status: 200,
  description,
  content: json(schema),
});

/** In pages as JSON, or all as CSV. */
export const okOrCsv = <Name extends AnswerName>(schema: Name) => ({
  ...ok(schema, 'A page as JSON, or everything as CSV if Accept prefers it.'),
  headers: ['Vary', 'Content-Disposition'] as const,
  content: { ...json(schema), 'text/csv': { schema: { type: 'string' as const } } },
});
export const WHOLE_AS_CSV =
  'With `Accept: text/csv`, returns everything as a file and ignores `limit` and `cursor`. A cell that a spreadsheet would interpret ' +
  'as a formula starts with an apostrophe.';
/** The additional problems of CSV responses. */
export const AS_CSV: readonly ProblemCode[] = ['not-acceptable', 'too-busy'];

const header = (description: string, schema: SchemaObject = { type: 'string' }) => ({ description, schema });

/** The headers of responses. */
export const HEADERS = {
  ETag: header(
    'The entity tag to send as If-None-Match. For a record, it consists of the version and the day of the state, and can also be sent as If-Match.',
  ),
  'Cache-Control': header('How the response may be cached.'),
  Vary: header('The request headers that the response depends on.'),
  Location: header('The path of the created resource.', { type: 'string', format: 'uri-reference' }),
  Link: header('The URL of the next page (rel="next"); absent on the last page.'),
  'Content-Disposition': header('A suggested file name.'),
  'Retry-After': header('The number of seconds to wait before a retry.', { type: 'integer', minimum: 0 }),
  'WWW-Authenticate': header('The supported authentication schemes.'),
  'X-Correlation-Id': header(
    "The request's id in the log and in its events: the caller's own if it is a UUID, a ULID or a trace id, otherwise a new one.",
  ),
} as const;

export type HeaderName = keyof typeof HEADERS;

export const IDEMPOTENCY_KEY = {
  'Idempotency-Key':
    'A key of your choice. A repeated request with the same key is carried out once and returns the same response.',
};

export const BODY: readonly ProblemCode[] = [
  'malformed-request',
  'payload-too-large',
  'unsupported-media-type',
];
/** The problems of most reads, changes and deletions. */
export const READ: readonly ProblemCode[] = [
  'invalid-parameter',
  'not-found',
  'store-unavailable',
  'read-model-behind',
];
export const QUERY: readonly ProblemCode[] = [
  'invalid-parameter',
  'store-unavailable',
  'read-model-behind',
  'too-busy',
  'query-too-slow',
];
/** The problems of reads that may need the past. */
export const QUERY_PAST: readonly ProblemCode[] = [...QUERY, 'past-not-ready'];
export const CHANGE: readonly ProblemCode[] = [
  'invalid-payload',
  'invalid-parameter',
  'invalid-header',
  ...BODY,
  'role-not-permitted',
  'idempotency-key-reused',
  'store-unavailable',
  'too-busy',
];

export const DELETE: readonly ProblemCode[] = [
  'invalid-parameter',
  ...BODY,
  'not-found',
  'store-unavailable',
];
