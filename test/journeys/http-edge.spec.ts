import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { refusal, startService } from '../support/service.ts';
import type { Client, RunningService } from '../support/service.ts';
import { openFeed } from '../support/service-feed.ts';
import type { Feed } from '../support/service-feed.ts';
import { eventually } from '../support/service-child.ts';

let service: RunningService;
let inspector: Client;
let auditor: Client;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
  auditor = service.as('auditor');
  await inspector.issue({ id: 'edge' });
});

/** Sends bytes, which may be invalid HTTP, and returns the service's response until it closes the connection. */
function sendBytes(bytes: string): Promise<string> {
  const { port } = new URL(service.address);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (piece: string) => (answer += piece));
    socket.setTimeout(10_000, () => socket.destroy(new Error(`the connection stayed open: ${answer}`)));
    socket.on('close', () => {
      resolve(answer);
    });
    socket.on('error', reject);
  });
}

describe('bytes that are not readable HTTP', () => {
  const parsed = (answer: string) => {
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    return { head, problem: JSON.parse(body) as Record<string, unknown> };
  };

  const get = (headers: string) => `GET /health/live HTTP/1.1\r\n${headers}\r\n`;
  const post = (headers: string, body: string) =>
    `POST /api/imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n${headers}\r\n${body}`;

  it.each([
    ['nonsense', 'HELLO\r\n\r\n', 400, 'malformed-request'],
    [
      'a method that there is not',
      'FROBNICATE / HTTP/1.1\r\nHost: localhost\r\n\r\n',
      400,
      'malformed-request',
    ],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: localhost\r\n: y\r\n\r\n', 400, 'malformed-request'],
    [
      'two lengths of one body',
      'POST /api/imports HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'malformed-request',
    ],
    [
      'headers beyond measure',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: ${'x'.repeat(17_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    ['no host', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'malformed-request'],
    ['two hosts', get('Host: localhost\r\nHost: localhost\r\n'), 400, 'malformed-request'],
    ['two hosts, the second elsewhere', get('Host: localhost\r\nhOST: x\r\n'), 400, 'malformed-request'],
    ['a host with a blank', get('Host : localhost\r\n'), 400, 'malformed-request'],
    ...[
      ...[
        'gzip',
        'gzip, chunked',
        'chunked, gzip',
        'chunked, chunked',
        'identity',
        'xchunked',
        'chunked;q=1',
      ],
      ...['chunked, identity', '"chunked"', ',chunked', 'chunked,', 'CHUNKED, deflate', '\u000bchunked'],
    ].map(
      (coding) =>
        [
          `the transfer coding ${JSON.stringify(coding)}`,
          post(`Transfer-Encoding: ${coding}\r\n`, '0\r\n\r\n'),
          400,
          'malformed-request',
        ] as const,
    ),
    [
      'two transfer codings',
      post('Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n', '0\r\n\r\n'),
      400,
      'malformed-request',
    ],
    [
      'a transfer coding of HTTP/1.0',
      'POST /api/imports HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'malformed-request',
    ],
    ['two lengths', post('Content-Length: 4\r\nContent-Length: 5\r\n', 'to=/x'), 400, 'malformed-request'],
    ['a length that is a list', post('Content-Length: 5, 5\r\n', 'to=/x'), 400, 'malformed-request'],
    ['a length with a sign', post('Content-Length: +5\r\n', 'to=/x'), 400, 'malformed-request'],
    [
      'a header that goes on in the next line',
      get('Host: localhost\r\nX: a\r\n b\r\n'),
      400,
      'malformed-request',
    ],
    ['a bare end of line', get('Host: localhost\nX: a\r\n'), 400, 'malformed-request'],
    [
      'an expectation that nobody knows',
      'GET /health/live HTTP/1.1\r\nHost: localhost\r\nExpect: 200-ok\r\n\r\n',
      417,
      'expectation-failed',
    ],
  ])('is answered as a problem: %s', async (_, bytes, status, code) => {
    const { head, problem } = parsed(await sendBytes(bytes));
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toMatch(/^content-type: application\/problem\+json/im);
    expect(head).toMatch(/^x-correlation-id: \S+$/im);
    expect(head).toMatch(/^connection: close$/im);
    expect(problem).toEqual({
      type: `urn:docket:problem:${code}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
    });
  });

  it('is read as chunks if it says so, in any spelling', async () => {
    for (const coding of ['chunked', 'CHUNKED', ' chunked ']) {
      const answer = await sendBytes(
        post(`Connection: close\r\nTransfer-Encoding: ${coding}\r\n`, '4\r\nto=/\r\n0\r\n\r\n'),
      );
      expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    }
  });

  it('accepts nothing else with it, if it hides another request in its body', async () => {
    const smuggled = 'GET /api/me HTTP/1.1\r\nHost: localhost\r\n\r\n';
    for (const headers of ['Transfer-Encoding: gzip, chunked\r\n', 'Host: x\r\n']) {
      const answer = await sendBytes(post(headers, `0\r\n\r\n${smuggled}`));
      expect(answer.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 400']);
    }
  });

  it('is refused if it names its caller twice', async () => {
    const authorization = `Authorization: Bearer ${service.token('inspector')}\r\n`;
    const send = (headers: string) =>
      sendBytes(`GET /api/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`);
    expect((await send(authorization)).slice(0, 12)).toBe('HTTP/1.1 200');
    expect((await send(authorization + authorization)).slice(0, 12)).toBe('HTTP/1.1 401');
  });

  it('leaves the service well', async () => {
    expect(await service.request('GET', '/health/ready')).toMatchObject({ status: 200 });
  });
});

describe('the host that a request names', () => {
  const at = (host: string, path: string, headers: OutgoingHttpHeaders = {}) =>
    service.request('GET', path, { token: inspector.token, headers: { host, ...headers } });
  const signIn = (host: string, origin: string) =>
    service.request('POST', '/sign-in', {
      body: 'person=demo-inspector&to=/',
      headers: { host, origin, 'content-type': 'application/x-www-form-urlencoded' },
    });

  it.each(['localhost', 'LOCALHOST:1', '127.0.0.1', '127.9.9.9:65535', '[::1]', '[::1]:3000'])(
    'is this machine, as %s',
    async (host) => {
      expect(await at(host, '/api/me')).toMatchObject({ status: 200 });
      expect(await signIn(host, new URL(`http://${host}`).origin)).toMatchObject({ status: 303 });
    },
  );

  it.each([
    ...['rebound.example', 'rebound.example:3000', 'localhost.rebound.example', '127.0.0.1.rebound.example'],
    ...['localhost@rebound.example', '10.0.0.1', '[::ffff:10.0.0.1]', '0.0.0.0', '169.254.169.254'],
    ...['127.0.0.256', '127.1', '127.0.0.1.1'],
  ])('is refused with 421 as %s, for pages and the API, and probes are answered', async (host) => {
    for (const path of ['/api/me', '/api/openapi.json', '/api/docs', '/api/nothing'])
      expect(await at(host, path)).toMatchObject(refusal(421, 'foreign-host'));
    const page = await at(host, '/sign-in', { accept: 'text/html' });
    expect(page).toMatchObject({ status: 421 });
    expect(page.text).toContain('Use one of them');
    expect(page.text).not.toContain(host);
    expect(await signIn(host, `http://${host}`)).toMatchObject({ status: 421 });
    for (const probe of ['/health/live', '/health/ready', '/metrics'])
      expect(await at(host, probe)).toMatchObject({ status: 200 });
  });

  it('is that of the address where the whole of it is the target of the request', async () => {
    const send = (target: string, host: string) =>
      sendBytes(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect((await send('http://localhost/api/me', 'localhost')).slice(0, 12)).toBe('HTTP/1.1 401');
    expect((await send('http://rebound.example/api/me', 'localhost')).slice(0, 12)).toBe('HTTP/1.1 421');
    expect((await send('http://localhost/api/me', 'rebound.example')).slice(0, 12)).toBe('HTTP/1.1 421');
  });

  it.each([
    ['https://localhost:3000'],
    ['http://localhost:3001'],
    ['http://127.0.0.1:3000'],
    ['http://localhost'],
    ['null'],
    ['localhost:3000'],
  ])('is that of the page which a form comes from, with its scheme and port: not %s', async (origin) => {
    expect(await signIn('localhost:3000', 'http://localhost:3000')).toMatchObject({ status: 303 });
    expect(await signIn('localhost:3000', origin)).toMatchObject({ status: 403 });
  });
});

describe('a method that an address does not support', () => {
  it.each([
    ['DELETE', '/api/recommendations/edge', 'GET, HEAD'],
    ['PUT', '/api/recommendations', 'GET, HEAD, POST'],
    ['PATCH', '/api/recommendations/absent', 'GET, HEAD'],
    ['GET', '/api/recommendations/edge/commands/reopen', 'POST'],
    ['OPTIONS', '/api/statistics', 'GET, HEAD'],
    ['POST', '/api/events?after=1', 'GET, HEAD'],
    ['GET', '/api/imports', 'POST'],
  ])('%s %s is answered with 405 and its methods', async (method, path, allow) => {
    const answer = await service.request(method, path, { token: inspector.token });
    expect(answer).toMatchObject(refusal(405, 'method-not-allowed'));
    expect(answer.headers.allow).toBe(allow);
    expect(await service.request(method, path)).toMatchObject(refusal(401, 'unauthenticated'));
  });

  it('is returned without a token where none is needed', async () => {
    const answer = await service.request('POST', '/health/live');
    expect(answer).toMatchObject(refusal(405, 'method-not-allowed'));
    expect(answer.headers.allow).toBe('GET, HEAD');
  });

  it('is not found at an unknown address', async () => {
    const answer = await service.request('DELETE', '/api/nothing', { token: inspector.token });
    expect(answer).toMatchObject(refusal(404, 'not-found'));
    expect(answer.headers.allow).toBeUndefined();
  });
});

describe('a parameter that a route does not know', () => {
  it.each([
    ['/api/recommendations?dryRun=true', '/dryRun'],
    ['/api/recommendations?minPosition=1', '/minPosition'],
    ['/api/recommendations/edge/commands/add-comment?effectiveOn=2020-01-01', '/effectiveOn'],
    ['/api/imports?force=1', '/force'],
  ])('is refused for POST %s, and nothing is done', async (path, pointer) => {
    // The first use of a token is recorded, even if the request fails.
    const recordedEvents = async () =>
      (await auditor.get('/api/events?limit=10000')).json.items.filter(({ type }) => type !== 'PersonSeen');
    const before = await recordedEvents();
    const body = path.includes('imports') ? 'Text' : { text: 'A comment.', visibility: 'public' };
    const headers = path.includes('imports') ? { 'content-type': 'text/plain' } : {};
    expect(await inspector.post(path, body, headers)).toMatchObject(
      refusal(400, 'invalid-parameter', { errors: [{ pointer }] }),
    );
    expect(await recordedEvents()).toEqual(before);
  });
});

describe('U+0000, which not every store can contain', () => {
  it.each([
    ['add-comment', { text: 'a\u0000b', visibility: 'public' }, '/text'],
    ['assign-owner', { owner: 'a\u0000', reason: 'x' }, '/owner'],
    ['request-closure', { statement: '\u0000 x' }, '/statement'],
    [
      'submit-evidence',
      {
        items: [
          { name: 'a', sha256: '0'.repeat(64) },
          { name: 'x\u0000', sha256: '0'.repeat(64) },
        ],
      },
      '/items/1/name',
    ],
  ])('is refused in the payload of %s', async (command, body, pointer) => {
    expect(await inspector.command('edge', command, body)).toMatchObject(
      refusal(400, 'invalid-payload', { errors: [{ pointer }] }),
    );
  });

  it('is refused in a recommendation', async () => {
    const answer = await inspector.post('/api/recommendations', {
      title: 'a\u0000',
      text: '\u0000b',
      recipients: ['kent'],
      report: { name: '\u0000', publishedOn: '2020-01-06' },
    });
    expect(answer).toMatchObject(refusal(400, 'invalid-payload'));
    expect(answer.json.errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/report/name',
      '/text',
      '/title',
    ]);
  });

  it('is refused in an address', async () => {
    expect(await inspector.get('/api/recommendations?owner=a%00')).toMatchObject(
      refusal(400, 'invalid-parameter', { errors: [{ pointer: '/owner' }] }),
    );
    expect(await inspector.get('/api/recommendations/a%00')).toMatchObject(refusal(404, 'not-found'));
  });
});

describe('the headers of an answer', () => {
  it('let a browser do nothing with it, and no cache store it', async () => {
    const answers = [
      await inspector.get('/api/recommendations'),
      await inspector.get('/api/recommendations/edge/events'),
      await inspector.get('/api/nothing'),
      await inspector.get('/api/recommendations/%zz'),
      await service.request('GET', '/api/recommendations'),
      await service.request('GET', '/health/ready'),
      await inspector.command('edge', 'add-comment', { text: 'A comment.', visibility: 'public' }),
    ];
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'content-security-policy': "default-src 'none';frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(headers['strict-transport-security']).toMatch(/^max-age=\d+$/);
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-powered-by']));
      expect(headers.server).toBeUndefined();
    }
  });

  it('let a reader cache a record privately, and revalidate it each time', async () => {
    expect((await inspector.get('/api/recommendations/edge')).headers).toMatchObject({
      etag: expect.stringMatching(/^"\d+-\d{4}-\d{2}-\d{2}"$/),
      'cache-control': 'private, no-cache',
      vary: 'Authorization',
      'x-content-type-options': 'nosniff',
    });
  });

  it("let the documentation's pages run their own scripts, and nothing else", async () => {
    const page = await service.request('GET', '/api/docs');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy).toContain("frame-ancestors 'none'");
    // Inline scripts would be blocked by the content security policy.
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
    const sources = [...page.text.matchAll(/<script[^>]*\bsrc="([^"]+)"/g)].map(([, source]) => source);
    expect(sources.length).toBeGreaterThan(1);
    for (const source of sources) {
      const { origin, pathname } = new URL(String(source), `${service.address}/api/docs`);
      expect(origin).toBe(service.address);
      expect(await service.request('GET', pathname)).toMatchObject({ status: 200 });
    }
  });
});

describe('a limit of requests', () => {
  it('applies to each subject by itself, comes after 401 and before 404, and passes', async () => {
    const limited = await startService({ env: { DOCKET_RATE_LIMIT: '5' } });
    const ann = limited.token('inspector', { subject: 'ann' });
    const bob = limited.token('inspector', { subject: 'bob' });
    const send = (token?: string, path = '/api/statistics') => limited.request('GET', path, { token });
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(ann)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
    for (const answer of refused) {
      expect(answer).toMatchObject(refusal(429, 'rate-limited'));
      expect(answer.headers['retry-after']).toBe('1');
    }

    const later = await Promise.all([
      ...Array.from({ length: 10 }, () => send(ann, '/api/nothing')),
      send(undefined),
      send(bob),
    ]);
    expect(later.slice(0, 10).map(({ status }) => status)).toContain(429);
    expect(later.at(-2)).toMatchObject(refusal(401, 'unauthenticated'));
    expect(later.at(-1)).toMatchObject({ status: 200 });
    await eventually(
      () => send(ann),
      ({ status }) => status === 200,
    );
    await limited.stop();
  });

  it('applies to each calendar link by itself, also where its key is wrong', async () => {
    const limited = await startService({ env: { DOCKET_RATE_LIMIT: '5' } });
    const open = (id: string) => limited.request('GET', `/api/calendar-links/${id}/deadlines.ics?key=wrong`);
    const [one, other] = [randomUUID(), randomUUID()];
    expect(await open(one)).toMatchObject({ status: 404 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => open(one)));
    expect(answers.map(({ status }) => status)).toContain(429);
    expect(await open(other)).toMatchObject({ status: 404 });
    await limited.stop();
  });

  it('is off with the development key', async () => {
    // Only a few are sent at once, because requests that arrive too slowly have their own limit.
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => inspector.get('/api/statistics')));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    }
  });
});

describe('live feeds', () => {
  const feeds: Feed[] = [];
  const open = async (subject: string) => {
    const feed = await openFeed(service.address, service.token('auditor', { subject }));
    feeds.push(feed);
    return feed.response;
  };
  afterEach(() => {
    for (const feed of feeds.splice(0)) feed.close();
  });

  it('are ten at the most for one subject, who can open another once one is closed', async () => {
    for (let count = 0; count < 10; count += 1) expect(await open('many')).toMatchObject({ statusCode: 200 });
    const refused = await open('many');
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(await open('other')).toMatchObject({ statusCode: 200 });
    feeds[0]?.close();
    const status = await eventually(
      async () => (await open('many')).statusCode,
      (each) => each === 200,
    );
    expect(status).toBe(200);
  });

  it('have the headers of every answer', async () => {
    expect((await open('one')).headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });
});
