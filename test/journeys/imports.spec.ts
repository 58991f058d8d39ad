import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runDocket } from '../support/command-line.ts';
import { refusal, startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';

const SAMPLE = readFileSync(fileURLToPath(new URL('../fixtures/730.txt', import.meta.url)));
const KIB = 1024;

let service: RunningService;
let inspector: Client;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
});

const send = (source: string | Uint8Array, query = '', headers: object = {}): Promise<Answer> =>
  inspector.post(`/api/imports${query}`, source, { 'content-type': 'text/plain', ...headers });

const STARTED = '[on]1st June 2016 [status]being-progressed[/status][/on]';
const COMMENTED = '[on]2nd June 2016 [comment]Well under way.[/comment][/on]';
const COMPLETED = '[on]1st June 2017 [status]complete[/status][/on]';
const record = (reference: string, ...blocks: string[]): string =>
  `A plan (${reference})\n\nEvery force should have one.\n\n${blocks.join('')}`;

const codes = (answer: Answer): string[] => answer.json.anomalies.map(({ code }) => code);

describe('the sample record', () => {
  it('comes in whole, under the reference of its title', async () => {
    const answer = await send(SAMPLE, '?recipient=wiltshire');
    expect(answer).toMatchObject({
      status: 201,
      json: { id: '730', outcome: 'created', version: 6, anomalies: [] },
    });
    const { items } = (await inspector.get('/api/recommendations/730/events')).json;
    expect(items.map(({ type, effectiveOn }) => [type, effectiveOn]).slice(0, 5)).toEqual([
      ['RecommendationIssued', '2015-11-30'],
      ['DeadlineSet', '2015-11-30'],
      ['ProgressStarted', '2016-09-30'],
      ['CommentAdded', '2016-09-30'],
      ['CommentAdded', '2018-08-14'],
    ]);
    expect(items.at(-1)).toMatchObject({ type: 'RegisterRecordImported', position: answer.json.position });
    expect(items.every((event) => event.origin === 'import')).toBe(true);
    expect((await inspector.get('/api/recommendations/730')).json).toMatchObject({
      status: 'being-progressed',
      recipient: 'wiltshire',
      title: 'Regional Organised Crime Units',
    });
  });

  it('changes nothing when it comes again', async () => {
    const before = await inspector.get('/api/recommendations/730/events');
    const last = before.json.items.at(-1);
    expect(await send(SAMPLE)).toMatchObject({
      status: 201,
      json: { id: '730', outcome: 'unchanged', version: last?.version, position: last?.position },
    });
    expect((await inspector.get('/api/recommendations/730/events')).json).toEqual(before.json);
  });

  it('is exported byte for byte as it came', async () => {
    const exported = await runDocket(['export', '730'], { folder: service.folder });
    expect(exported.bytes.equals(SAMPLE)).toBe(true);
  });
});

describe('a file that came before', () => {
  it('with more history appends only what is new, and a shorter one changes nothing', async () => {
    await send(record('more-1', STARTED));
    expect(await send(record('more-1', STARTED, COMMENTED, COMPLETED))).toMatchObject({
      status: 201,
      json: { outcome: 'appended' },
    });
    const { items } = (await inspector.get('/api/recommendations/more-1/events')).json;
    const types = items.map(({ type }) => type).filter((type) => type !== 'RegisterRecordImported');
    expect(types).toEqual([
      'RecommendationIssued',
      'ProgressStarted',
      'CommentAdded',
      'RecommendationCompleted',
    ]);
    expect(await send(record('more-1', STARTED))).toMatchObject({
      status: 201,
      json: { outcome: 'unchanged' },
    });
  });

  it.each([
    ['history', record('other-1', STARTED, '[on]2nd June 2016 [comment]Not so.[/comment][/on]')],
    ['a title', record('other-1', STARTED, COMMENTED).replace('A plan', 'Another plan')],
    ['a text', record('other-1', STARTED, COMMENTED).replace('Every force', 'No force')],
  ])('with other %s is refused, with line and column, and changes nothing', async (_, source) => {
    await send(record('other-1', STARTED, COMMENTED));
    const before = await inspector.get('/api/recommendations/other-1/events');
    const answer = await send(source);
    expect(answer).toMatchObject(refusal(409, 'history-differs'));
    expect(answer.json.detail).toMatch(/line \d+, column \d+/);
    expect((await inspector.get('/api/recommendations/other-1/events')).json).toEqual(before.json);
  });

  it('agrees with what was commanded since and would be exported', async () => {
    await send(record('lived-1', STARTED));
    await inspector.command('lived-1', 'add-comment', { text: 'Written here.', effectiveOn: '2016-07-01' });
    const exported = await runDocket(['export', 'lived-1'], { folder: service.folder });
    expect(exported.stdout).toContain('Written here.');
    expect(await send(exported.bytes)).toMatchObject({ status: 201, json: { outcome: 'unchanged' } });
    expect(await send(exported.stdout + COMPLETED)).toMatchObject({
      status: 201,
      json: { outcome: 'appended' },
    });
  });
});

