import { beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Shape } from '#lifecycle/shapes';
import { VERSION } from '#platform/package-json';
import { events } from '#state-machines/inspection-recommendation/v1/events';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { DOCUMENTED } from '../support/documented-commands.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startService } from '../support/service.ts';
import type { Answer, RunningService } from '../support/service.ts';
import type { OpenApi, Operation, Schema } from '../support/service-document.ts';
import { registeredRoutes } from '../support/service-routes.ts';

const TIMES = Number(process.env['DOCKET_CASES_TIMES'] ?? 1);
const RUNS = 100 * TIMES;
const SEED = Number(process.env['DOCKET_FUZZ_SEED'] ?? Date.now() % 1_000_000);
/** The path of the validator's command, which has the standard's schema and prints faults to standard output. */
const VALIDATOR = fileURLToPath(
  new URL('../../node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js', import.meta.url),
);
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

let service: RunningService;
let document: OpenApi;

beforeAll(async () => {
  service = await startService();
  ({ openApi: document } = service.document);
});

const operations = (): { method: string; path: string; operation: Operation }[] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  );

/** Existing records and an existing event, to which payloads refer. */
const NAMED = {
  record: 'fuzzed',
  successor: 'fuzzed-2',
  predecessor: 'fuzzed-3',
  closed: 'fuzzed-4',
  foreign: 'fuzzed-5',
  request: '6f9619ff-8b86-5011-b42d-00c04fc964ff',
  issued: '6f9619ff-8b86-5011-b42d-00c04fc964ff',
  comment: '6f9619ff-8b86-5011-b42d-00c04fc964ff',
};

const commandOperation = (command: string): Operation =>
  document.paths[`/api/recommendations/{id}/commands/${command}`]!['post']!;

const membersNeeded = (pointer: readonly string[]): readonly string[] =>
  (document.components.schemas[pointer.at(-1)!] as { required?: string[] }).required ?? [];

/** Yields every object of the document with its path. */
function* objectsOf(value: unknown, place = '#'): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [place, value as Record<string, unknown>];
  for (const [name, member] of Object.entries(value)) yield* objectsOf(member, `${place}/${name}`);
}

