import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { startOtlpCollector } from '../support/otlp-collector.ts';
import type { OtlpCollector, ReceivedSpan } from '../support/otlp-collector.ts';
import { PROJECTION_NAMES } from '../support/projection-names.ts';
import { due, issuedEvent, recordOn } from '../support/records.ts';
import { recommendation, refusal, startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';
import { eventually, settingsIn, startScript } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let collector: OtlpCollector;

beforeAll(async () => {
  collector = await startOtlpCollector();
});
afterAll(() => collector.close());

const traced = (more: Record<string, string> = {}): Record<string, string> => ({
  DOCKET_TRACES: 'otlp',
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  DOCKET_SWEEP: 'off',
  ...more,
});

/** Creates the store of a folder. */
const newStoreIn = (folder: string) =>
  openStore(parseStore(settingsIn(folder)['DOCKET_STORE'] ?? '', 'DOCKET_STORE'), { create: true });

/** Returns the spans of a trace that a service sent before it stopped. */
const spansOf = (traceId: string): ReceivedSpan[] =>
  collector.spans.filter((span) => span.traceId === traceId);
const named = (spans: readonly ReceivedSpan[], name: string): ReceivedSpan =>
  spans.find((span) => span.name === name)!;

/** Waits until read models contain the events of a request, and all spans are sent. */
async function settledAndStopped(service: RunningService, position: string): Promise<void> {
  const list = await service.as('inspector').get(`/api/recommendations?minPosition=${position}`);
  expect(list.status).toBe(200);
  await eventually(
    () => service.as('administrator').get('/api/projections'),
    ({ json }) => json.projections.every(({ lag }) => lag === 0),
  );
  expect(await service.stop()).toEqual({ code: 0, signal: null });
}

describe('a service whose traces are recorded', () => {
  let service: RunningService;

  beforeAll(async () => {
    service = await startService({ env: traced({ OTEL_SERVICE_NAME: 'docket-journey' }) });
    await service.request('GET', '/api/openapi.json');
    const inspector = service.as('inspector', { subject: 'ann-of-the-journey' });
    await inspector.issue({ id: 'traced', text: 'Confidential wording', title: 'Confidential title' });
    done = await inspector.command('traced', 'add-comment', { text: 'Confidential remark' });
    refused = await inspector.command('traced', 'approve-closure', { statement: 'Confidential grounds' });
    unknown = await inspector.command('traced', 'Confidential command', {});
    continued = await inspector.command(
      'traced',
      'start-progress',
      {},
      { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    );
    unsampled = await inspector.command(
      'traced',
      'add-comment',
      { text: 'Unsampled' },
      { traceparent: '00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' },
    );
    ofCase = await inspector.command(
      'traced',
      'add-comment',
      { text: 'Of a case' },
      { 'x-correlation-id': '5d3f1b0c-8a52-4f57-9d0c-3c0f4a2d9b11' },
    );
    // The requests wait for each other, and their events are projected in batches.
    atOnce = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        inspector.command('traced', 'add-comment', { text: `Remark ${index}` }),
      ),
    );
    broken = await service.request('POST', '/api/recommendations', {
      token: inspector.token,
      body: '{"text":"Confidential',
    });
    await settledAndStopped(service, atOnce.at(-1)!.json.position);
  }, 60_000);

  let atOnce: (typeof done)[];
  let done: Awaited<ReturnType<RunningService['request']>>;
  let refused: typeof done;
  let unknown: typeof done;
  let continued: typeof done;
  let unsampled: typeof done;
  let ofCase: typeof done;
  let broken: typeof done;
  const traceOf = ({ headers }: typeof done): string => headers['x-correlation-id'] as string;

  it('makes one trace of a command: request, decide, append, and project for each read model', () => {
    expect(done.status).toBe(200);
    expect(traceOf(done)).toMatch(/^[0-9a-f]{32}$/);
    const spans = spansOf(traceOf(done));
    const request = named(spans, 'POST /api/recommendations/:id/commands/:command');
    expect(request).toMatchObject({
      parentSpanId: '',
      service: 'docket-journey',
      isError: false,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/api/recommendations/:id/commands/:command',
        'http.response.status_code': 200,
      },
    });
    const decide = named(spans, 'decide');
    expect(decide).toMatchObject({
      parentSpanId: request.spanId,
      attributes: {
        'docket.command': 'add-comment',
        'docket.record': 'traced',
        'docket.outcome': 'done',
      },
    });
    const append = named(spans, 'append');
    expect(append).toMatchObject({
      parentSpanId: decide.spanId,
      attributes: {
        'docket.command': 'add-comment',
        'docket.streams': ['recommendation-traced'],
        'docket.events': 1,
        'docket.outcome': 'appended',
      },
    });
    const projects = spans.filter(({ name }) => name === 'project');
    expect(projects.map(({ attributes }) => attributes['docket.projection']).sort()).toEqual(
      PROJECTION_NAMES,
    );
    expect(projects.every(({ parentSpanId }) => parentSpanId === append.spanId)).toBe(true);
    expect(spans).toHaveLength(3 + PROJECTION_NAMES.length);
    // The start of a span is accurate to a millisecond, and the machine's clock is adjusted from time to time.
    for (const { startedAt, endedAt } of spans) expect(endedAt).toBeGreaterThanOrEqual(startedAt);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  });

  it('keeps concurrent commands apart, to one record and in one batch', () => {
    const traces = atOnce.map(traceOf);
    expect(new Set(traces).size).toBe(8);
    for (const spans of traces.map(spansOf)) {
      const append = named(spans, 'append');
      expect(append.parentSpanId).toBe(named(spans, 'decide').spanId);
      const projects = spans.filter(
        ({ name, parentSpanId }) => name === 'project' && parentSpanId === append.spanId,
      );
      expect(projects.map(({ attributes }) => attributes['docket.projection']).sort()).toEqual(
        PROJECTION_NAMES,
      );
      expect(spans).toHaveLength(3 + PROJECTION_NAMES.length);
    }
  });

  it('says why a command was refused, by its code, and traces the record of the refusal', () => {
    expect(refused).toMatchObject(refusal(403, 'role-not-permitted'));
    const spans = spansOf(traceOf(refused));
    expect(named(spans, 'decide')).toMatchObject({
      isError: false,
      attributes: {
        'docket.command': 'approve-closure',
        'docket.outcome': 'refused',
        'docket.refusal': 'role-not-permitted',
      },
    });
    const append = named(spans, 'append');
    expect(append.attributes['docket.streams']).toEqual([
      expect.stringMatching(/^refusals-\d{4}-\d\d-\d\d$/),
    ]);
    expect(append.parentSpanId).toBe(named(spans, 'POST /api/recommendations/:id/commands/:command').spanId);
    expect(spans.filter(({ name }) => name === 'project')).toHaveLength(PROJECTION_NAMES.length);
  });

  it('continues the trace of its caller, and records none that its caller does not', () => {
    expect(continued.status).toBe(200);
    expect(traceOf(continued)).toBe('0af7651916cd43dd8448eb211c80319c');
    const spans = spansOf(traceOf(continued));
    expect(spans).toHaveLength(3 + PROJECTION_NAMES.length);
    expect(named(spans, 'POST /api/recommendations/:id/commands/:command').parentSpanId).toBe(
      'b7ad6b7169203331',
    );
    expect(unsampled.status).toBe(200);
    expect(spansOf('1af7651916cd43dd8448eb211c80319c')).toEqual([]);
    expect(traceOf(unsampled)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("leaves a caller's own correlation id as it is, and that trace without the spans of read models", () => {
    expect(traceOf(ofCase)).toBe('5d3f1b0c-8a52-4f57-9d0c-3c0f4a2d9b11');
    const [decide] = collector.spans.filter(
      ({ name, traceId, attributes }) =>
        name === 'decide' &&
        attributes['docket.command'] === 'add-comment' &&
        ![done, ...atOnce].map(traceOf).includes(traceId),
    );
    const spans = spansOf(decide!.traceId).map(({ name }) => name);
    expect(spans.sort()).toEqual(['POST /api/recommendations/:id/commands/:command', 'append', 'decide']);
  });

  it('ends the span of a request that never came to be decided', () => {
    expect(broken.status).toBe(400);
    const spans = spansOf(traceOf(broken));
    expect(spans).toMatchObject([
      { name: 'POST /api/recommendations', attributes: { 'http.response.status_code': 400 } },
    ]);
    expect(unknown.status).toBe(404);
    expect(named(spansOf(traceOf(unknown)), 'decide').attributes).toEqual({
      'docket.outcome': 'refused',
      'docket.refusal': 'unknown-command',
    });
  });

  it('sends no text, no person and no token, and nothing of probes and scrapes', () => {
    const bodies = Buffer.concat([...collector.bodies]).toString('latin1');
    expect(bodies).toContain('recommendation-traced');
    for (const secret of ['Confidential', 'ann-of-the-journey', 'inspector', 'Bearer', 'openapi.json']) {
      expect(bodies).not.toContain(secret);
    }
  });
});

describe('a service in memory whose traces are recorded', () => {
  it('projects in the traces of the commands, though no thread does', async () => {
    const service = await startService({
      env: traced({ DOCKET_STORE: 'memory:', DOCKET_READ_MODELS: 'memory:' }),
    });
    const issued = await service.as('inspector').issue();
    const traceId = issued.headers['x-correlation-id'] as string;
    await settledAndStopped(service, issued.json.position);
    const spans = spansOf(traceId);
    const append = named(spans, 'append');
    expect(named(spans, 'decide')).toMatchObject({ attributes: { 'docket.command': 'issue' } });
    const projects = spans.filter(
      ({ name, parentSpanId }) => name === 'project' && parentSpanId === append.spanId,
    );
    expect(projects).toHaveLength(PROJECTION_NAMES.length);
  });
});

describe('sweeps', () => {
  it('of the scheduler are a trace each, with a span for each command', async () => {
    const folder = temporaryFolder();
    const store = await newStoreIn(folder);
    await recordOn(store, 'due', '2016-01-06', issuedEvent(), due('2016-06-30'));
    await store.close();
    const before = collector.spans.length;
    const scheduler = startScript('apps/scheduler/src/main.js', {
      ...settingsIn(folder),
      ...traced(),
      DOCKET_SWEEP: '0 0 1 1 *',
    });
    await scheduler.printed(/scheduler is ready/);
    await eventually(
      () => Promise.resolve(scheduler.stderr()),
      (log) => log.includes('Deadlines were swept'),
    );
    expect(await scheduler.end('SIGTERM')).toEqual({ code: 0, signal: null });
    const spans = collector.spans.slice(before);
    const sweep = named(spans, 'sweep');
    expect(sweep).toMatchObject({
      parentSpanId: '',
      service: 'docket',
      attributes: { 'docket.outcome': 'done' },
    });
    const appends = spans.filter(({ name }) => name === 'append');
    expect(appends.map(({ attributes }) => attributes['docket.command'])).toEqual(
      Array(3).fill('record-deadline'),
    );
    expect(
      appends.every((span) => span.parentSpanId === sweep.spanId && span.traceId === sweep.traceId),
    ).toBe(true);
  }, 60_000);
});

describe('a service whose traces are off', () => {
  it('sends nothing, whatever OpenTelemetry is set to, and its events have ids as ever', async () => {
    const before = collector.bodies.length;
    const service = await startService({
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER: 'always_on' },
    });
    const issued = await service.as('inspector').post('/api/recommendations', recommendation(), {
      traceparent: '00-2af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    expect(issued.status).toBe(201);
    expect(issued.headers['x-correlation-id']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    await settledAndStopped(service, issued.json.position);
    expect(collector.bodies).toHaveLength(before);
  });
});

describe('a collector that is away', () => {
  /** Returns an address at which nothing listens. */
  async function unusedAddress(): Promise<string> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return `http://127.0.0.1:${port}`;
  }

  it('disturbs no request, is reported once, and delays no stop', async () => {
    const service = await startService({
      env: traced({ OTEL_EXPORTER_OTLP_ENDPOINT: await unusedAddress(), OTEL_EXPORTER_OTLP_TIMEOUT: '100' }),
    });
    const inspector = service.as('inspector');
    await inspector.issue({ id: 'alone' });
    // The reads are concurrent, because KurrentDB delays one in three single reads.
    const read20 = async () => {
      const reads = Array.from({ length: 20 }, () => inspector.get('/api/recommendations/alone'));
      for (const { status } of await Promise.all(reads)) expect(status).toBe(200);
    };
    await read20();
    await eventually(
      () => Promise.resolve(service.stderr()),
      (log) => log.includes('Some traces could not be sent'),
    );
    // A stop sends these spans, and fails again.
    await read20();
    expect(await service.stop()).toEqual({ code: 0, signal: null });
    expect(service.stderr().split('Some traces could not be sent')).toHaveLength(2);
  }, 60_000);

  it('keeps the stop of a scheduler no longer waiting than that of a service', async () => {
    const folder = temporaryFolder();
    await (await newStoreIn(folder)).close();
    const scheduler = startScript('apps/scheduler/src/main.js', {
      ...settingsIn(folder),
      ...traced({ OTEL_EXPORTER_OTLP_ENDPOINT: await unusedAddress(), DOCKET_SWEEP: '0 0 1 1 *' }),
    });
    await scheduler.printed(/scheduler is ready/);
    await eventually(
      () => Promise.resolve(scheduler.stderr()),
      (log) => log.includes('Deadlines were swept'),
    );
    expect(await scheduler.end('SIGTERM')).toEqual({ code: 0, signal: null });
    // The exporter reports a failure only after retrying for ten seconds.
    expect(scheduler.stderr()).not.toContain('could not be sent');
  }, 60_000);
});
