import { beforeAll, describe, expect, it } from '@jest/globals';
import { recommendation, refusal, startService } from '../support/service.ts';
import type { Client, RunningService } from '../support/service.ts';

let service: RunningService;
let inspector: Client;
let approver: Client;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
  approver = service.as('approver');
});

const issueRecord = async (more?: object): Promise<string> =>
  (await inspector.issue(more)).json.recommendations[0]?.id as string;

describe('of a command that breaks every rule at once, the earliest is reported', () => {
  // The record is closed, its version is 4, the key was used for a comment, and the approver requested the closure.
  let id: string;
  const wrong = { 'idempotency-key': 'taken', 'if-match': '"1"' };

  beforeAll(async () => {
    id = await issueRecord();
    await approver.command(
      id,
      'add-comment',
      { text: 'First.', visibility: 'public' },
      { 'idempotency-key': 'taken' },
    );
    await inspector.command(id, 'request-closure', { statement: 'Done.' });
    await approver.command(id, 'approve-closure', { statement: 'Agreed.' });
  });

  it('401 comes before everything else', async () => {
    const answer = await service.request('POST', '/api/recommendations/nowhere/commands/nothing', {
      body: '{"broken',
      headers: wrong,
    });
    expect(answer).toMatchObject(refusal(401, 'unauthenticated'));
  });

  it('404 for an unknown command or record comes before an invalid payload', async () => {
    const auditor = service.as('auditor');
    expect(await auditor.command(id, 'nothing', { nonsense: 1 }, wrong)).toMatchObject(
      refusal(404, 'unknown-command'),
    );
    expect(await auditor.command('nowhere', 'reopen', { nonsense: 1 }, wrong)).toMatchObject(
      refusal(404, 'not-found'),
    );
  });

  it.each(['constructor', '__proto__', 'toString', 'issue', 'import', 'START-PROGRESS', 'start-progress%20'])(
    'the command %s is unknown',
    async (command) => {
      expect(await approver.command(id, command, {})).toMatchObject(refusal(404, 'unknown-command'));
    },
  );

  it("404 for another body's record comes before an invalid payload and the role", async () => {
    const stranger = service.as('force-lead', { organisations: ['kent'] });
    expect(await stranger.command(id, 'reopen', { nonsense: 1 }, wrong)).toMatchObject(
      refusal(404, 'not-found'),
    );
  });
});