describe('the OpenAPI document', () => {
  it('is of OpenAPI 3.1, and says whose it is', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info.title).toBe('Docket');
    expect(document.info.version).toBe(VERSION);
    expect(Object.keys(document.components.securitySchemes ?? {})).not.toEqual([]);
  });

  it('is formed as the standard wants it', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      expect(path).toMatch(/^\//);
      expect(Object.keys(item).filter((method) => !METHODS.includes(method))).toEqual([]);
    }
    for (const { path, operation } of operations()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
      const parameters = operation.parameters ?? [];
      const named = parameters.filter((parameter) => parameter.in === 'path');
      expect({ path, named: named.map(({ name }) => name).sort() }).toEqual({ path, named: inPath });
      expect(named.every(({ required }) => required === true)).toBe(true);
      expect(parameters.every(({ schema }) => schema !== undefined)).toBe(true);
      const keys = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      expect(new Set(keys).size).toBe(keys.length);
      expect(Object.keys(operation.responses)).not.toEqual([]);
      for (const [status, { description }] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^[1-5]\d\d$/);
        expect(description).not.toBe('');
      }
    }
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('groups operations by subject', () => {
    const tags = new Set(operations().flatMap(({ operation }) => operation.tags ?? []));
    expect([...tags]).toEqual(
      expect.arrayContaining(['Recommendations', 'Pack', 'Statistics', 'Operations']),
    );
    expect([...tags].filter((tag) => !/^[A-Z][A-Za-z]+$/.test(tag) || tag.includes('Controller'))).toEqual(
      [],
    );
  });

  it('is accepted by a validator of the standard, which does not accept everything', async () => {
    const folder = temporaryFolder();
    const isValid = async (spec: object): Promise<boolean> => {
      const file = join(folder, 'openapi.json');
      writeFileSync(file, JSON.stringify(spec));
      return promisify(execFile)(process.execPath, [VALIDATOR, file]).then(
        () => true,
        (error: unknown) => {
          // The command ran, and reported a fault.
          expect(error).toMatchObject({ stdout: expect.stringContaining('errors'), code: 1 });
          return false;
        },
      );
    };
    expect(await isValid(document)).toBe(true);
    const broken = { webhooks: { notice: { post: { responses: { 200: {} } } } } };
    expect(await isValid({ ...document, ...broken })).toBe(false);
  });

  it('has schemas of JSON Schema 2020-12 wherever a schema is allowed', () => {
    const ajv = new Ajv2020();
    const schemas = [...objectsOf(document)].flatMap(([place, each]) =>
      Object.entries(place === '#/components/schemas' ? each : { schema: each['schema'] })
        .filter(([, schema]) => schema !== undefined)
        .map(([name, schema]) => ({ place: `${place}/${name}`, schema })),
    );
    expect(schemas.length).toBeGreaterThan(200);
    const faults = schemas.filter(({ schema }) => ajv.validateSchema(schema as Schema) !== true);
    expect(faults).toEqual([]);
    expect(ajv.validateSchema({ type: 'objekt' })).toBe(false);
  });

  it('has something at the end of every reference', () => {
    const references = [...objectsOf(document)]
      .map(([place, { $ref }]) => [place, $ref] as const)
      .filter((each): each is readonly [string, string] => typeof each[1] === 'string');
    expect(references.length).toBeGreaterThan(20);
    const lost = references.filter(([, reference]) => {
      const parts = reference.replace(/^#\//, '').split('/');
      const found = parts.reduce<unknown>(
        (value, part) => (value as Record<string, unknown> | undefined)?.[decodeURIComponent(part)],
        document,
      );
      return !reference.startsWith('#/') || found === undefined;
    });
    expect(lost).toEqual([]);
  });

  it('says of redactions alone that they may be done later (202)', () => {
    const later = Object.entries(document.paths).filter(
      ([path, { post }]) => path.includes('/commands/') && post?.responses['202'] !== undefined,
    );
    expect(later.map(([path]) => path)).toEqual([expect.stringMatching(/\/redact-comment$/)]);
  });

  it('has schemas that a validator accepts', () => {
    for (const name of Object.keys(document.components.schemas)) {
      expect(() => service.document.schemaFault(['components', 'schemas', name], null)).not.toThrow();
    }
  });

  it('has every route that the server has, and no others', async () => {
    const documentation = /^\/api\/(docs|openapi)/;
    // Pages are for people, and not part of the API.
    const ofPrograms = /^\/(api|health|metrics)(\/|$)/;
    const registered = (await registeredRoutes())
      .filter(({ path }) => ofPrograms.test(path) && !documentation.test(path))
      .filter(({ method }) => !['HEAD', 'OPTIONS'].includes(method))
      .map(({ method, path }) => `${method} ${path}`);
    const documented = operations().map(
      ({ method, path }) =>
        // Each command has its own path in the document.
        `${method.toUpperCase()} ${path.replace(/(?<=\/commands\/)[^/]+$/, '{command}')}`,
    );
    expect([...new Set(documented)].sort()).toEqual(registered.sort());
    expect(registered).toContain('GET /api/recommendations/{id}/timeline');
  });

  it('has a path for every command that a record lists', async () => {
    const inspector = service.as('inspector');
    const { json } = await inspector.issue();
    const { commands } = (await inspector.get(`/api/recommendations/${json.recommendations[0]?.id}/commands`))
      .json;
    for (const { command } of commands) {
      expect(document.paths).toHaveProperty([`/api/recommendations/{id}/commands/${command}`, 'post']);
    }
  });

  it.each(Object.entries(DOCUMENTED))(
    'has the payload of %s, and knows no other member',
    (command, { body, otherwise = [] }) => {
      const { requestBody } = commandOperation(command);
      const { $ref } = requestBody!.content['application/json']!.schema as { $ref: string };
      const pointer = $ref.replace(/^#\//, '').split('/');
      for (const payload of [body, ...otherwise.map((variant) => variant.body)].map((make) => make(NAMED))) {
        expect(service.document.schemaFault(pointer, payload)).toBeNull();
        expect(service.document.schemaFault(pointer, { ...payload, effectiveOn: '2020-02-29' })).toBeNull();
        expect(service.document.schemaFault(pointer, { ...payload, unheardOf: 1 })).not.toBeNull();
        for (const member of membersNeeded(pointer)) {
          const { [member]: _, ...rest } = payload;
          expect(service.document.schemaFault(pointer, rest)).not.toBeNull();
        }
      }
    },
  );

  it('says how often a filter may be repeated, and it may', async () => {
    const schemas = operations().flatMap(({ operation }) => operation.parameters ?? []);
    const repeated = schemas.filter(({ schema }) => schema?.['type'] === 'array');
    expect(repeated.length).toBeGreaterThan(10);
    expect(new Set(repeated.map(({ schema }) => schema?.['maxItems']))).toEqual(new Set([50]));
    const owners = (count: number) =>
      Array.from({ length: count }, (_, index) => `owner=o${index}`).join('&');
    const read = async (count: number) =>
      (await service.as('inspector').get(`/api/recommendations?${owners(count)}`)).status;
    expect([await read(50), await read(51)]).toEqual([200, 400]);
  });

  it('needs a body where the payload has members that must be there, and only there', () => {
    const bodies = operations().filter(({ operation }) => operation.requestBody !== undefined);
    expect(bodies.length).toBeGreaterThan(20);
    for (const { path, operation } of bodies) {
      const { content, required } = operation.requestBody!;
      const { $ref = '' } = (content['application/json']?.schema ?? {}) as { $ref?: string };
      const needs = $ref === '' || membersNeeded($ref.split('/')).length > 0;
      expect({ path, required }).toEqual({ path, required: needs });
    }
  });

  it('describes each member of a payload', () => {
    const payloads = Object.entries(document.components.schemas).filter(([name]) => name.endsWith('Payload'));
    expect(payloads.length).toBeGreaterThan(10);
    const silent = payloads.flatMap(([name, { properties = {} }]) =>
      Object.entries(properties as Record<string, Schema>)
        .filter(([, { description }]) => typeof description !== 'string')
        .map(([member]) => `${name}.${member}`),
    );
    expect(silent).toEqual([]);
  });

  it('documents the headers of an answer', () => {
    const headersOf = (path: string, method: string, status: string) =>
      Object.keys(document.paths[path]?.[method]?.responses[status]?.headers ?? {});
    expect(headersOf('/api/recommendations', 'post', '201')).toContain('Location');
    for (const status of ['200', '304']) {
      expect(headersOf('/api/recommendations/{id}', 'get', status)).toEqual(
        expect.arrayContaining(['ETag', 'Cache-Control', 'Vary']),
      );
    }
    expect(headersOf('/api/recommendations/{id}/commands/reopen', 'post', '200')).toContain('ETag');
    expect(headersOf('/api/recommendations/{id}/events', 'get', '200')).toContain('Link');
    expect(headersOf('/api/recommendations/{id}/export', 'get', '200')).toContain('Content-Disposition');
    for (const { operation } of operations()) {
      for (const [status, { headers = {} }] of Object.entries(operation.responses)) {
        expect(Object.keys(headers)).toContain('X-Correlation-Id');
        const telling = { 401: 'WWW-Authenticate', 429: 'Retry-After' }[status];
        if (telling !== undefined) expect(Object.keys(headers)).toContain(telling);
      }
    }
  });

  it('has every problem that there is', () => {
    const { type } = document.components.schemas['Problem']!['properties'] as { type: { enum: string[] } };
    expect(type.enum.length).toBeGreaterThan(30);
    for (const urn of type.enum) {
      expect(document.info.description).toContain(`\`${urn.replace('urn:docket:problem:', '')}\``);
    }
  });

  it('has a schema for the data of every type of event, with every text that it can contain', () => {
    for (const [type, { sensitive }] of Object.entries<Shape>(events)) {
      const { properties } = document.components.schemas[`${type}Data`] as { properties: object };
      for (const pointer of sensitive) {
        const [, , member = ''] = pointer.split('/');
        expect({ type, members: Object.keys(properties) }).toEqual({
          type,
          members: expect.arrayContaining([member]),
        });
      }
      const envelope = ['components', 'schemas', 'Envelope'];
      const odd = { type, data: { unheardOf: 1 } };
      expect(service.document.schemaFault(envelope, odd)).toMatch(
        /\/data must NOT have additional properties/,
      );
    }
  });

  it.each([
    ['PersonEntered', ['name', 'roles', 'organisations']],
    ['PersonSeen', ['name', 'email', 'roles', 'organisations', 'issuedAt']],
    ['InboxRead', ['until', 'ids']],
    ['RecordWatched', ['kind', 'id']],
    ['RecordUnwatched', ['kind', 'id']],
    ['NoticesChosen', ['channels', 'digest', 'muted']],
    ['CalendarLinkMade', ['linkId', 'secretHash', 'expiresOn', 'recipient', 'kind', 'state']],
    ['CalendarLinkRevoked', ['linkId']],
    ['SearchSaved', ['searchId', 'name', 'query']],
    ['SearchRemoved', ['searchId']],
    ['SessionStarted', ['sessionId', 'browser', 'roles', 'organisations', 'issuedAt', 'expiresAt']],
    ['SessionUsed', ['sessionId']],
    ['SessionEnded', ['sessionId', 'because']],
    ['BodyNamed', ['slug', 'name', 'kind']],
    ['CheckpointSigned', ['origin', 'size', 'root', 'note']],
    ['CheckpointCosigned', ['origin', 'size', 'root', 'signatures']],
    ['CheckpointTimestamped', ['origin', 'size', 'root', 'timestamp']],
    ['KeyChanged', ['origin', 'before', 'after', 'bothUntil']],
    ['StoreAdopted', ['origin', 'reason', 'lost']],
    ['AccessRecorded', ['kind', 'streamId', 'version', 'format']],
    ['PackMade', ['streamId', 'version', 'hash', 'withheld', 'adoptions']],
    ['CommandRefused', ['command', 'code', 'guard', 'record', 'kind', 'seenVersion']],
    ['RecommendationsIssued', ['issue', 'recipients']],
  ])('has a schema for the data of %s, which no record has', (type, members) => {
    const { properties } = document.components.schemas[`${type}Data`] as { properties: object };
    expect(Object.keys(properties).sort()).toEqual(members.toSorted());
    const odd = { type, data: { unheardOf: 1 } };
    expect(service.document.schemaFault(['components', 'schemas', 'Envelope'], odd)).toMatch(
      /\/data must NOT have additional properties/,
    );
  });

  it('says which routes need no token', () => {
    const open = operations()
      .filter(({ operation }) => (operation.security ?? []).length === 0)
      .map(({ path }) => path);
    expect(open.sort()).toEqual([
      // The key of this route is in its address.
      '/api/calendar-links/{id}/deadlines.ics',
      '/health/live',
      '/health/ready',
      '/metrics',
    ]);
  });

  it('is shown as pages, with its address', async () => {
    const page = await service.request('GET', '/api/docs');
    expect(page).toMatchObject({ status: 200 });
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.text).toContain('swagger');
    for (const [, asset] of page.text.matchAll(/(?:src|href)="(\.?\/[^"]+)"/g)) {
      const address = new URL(asset as string, `${service.address}/api/docs`).pathname;
      expect(await service.request('GET', address)).toMatchObject({ status: 200 });
    }
  });
});

