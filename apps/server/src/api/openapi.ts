import { applyDecorators, HttpCode } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ApiBasicAuth,
  ApiBearerAuth,
  ApiBody,
  ApiHeader,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  DocumentBuilder,
  SwaggerModule,
} from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { VERSION } from '#platform/package-json';
import { kinds } from '#state-machines/record-streams';
import { EnterPersonPayload } from '#use-cases/people/administer-people';
import { NoticesPayload, ReadPayload } from '#use-cases/inbox/keep-inbox';
import { CalendarLinkPayload } from '#use-cases/people/calendar-links';
import { RedeliverPayload, WebhookPayload } from '#use-cases/webhooks/administer-webhooks';
import { pathsOfKinds } from './kinds-document.ts';
import { answerSchemas, payloadSchemas } from './field-schemas.ts';
import { schemasOfKinds } from './kind-schemas.ts';
import { PROBLEMS } from '#use-cases/problems';
import type { ProblemCode } from '#use-cases/problems';
import { HEADERS } from './route-document.ts';
import { queryOf, queryParameters } from './route-query.ts';
import type { HeaderName, RouteAnswer, RouteDocument } from './route-document.ts';
import { ROUTES } from './routes.ts';
import type { AnsweredBy, RouteName } from './routes.ts';
import { ref } from './schema-forms.ts';
import { ANSWERS } from './schemas.ts';
import type { Schema } from './schema-forms.ts';

/** The problems that every route with a token may return. */
const CLOSED: readonly ProblemCode[] = [
  'unauthenticated',
  'invalid-claim',
  'foreign-host',
  'rate-limited',
  'identity-provider-unavailable',
];

const jsonContent = (schema: string, mediaType = 'application/json') => ({
  [mediaType]: { schema: ref(schema) },
});

/** A decorator for a method that returns its route's response type; the compiler rejects any other. */
type AnsweringDecorator<Name extends RouteName> = <Method extends (...args: never[]) => AnsweredBy<Name>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/** Refuses query parameters before the method of a route that has none. */
const refuseParameters =
  (name: RouteName): MethodDecorator =>
  <Method>(_target: object, _key: string | symbol, descriptor: TypedPropertyDescriptor<Method>) => {
    const method = descriptor.value as (request: FastifyRequest, ...others: unknown[]) => unknown;
    const refusing = function (this: unknown, request: FastifyRequest, ...others: unknown[]): unknown {
      queryOf(request, name);
      return method.call(this, request, ...others);
    };
    // Nest finds a method's parameters by its name, and those have already stored their descriptions on it.
    Object.defineProperty(refusing, 'name', { value: method.name });
    for (const key of Reflect.getMetadataKeys(method))
      Reflect.defineMetadata(key, Reflect.getMetadata(key, method), refusing);
    descriptor.value = refusing as Method;
  };

/** Describes a route by its entry in `routes.ts`, sets its status, and refuses a query if it has no parameters. */
export function Documented<Name extends RouteName>(name: Name): AnsweringDecorator<Name> {
  const route: RouteDocument = ROUTES[name];
  const { summary, answer, body, problems, conditional = false } = route;
  const headers = { ...route.headers, ...(conditional && IF_NONE_MATCH) };
  const hasNoQuery = route.query === undefined && problems.includes('invalid-parameter');
  return applyDecorators(
    ...(hasNoQuery ? [refuseParameters(name)] : []),
    HttpCode(answer.status),
    ApiOperation({
      operationId: name,
      summary,
      ...(route.description && { description: route.description }),
    }),
    ...(route.open === true ? [] : [ApiBearerAuth()]),
    ...(route.basic === true ? [ApiBasicAuth()] : []),
    ...(route.path === undefined
      ? []
      : [ApiParam({ name: 'path', description: route.path, schema: { type: 'string' } })]),
    ...queryParameters(route, null).map((parameter) => ApiQuery(parameter)),
    ...Object.entries(headers).map(([header, description]) =>
      ApiHeader({ name: header, required: false, description, schema: { type: 'string' } }),
    ),
    ...(body === undefined ? [] : [ApiBody({ required: true, ...bodyOf(body) })]),
    ...[answer, ...(answer.also ?? []), ...(conditional ? [NOT_MODIFIED] : [])].map(
      ({ status, description, content, headers: ownHeaders = [] }) =>
        ApiResponse({
          status,
          description,
          content,
          headers: headersOf([...ownHeaders, ...(conditional ? TAGGED : []), 'X-Correlation-Id']),
        }),
    ),
    ...problemResponses([
      ...problems,
      // Every route that needs the store may have to record the access.
      ...(problems.includes('store-unavailable') ? WRITES_REFUSED : []),
      ...(route.open === true ? [] : CLOSED),
      'internal-error',
      'store-damaged',
      'read-models-damaged',
      'unknown-lifecycle',
      'unknown-shape',
      'unknown-form',
    ]),
  );
}