describe('whatever is wrong with a request, an unknown record is reported first', () => {
  const LARGE = `{"text":"${'x'.repeat(1_100_000)}"}`;
  const GOOD = '{"text":"A comment.","visibility":"public"}';
  type Fault = { query?: string; body?: string | Uint8Array; headers?: Record<string, string> };
  const COMMAND_FAULTS: Readonly<Record<string, readonly [Fault, number, string]>> = {
    'JSON that is none': [{ body: '{"broken' }, 400, 'malformed-request'],
    'a prototype': [{ body: '{"__proto__":{"text":"a"}}' }, 400, 'invalid-payload'],
    'bytes that are no UTF-8': [{ body: Buffer.from('{"text":"\xe9"}', 'latin1') }, 400, 'malformed-request'],
    'a member named twice': [
      { body: '{"text":"a","text":"b","visibility":"public"}' },
      400,
      'invalid-payload',
    ],
    'a blank text': [{ body: '{"text":" ","visibility":"public"}' }, 400, 'invalid-payload'],
    'too large a body': [{ body: LARGE }, 413, 'payload-too-large'],
    'too large a body of a length untold': [
      { body: LARGE, headers: { 'transfer-encoding': 'chunked' } },
      413,
      'payload-too-large',
    ],
    'another type of body': [{ headers: { 'content-type': 'text/html' } }, 415, 'unsupported-media-type'],
    'plain text': [{ headers: { 'content-type': 'text/plain' } }, 415, 'unsupported-media-type'],
    'another charset': [
      { headers: { 'content-type': 'application/json; charset=latin1' } },
      415,
      'unsupported-media-type',
    ],
    'a content encoding': [{ headers: { 'content-encoding': 'gzip' } }, 415, 'unsupported-media-type'],
    'an If-Match that is no tag': [{ headers: { 'if-match': '1' } }, 400, 'invalid-header'],
    'too long an Idempotency-Key': [
      { headers: { 'idempotency-key': 'k'.repeat(256) } },
      400,
      'invalid-header',
    ],
    'an unknown parameter': [{ query: '?effectiveOn=2020-01-01' }, 400, 'invalid-parameter'],
  };
  const READ_FAULTS: readonly (readonly [route: string, query: string, headers?: Record<string, string>])[] =
    [
      ...['', '/events', '/timeline', '/commands', '/statechart', '/export'].flatMap((route) =>
        ['?colour=red', '?minPosition=soon', '?minPosition=1&minPosition=2'].map(
          (query) => [route, query] as const,
        ),
      ),
      ...['', '/statechart'].flatMap((route) =>
        ['?effectiveOn=2020-02-30', '?knownAt=soon', '?knownAt=2999-01-01'].map(
          (query) => [route, query] as const,
        ),
      ),
      ['/events', '?after=x'],
      ['/events', '?limit=0'],
      ['/events', '?limit=10001'],
      ['/export', '?format=xml'],
      ['/statechart', '', { accept: 'video/mp4' }],
    ];

  let id: string;
  let auditor: Client;
  let stranger: Client;
  const commentOn = (person: Client, path: string, { query = '', body = GOOD, headers = {} }: Fault) =>
    person.post(`/api/recommendations/${path}${query}`, body, headers);
  const refused = async (subject: string) => {
    // The list itself waits at most a second.
    const end = (await auditor.get('/api/events?limit=10000')).json.items.at(-1)?.position;
    return (await auditor.get(`/api/refusals?subject=${subject}&limit=200&minPosition=${end}`)).json.items;
  };

  beforeAll(async () => {
    id = await issueRecord();
    auditor = service.as('auditor');
    stranger = service.as('force-lead', { subject: 'stranger', organisations: ['kent'] });
  });

  it.each(Object.entries(COMMAND_FAULTS))('of a command: %s', async (_, [fault, status, code]) => {
    const before = await auditor.get(`/api/recommendations/${id}/events`);
    const comment = 'commands/add-comment';
    const noCommand = await commentOn(inspector, `${id}/commands/nothing`, fault);
    expect(noCommand).toMatchObject(refusal(404, 'unknown-command'));
    const absent = await commentOn(stranger, `absent/${comment}`, fault);
    const other = await commentOn(stranger, `${id}/${comment}`, fault);
    expect(absent).toMatchObject(refusal(404, 'not-found'));
    expect(other.text).toBe(absent.text);
    // Without a token the response reveals nothing. A user who sees the record is informed of an invalid request before
    // their role is checked.
    const path = `/api/recommendations/${id}/${comment}`;
    expect(await service.request('POST', path, { body: '{"broken' })).toMatchObject(
      refusal(401, 'unauthenticated'),
    );
    for (const person of [inspector, service.as('scheduler')]) {
      expect(await commentOn(person, `${id}/${comment}`, fault)).toMatchObject(refusal(status, code));
    }
    expect((await auditor.get(`/api/recommendations/${id}/events`)).text).toBe(before.text);
    const [last, first] = await refused('stranger');
    expect([last, first]).toMatchObject([
      { code: 'not-found', record: id, command: 'add-comment' },
      // An id that does not exist could be anything, so it is not recorded.
      { code: 'not-found', record: null, command: 'add-comment' },
    ]);
  });

  it.each(READ_FAULTS)('of a read: %s%s', async (route, query, headers = {}) => {
    const read = (person: Client, record: string) =>
      person.get(`/api/recommendations/${record}${route}${query}`, headers);
    const absent = await read(stranger, 'absent');
    expect(absent).toMatchObject(refusal(404, 'not-found'));
    expect((await read(stranger, id)).text).toBe(absent.text);
    expect([400, 406]).toContain((await read(inspector, id)).status);
  });
});