/** The ids of events of the requested records. Payloads must refer to existing ones. */
let eventIds: readonly string[] = [];
const KNOWN: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
  by: () => fc.constantFrom('fuzzed', 'fuzzed-2', 'fuzzed-3', 'absent'),
  eventId: () => fc.constantFrom(...eventIds, NAMED.comment),
  deadlineId: () => fc.constantFrom('d1', 'd2'),
  url: () => fc.constantFrom('https://example.org/a', 'http://localhost:1/?q=%00', 'ftp://example.org'),
};

/** Returns values that match a schema of the document. */
function fitting(schema: Schema | undefined): fc.Arbitrary<unknown> {
  const {
    $ref,
    type,
    enum: values,
    items,
    minItems = 0,
    properties,
    required,
    format,
    pattern,
  } = (schema ?? {}) as {
    $ref?: string;
    type?: string;
    enum?: unknown[];
    items?: Schema;
    minItems?: number;
    properties?: Record<string, Schema>;
    required?: string[];
    format?: string;
    pattern?: string;
  };
  if ($ref !== undefined) return fitting(document.components.schemas[$ref.split('/').at(-1) as string]);
  if (values !== undefined) return fc.constantFrom(...values);
  if (format === 'date') return fc.constantFrom('2020-02-29', '2016-06-15', '2099-01-01', '2020-02-30');
  if (format === 'date-time') return fc.constantFrom('2020-02-29T12:00:00Z', '2099-01-01T00:00:00+01:00');
  if (pattern !== undefined) return matching(pattern);
  switch (type) {
    case 'array':
      return fc.array(fitting(items), { minLength: minItems, maxLength: 3 });
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(properties ?? {}).map(([name, member]) => [
            name,
            KNOWN[name]?.() ?? fitting(member),
          ]),
        ),
        { requiredKeys: required ?? [] },
      );
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.integer({ min: -1, max: 300 });
    default:
      return fc.oneof(
        { arbitrary: fc.constantFrom('A text.', 'fuzzed', '1'), weight: 6 },
        { arbitrary: fc.constant(''), weight: 1 },
        { arbitrary: fc.string({ unit: 'binary', maxLength: 12 }), weight: 2 },
      );
  }
}