describe('the id of an import', () => {
  it('is the one that is given, before the reference', async () => {
    expect(await send(record('ref-1', STARTED), '?id=given-1')).toMatchObject({ json: { id: 'given-1' } });
    expect(await inspector.get('/api/recommendations/ref-1')).toMatchObject({ status: 404 });
  });

  it('is made of the digest where the title has no reference, whatever the recipient', async () => {
    const first = await send('No reference here\n\nText.\n', '?dryRun=true');
    const second = await send('No reference here\n\nText.\n', '?dryRun=true&recipient=kent');
    expect(first.json.id).toMatch(/^r-[0-9a-f]{12}$/);
    expect(second.json.id).toBe(first.json.id);
    expect(codes(first)).toContain('no-reference');
  });

  it.each(['has%20space', '%2e%2e%2fx', 'a'.repeat(65), ''])('is not %j', async (id) => {
    expect(await send(record('ref-2', STARTED), `?id=${id}`)).toMatchObject(
      refusal(400, 'invalid-payload', { errors: [{ pointer: '/id' }] }),
    );
  });

  it('is not one under which a recommendation went to several bodies', async () => {
    await inspector.issue({ id: 'several-1', recipients: ['avon', 'dorset'] });
    expect(await send(record('several-1', STARTED))).toMatchObject(
      refusal(409, 'id-already-used', { location: '/api/recommendations?issue=several-1' }),
    );
  });
});

describe('the recipient of an import', () => {
  it('is a slug', async () => {
    expect(await send(record('rcp-1', STARTED), '?recipient=The%20Met')).toMatchObject(
      refusal(400, 'invalid-payload', { errors: [{ pointer: '/recipient' }] }),
    );
  });

  it('is not changed by another import', async () => {
    await send(record('rcp-2', STARTED), '?recipient=kent');
    expect(await send(record('rcp-2', STARTED), '?recipient=avon')).toMatchObject(
      refusal(409, 'history-differs'),
    );
    expect((await inspector.get('/api/recommendations/rcp-2')).json.recipient).toBe('kent');
  });
});

describe('a dry run', () => {
  it('says what would happen, and changes nothing', async () => {
    expect(await send(record('dry-1', STARTED, 'stray'), '?dryRun=true')).toMatchObject({
      status: 200,
      json: { id: 'dry-1', outcome: 'created', anomalies: [{ code: 'stray-text' }] },
    });
    expect(await inspector.get('/api/recommendations/dry-1')).toMatchObject({ status: 404 });
    expect(await send(record('dry-1', STARTED), '?dryRun=false')).toMatchObject({ status: 201 });
    expect(await send(record('dry-1', STARTED, COMPLETED), '?dryRun=true')).toMatchObject({
      status: 200,
      json: { outcome: 'appended' },
    });
    expect((await inspector.get('/api/recommendations/dry-1')).json.status).toBe('being-progressed');
  });

  it.each(['maybe', 'TRUE', '1'])('is not asked for by %s', async (dryRun) => {
    expect(await send(record('dry-2', STARTED), `?dryRun=${dryRun}`)).toMatchObject(
      refusal(400, 'invalid-parameter'),
    );
  });
});