const WRITES_REFUSED: readonly ProblemCode[] = ['clock-jumped', 'log-rolled-back'];

const bodyOf = (body: { readonly mediaType: string; readonly schema: Schema }) =>
  // Nest supports one schema for JSON only; other media types are added to the document afterwards.
  ({ schema: body.schema });

const IF_NONE_MATCH = {
  'If-None-Match': 'The ETag of your copy. If it is current, the response is 304.',
};
const TAGGED: readonly HeaderName[] = ['ETag', 'Cache-Control', 'Vary'];
const NOT_MODIFIED: RouteAnswer = { status: 304, description: 'Your copy is current.', content: {} };

const headersOf = (names: readonly HeaderName[]) =>
  Object.fromEntries([...new Set(names)].map((name) => [name, { $ref: `#/components/headers/${name}` }]));

/** The headers of problem responses, by status. */
const HEADERS_OF_PROBLEMS: Readonly<Record<number, readonly HeaderName[]>> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** Returns one response per status, which lists its problems. */
function problemResponses(codes: readonly ProblemCode[]) {
  const byStatus = Map.groupBy(new Set(codes), (code) => PROBLEMS[code].status);
  return [...byStatus].map(([status, all]) =>
    ApiResponse({
      status,
      description: all.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
      content: jsonContent('Problem', 'application/problem+json'),
      headers: headersOf([...(HEADERS_OF_PROBLEMS[status] ?? []), 'X-Correlation-Id']),
    }),
  );
}

/** Returns a table of all problems, including those that any route may return before its handler. */
const problemTable = (): string =>
  [
    `The Docket API reads and changes the history of ${kinds.all.map(({ noun }) => noun.plural).join(', ')}.`,
    'Problems are `application/problem+json` (RFC 9457); `type` is `urn:docket:problem:` and one of these codes:',
    ['| code | status | means |', '|---|---|---|']
      .concat(
        Object.entries(PROBLEMS).map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`),
      )
      .join('\n'),
  ].join('\n\n');

const ENVELOPE = 'An event as stored. Its data depends on its type.';

/** Returns the OpenAPI document of all routes, schemas and problems. */
function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Docket')
    .setDescription(problemTable())
    .setVersion(VERSION)
    .addBearerAuth()
    .addBasicAuth()
    .build();
  const document = SwaggerModule.createDocument(app, config);
  const answers = answerSchemas(ANSWERS);
  const others = {
    ...payloadSchemas([EnterPersonPayload, CalendarLinkPayload, ReadPayload, NoticesPayload]),
    ...payloadSchemas([WebhookPayload, RedeliverPayload]),
    ...answers,
  };
  const ofKinds = schemasOfKinds(others);
  const schemas: Record<string, Schema> = {
    ...ofKinds.schemas,
    ...others,
    Envelope: { ...answers['Envelope'], description: ENVELOPE, oneOf: ofKinds.dataOfEvents },
  };
  document.components = {
    ...document.components,
    schemas,
    headers: HEADERS,
  };
  const importing = document.paths['/api/imports']?.post;
  if (importing !== undefined) {
    importing.requestBody = { required: true, content: { 'text/plain': { schema: { type: 'string' } } } };
  }
  document.paths = pathsOfKinds(document.paths, ofKinds.names);
  requireBodies(document, schemas);
  return document;
}

/** Marks a body as required if its payload has a required member. */
function requireBodies(document: OpenAPIObject, schemas: Readonly<Record<string, Schema>>): void {
  for (const { requestBody } of Object.values(document.paths).flatMap(({ post }) => post ?? [])) {
    if (requestBody === undefined || '$ref' in requestBody) continue;
    const schema = requestBody.content['application/json']?.schema ?? {};
    const name = '$ref' in schema ? schema.$ref.split('/').at(-1) : undefined;
    const payload = name === undefined ? undefined : schemas[name];
    if (payload !== undefined && !('$ref' in payload))
      requestBody.required = (payload.required ?? []).length > 0;
  }
}

/** Serves the document at `/api/openapi.json`, and its pages at `/api/docs`. */
export function mountOpenApi(app: NestFastifyApplication): void {
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'api/openapi.json',
    customSiteTitle: 'Docket API',
  });
}