/**
 * Returns texts that match a pattern. fast-check does not support lookaheads, but every such pattern here accepts a
 * slug.
 */
const matching = (pattern: string): fc.Arbitrary<string> =>
  pattern.includes('(?') ? fc.constantFrom('wiltshire', 'fuzzed-9') : fc.stringMatching(new RegExp(pattern));

const often = (usual: fc.Arbitrary<unknown>, odd: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: usual, weight: 4 }, { arbitrary: odd, weight: 1 });

const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '99999999999999999999',
    '-1',
    '1e9',
    'NaN',
    '2020-13-01',
    '../..',
    '%',
    '\u0000',
    "' or 1=1 --",
    '__proto__',
  ),
);

/**
 * Groups of members of which a payload must have exactly one. Its schema does not express that, and random payloads
 * rarely comply.
 */
const ONE_OF: Readonly<Partial<Record<CommandName, readonly string[]>>> = {
  'request-correction': ['publishedOn', 'recipient', 'dueOn', 'confirms'],
};

function withOneOf(payload: unknown, members: readonly string[] = []): unknown {
  if (typeof payload !== 'object' || payload === null) return payload;
  const [kept] = members.filter((member) => member in payload);
  return Object.fromEntries(
    Object.entries(payload).filter(([member]) => member === kept || !members.includes(member)),
  );
}