describe('a position that is not reached', () => {
  const FAR = `minPosition=${'9'.repeat(38)}`;
  let id: string;
  const people: Record<string, Client> = {};

  beforeAll(async () => {
    id = await issueRecord();
    people['inspector'] = inspector;
    people['stranger'] = service.as('force-lead', { subject: 'stranger', organisations: ['kent'] });
  });

  it.each([
    ['inspector', '/api/events?', 403, 'role-not-permitted'],
    ['inspector', '/api/refusals?', 403, 'role-not-permitted'],
    ['inspector', '/api/recommendations?colour=red&', 400, 'invalid-parameter'],
    ['inspector', '/api/recommendations?cursor=x&', 400, 'invalid-parameter'],
    ['inspector', '/api/recommendations?queue=x&', 400, 'invalid-parameter'],
    ['inspector', '/api/deadlines?from=2020-01-02&to=2020-01-01&', 400, 'invalid-parameter'],
    ['inspector', '/api/deadlines.ics?kind=x&', 400, 'invalid-parameter'],
    ['inspector', '/api/statistics/series?from=0001-01-01&', 400, 'invalid-parameter'],
    ['inspector', '/api/work?colour=red&', 400, 'invalid-parameter'],
    ['stranger', '/api/recommendations?recipient=wiltshire&', 403, 'other-organisation'],
    ['stranger', '/api/statistics?recipient=wiltshire&', 403, 'other-organisation'],
    ['stranger', '/api/statistics/closure-times?recipient=wiltshire&', 403, 'other-organisation'],
    ['stranger', '/api/deadlines?recipient=wiltshire&', 403, 'other-organisation'],
    ...['', '/events', '/timeline', '/commands', '/statechart', '/export'].flatMap((route) => [
      ['inspector', `/api/recommendations/absent${route}?`, 404, 'not-found'] as const,
      ['stranger', `/api/recommendations/ID${route}?`, 404, 'not-found'] as const,
      ['inspector', `/api/recommendations/ID${route}?colour=red&`, 400, 'invalid-parameter'] as const,
    ]),
  ] as const)("is waited for after the caller's own errors: %s %s", async (who, path, status, code) => {
    // Waiting for this position ends with 503.
    expect(await people[who]?.get(`${path.replace('ID', id)}${FAR}`)).toMatchObject(refusal(status, code));
  });

  it.each(['/api/recommendations', '/api/statistics', '/api/recommendations/ID/statechart'])(
    'is waited for after the media type: %s',
    async (path) => {
      const answer = await inspector.get(`${path.replace('ID', id)}?${FAR}`, { accept: 'video/mp4' });
      expect(answer).toMatchObject(refusal(406, 'not-acceptable'));
    },
  );

  /** The required parameters of reads. */
  const NEEDED = [
    ['/inclusion', 'index=0&'],
    ['/consistency', 'from=1&to=1&'],
  ] as const;

  it('is waited for by every other read, and by a look at its head', async () => {
    const everybody = service.as(['inspector', 'auditor', 'administrator']);
    const { paths } = service.document.openApi;
    const reads = Object.entries(paths).filter(
      ([path, { get }]) =>
        get?.parameters?.some((parameter) => parameter.name === 'minPosition') &&
        // Of the paths with an id, only those of the record and of the webhook below.
        (!path.includes('{id}') || /^\/api\/(?:recommendations|webhooks)\//.test(path)),
    );
    expect(reads.length).toBeGreaterThan(15);
    const added = { url: 'http://127.0.0.1:9/hook', audience: 'inspectorate' };
    const { json } = await service.as('administrator').post('/api/webhooks', added);
    const answers = reads.flatMap(([path]) => {
      const needed = NEEDED.find(([end]) => path.endsWith(end))?.[1] ?? '';
      const named = path.startsWith('/api/webhooks/') ? json.id : id;
      const address = `${path.replace('{id}', named).replace('{path}', '0/000')}?${needed}${FAR}`;
      return ['GET', 'HEAD'].map(async (method) => ({
        read: `${method} ${path}`,
        status: (await service.request(method, address, { token: everybody.token })).status,
      }));
    });
    expect(await Promise.all(answers)).toEqual(
      reads.flatMap(([path]) =>
        ['GET', 'HEAD'].map((method) => ({
          read: `${method} ${path}`,
          status: 503,
        })),
      ),
    );
  });
});

describe('a body that cannot be read', () => {
  let id: string;
  let path: string;

  beforeAll(async () => {
    id = await issueRecord();
    path = `/api/recommendations/${id}/commands/add-comment`;
  });

  it.each(['{"text":', 'text', '{"text":"a"} more', '\u0000'])(
    'is refused as malformed: %j',
    async (body) => {
      expect(await inspector.post(path, body)).toMatchObject(refusal(400, 'malformed-request'));
    },
  );

  it('is refused as malformed or invalid, however deeply nested', async () => {
    for (const depth of [10, 1_000, 100_000]) {
      const nested = '['.repeat(depth) + ']'.repeat(depth);
      expect(await inspector.post(path, `{"text":${nested}}`)).toMatchObject({ status: 400 });
      const objects = '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
      expect(await inspector.post(path, objects, { 'idempotency-key': `deep-${depth}` })).toMatchObject({
        status: 400,
      });
    }
  });

  it.each([[[]], ['text'], [17], [true]])('is refused as no object: %j', async (body) => {
    expect(await inspector.post(path, JSON.stringify(body))).toMatchObject(
      refusal(400, 'invalid-payload', { errors: [{ pointer: '' }] }),
    );
  });

  it.each(['text/html', 'application/xml', 'application/x-www-form-urlencoded', 'text/plain', 'nonsense'])(
    'is refused with 415 as %s',
    async (type) => {
      const answer = await inspector.post(path, '{"text":"A comment.","visibility":"public"}', {
        'content-type': type,
      });
      // An import accepts plain text. For a command it is not an object.
      expect([415, type === 'text/plain' ? 400 : 415]).toContain(answer.status);
    },
  );

  it('is refused with 413 beyond a megabyte, and the service continues', async () => {
    const text = 'x'.repeat(1_100_000);
    expect(await inspector.post(path, { text })).toMatchObject(refusal(413, 'payload-too-large'));
    expect(await inspector.post(path, { text: 'A comment.', visibility: 'public' })).toMatchObject({
      status: 200,
    });
  });

  it('is refused with 401 before its size matters', async () => {
    expect(await service.request('POST', path, { body: { text: 'x'.repeat(1_100_000) } })).toMatchObject(
      refusal(401, 'unauthenticated'),
    );
  });
});

describe('an invalid recommendation', () => {
  it('is invalid before the role is checked, and before the id is looked up', async () => {
    const id = await issueRecord();
    const auditor = service.as('auditor');
    expect(await auditor.post('/api/recommendations', recommendation({ id, title: '' }))).toMatchObject(
      refusal(400, 'invalid-payload'),
    );
    expect(await auditor.post('/api/recommendations', recommendation({ id }))).toMatchObject(
      refusal(403, 'role-not-permitted'),
    );
  });

  it('is refused as such without a body', async () => {
    expect(await inspector.post('/api/recommendations')).toMatchObject(refusal(400, 'invalid-payload'));
  });
});

describe('an unknown route', () => {
  it.each(['/api/nothing', '/api', '/api/recommendations/x/nothing', '/favicon.ico'])(
    '%s is 401 without a token and 404 with one',
    async (path) => {
      expect(await service.request('GET', path)).toMatchObject(refusal(401, 'unauthenticated'));
      expect(await inspector.get(path)).toMatchObject(refusal(404, 'not-found'));
    },
  );

  it('is refused by another method as well', async () => {
    const answer = await service.request('DELETE', '/api/statistics', { token: inspector.token });
    expect([404, 405]).toContain(answer.status);
  });

  it.each([
    '/api/recommendations/%zz',
    `/api/recommendations/${'x'.repeat(300)}`,
    '/api/recommendations/%00',
  ])('is refused as a problem, also with a malformed address: %s', async (path) => {
    const answer = await inspector.get(path);
    expect([400, 404, 414]).toContain(answer.status);
  });
});