describe('what is odd about a file', () => {
  it('stops no import, and is told with line and column', async () => {
    const answer = await send(
      record(
        'odd-1',
        '[on]31st June 2016 [status]being-progressed[/status][/on]\n',
        '[on]1st July 2016 [status]unheard-of[/status][/on]\n',
        'stray\n',
        '[on]1st May 2016 [comment][/comment][/on]',
      ),
    );
    expect(answer.status).toBe(201);
    expect(codes(answer).sort()).toEqual([
      'date-order',
      'empty-comment',
      'invalid-date',
      'stray-text',
      'unknown-status',
    ]);
    const { anomalies } = (await inspector.get('/api/recommendations/odd-1')).json;
    expect(anomalies).toEqual(answer.json.anomalies);
  });

  it('may be every byte that there is, and the export gives each back', async () => {
    const bytes = Buffer.from([...Array(1024).keys()].map((index) => (index * 167 + (index >> 3)) & 0xff));
    const { json } = await send(bytes);
    const exported = await runDocket(['export', json.id], { folder: service.folder });
    expect(exported.bytes.equals(bytes)).toBe(true);
    expect(await send(bytes)).toMatchObject({ json: { id: json.id, outcome: 'unchanged' } });
  });

  it('may be that it is empty', async () => {
    const answer = await send('');
    expect(answer).toMatchObject({ status: 201, json: { outcome: 'created' } });
    expect(codes(answer)).toContain('no-history');
  });
});

describe('the size of a file', () => {
  it('is at most 512 KiB', async () => {
    const head = `Large (large-1)\n\n`;
    const largest = head + 'x'.repeat(512 * KIB - head.length);
    expect(await send(largest)).toMatchObject({ status: 201 });
    expect(await send(`${largest}y`, '?id=large-2')).toMatchObject(refusal(413, 'file-too-large'));
    expect(await send('x'.repeat(600 * KIB))).toMatchObject(refusal(413, 'file-too-large'));
  });
});

describe('who and how', () => {
  it('inspector and administrator may import, and nobody else', async () => {
    const organisations = ['wiltshire'];
    for (const role of ['approver', 'force-lead', 'commissioner', 'auditor', 'scheduler'] as const) {
      const answer = await service
        .as(role, { organisations })
        .post('/api/imports', record('roles-1', STARTED), { 'content-type': 'text/plain' });
      expect(answer).toMatchObject(refusal(403, 'role-not-permitted'));
    }
    const administrator = service.as('administrator');
    expect(await administrator.import(record('roles-1', STARTED))).toMatchObject({ status: 201 });
  });

  it('what is invalid is told before the role', async () => {
    const auditor = service.as('auditor');
    const plain = { 'content-type': 'text/plain' };
    expect(await auditor.post('/api/imports?id=a%20b', 'A title (1)', plain)).toMatchObject(
      refusal(400, 'invalid-payload'),
    );
    expect(await auditor.post('/api/imports?nonsense=1', 'A title (1)', plain)).toMatchObject(
      refusal(400, 'invalid-parameter'),
    );
    expect(await auditor.post('/api/imports', 'x'.repeat(600 * KIB), plain)).toMatchObject(
      refusal(413, 'file-too-large'),
    );
  });

  it.each(['application/json', 'text/html', 'application/octet-stream'])(
    'a file is text/plain, and not %s',
    async (type) => {
      expect(await send('{}', '', { 'content-type': type })).toMatchObject(
        refusal(415, 'unsupported-media-type'),
      );
    },
  );

  it('a file may name its charset', async () => {
    const answer = await send(record('charset-1', STARTED), '', {
      'content-type': 'text/plain; charset=utf-8',
    });
    expect(answer.status).toBe(201);
  });
});