interface Fuzzed {
  readonly path: string;
  readonly id: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly role: string;
  readonly body: unknown;
  readonly mediaType: string;
}

/** Returns requests to an operation of the document: mostly valid, sometimes arbitrary. */
function requestOf(path: string, operation: Operation): fc.Arbitrary<Fuzzed> {
  const parameters = operation.parameters ?? [];
  const [mediaType = 'application/json', body] =
    Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const queries = parameters.filter(
    (parameter) => parameter.in === 'query' && parameter.name !== 'minPosition',
  );
  const headers = parameters.filter((parameter) => parameter.in === 'header');
  const printable = fc.stringMatching(/^[\x21-\x7e]{1,20}$/);
  return fc.record({
    id: fc.oneof(
      { arbitrary: fc.constantFrom('fuzzed', 'fuzzed-2', 'fuzzed-3'), weight: 4 },
      { arbitrary: fc.constantFrom('absent', 'register', 'deadlines'), weight: 1 },
      { arbitrary: oddText, weight: 1 },
    ),
    query: fc.record(
      {
        ...Object.fromEntries(queries.map(({ name, schema }) => [name, often(fitting(schema), oddText)])),
        minPosition: fc.constantFrom('0', '1', 'x'),
        unknown: oddText,
      },
      { requiredKeys: [] },
    ),
    headers: fc.record(
      {
        ...Object.fromEntries(
          headers.map(({ name }) => [
            name.toLowerCase(),
            fc.oneof(printable, fc.constantFrom('"1"', 'W/"2"', '*', '"1", "2"')),
          ]),
        ),
        accept: fc.constantFrom(
          '*/*',
          'application/json',
          'application/cloudevents-batch+json',
          'image/svg+xml, */*;q=0.1',
          'text/vnd.mermaid, */*;q=0.1',
          'text/html',
          'nonsense',
        ),
      },
      { requiredKeys: [] },
    ),
    role: fc.constantFrom('inspector', 'inspector', 'approver', 'force-lead', 'auditor', 'administrator'),
    body: often(
      mediaType === 'text/plain' ? fc.string({ unit: 'binary' }) : fitting(body?.schema),
      fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.uint8Array({ maxLength: 40 })),
    ),
    mediaType: fc.oneof(
      { arbitrary: fc.constant(mediaType), weight: 8 },
      { arbitrary: fc.constantFrom('application/json', 'text/plain', 'text/html', 'nonsense'), weight: 1 },
    ),
    path: fc.constant(path),
  });
}

async function send(
  method: string,
  { path, id, query, headers, role, body, mediaType }: Fuzzed,
): Promise<Answer> {
  const address = path.replace(/\{\w+\}/, encodeURIComponent(id.toWellFormed()) || '%20');
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, String(value).toWellFormed()]),
  );
  // Users of a body cannot decide on its own records.
  const ofTheBody = role === 'force-lead' || role === 'commissioner';
  const token = service.token(role, { organisations: ofTheBody ? ['wiltshire'] : [] });
  const hasBody = method !== 'get';
  const payload = body instanceof Uint8Array || typeof body === 'string' ? body : JSON.stringify(body);
  return service.request(method.toUpperCase(), `${address}?${search.toString()}`, {
    token,
    ...(hasBody && { body: payload }),
    headers: { ...headers, ...(hasBody && { 'content-type': mediaType }) },
  });
}

describe(`requests of every kind (DOCKET_FUZZ_SEED=${SEED})`, () => {
  beforeAll(async () => {
    const inspector = service.as('inspector');
    await inspector.issue({ id: 'fuzzed', deadlines: [{ dueOn: '2020-06-30' }] });
    await inspector.issue({ id: 'fuzzed-3', responseRequired: true });
    await inspector.import(
      readFileSync(fileURLToPath(new URL('../fixtures/730.txt', import.meta.url))),
      '?id=fuzzed-2&recipient=wiltshire',
    );
    for (const id of ['fuzzed', 'fuzzed-2', 'fuzzed-3']) {
      await inspector.command(id, 'add-comment', { text: 'A word.', visibility: 'public' });
      const { items } = (await inspector.get(`/api/recommendations/${id}/events`)).json;
      eventIds = [...eventIds, ...items.map(({ eventId }) => eventId)];
    }
  });

  it('are answered as documented, and never by a fault', async () => {
    const all = operations();
    const anyRequest = fc
      .constantFrom(...all)
      .chain(({ method, path, operation }) =>
        requestOf(path, operation).map((request) => ({ method, request })),
      );
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(anyRequest, async ({ method, request }) => {
        // The helper checks the response against the document, and fails for 500.
        const { status } = await send(method, request);
        seen.set(status, (seen.get(status) ?? 0) + 1);
      }),
      {
        numRuns: RUNS,
        seed: SEED,
        plugins: [fc.interruptAfterTimeLimit(50_000, { failOnInterrupt: true })],
        endOnFailure: true,
      },
    );
    // Without any success the test would be useless. Most operations are commands, of which one in twenty succeeds.
    expect(seen.get(200)).toBeGreaterThan(RUNS / 250);
    expect(seen.get(400)).toBeGreaterThan(RUNS / 250);
  }, 60_000);

  it.each(Object.keys(DOCUMENTED))(
    'that send %s get as far as its rules, and are answered as documented',
    async (command) => {
      const path = `/api/recommendations/{id}/commands/${command}`;
      const operation = commandOperation(command);
      const roles = DOCUMENTED[command as CommandName].roles;
      const { schema } = operation.requestBody!.content['application/json']!;
      const anyRequest = fc.record<Fuzzed>({
        path: fc.constant(path),
        id: fc.constantFrom('fuzzed', 'fuzzed-2', 'fuzzed-3'),
        query: fc.constant({}),
        headers: fc.constant({}),
        role: fc.constantFrom(...roles),
        body: fitting(schema).map((payload) => withOneOf(payload, ONE_OF[command as CommandName])),
        mediaType: fc.constant('application/json'),
      });
      const seen = new Set<number>();
      const getsFar = () => [200, 409, 422].some((status) => seen.has(status));
      const property = fc.asyncProperty(anyRequest, async (request) => {
        seen.add((await send('post', request)).status);
      });
      // Mutually exclusive members make a valid body rare.
      for (let round = 0; round === 0 || (round < 50 && !getsFar()); round += 1)
        await fc.assert(property, { numRuns: 4 * TIMES, seed: SEED + round, endOnFailure: true });
      expect(getsFar()).toBe(true);
      // A body cannot see a record that was reassigned.
      const forBodies = roles.some((role) => ['force-lead', 'commissioner'].includes(role));
      const expected = [200, 400, 403, 409, 422, ...(forBodies ? [404] : [])];
      expect([...seen].filter((status) => !expected.includes(status))).toEqual([]);
    },
  );

  it('leave the service well, and its history whole', async () => {
    expect(await service.request('GET', '/health/ready')).toMatchObject({ status: 200 });
    expect(service.stderr()).not.toMatch(/failed unexpectedly/);
    const verified = await runDocket(['verify', '--json'], service);
    expect(jsonLines(verified).at(-1)).toMatchObject({ ok: true });
  });
});
