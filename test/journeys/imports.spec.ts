import { beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
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
  it('with more history appends only new entries, and a shorter one changes nothing', async () => {
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
});

describe('the id of an import', () => {
  it('is the requested one, before the reference', async () => {
    expect(await send(record('ref-1', STARTED), '?id=given-1')).toMatchObject({ json: { id: 'given-1' } });
    expect(await inspector.get('/api/recommendations/ref-1')).toMatchObject({ status: 404 });
  });

  it('is derived from title and text where the title has no reference, whatever the recipient, and reported for two bodies', async () => {
    const first = await send(`No reference here\n\nText.\n${STARTED}`, '?recipient=avon');
    const later = await send(`No reference here\r\n\r\nText.\r\n\r\n${STARTED}${COMMENTED}`);
    expect(first.json.id).toMatch(/^r-[0-9a-f]{12}$/);
    expect(codes(first)).toContain('no-reference');
    expect(later).toMatchObject({ status: 201, json: { id: first.json.id, outcome: 'appended' } });
    const other = await send(`No reference here\n\nText.\n${STARTED}`, '?recipient=kent');
    expect(other).toMatchObject(refusal(409, 'history-differs'));
    expect(other.json.detail).toContain('--id');
  });

  it.each(['has%20space', '%2e%2e%2fx', 'a'.repeat(65), ''])('is not %j', async (id) => {
    expect(await send(record('ref-2', STARTED), `?id=${id}`)).toMatchObject(
      refusal(400, 'invalid-payload', { errors: [{ pointer: '/id' }] }),
    );
  });
});

describe('the recipient of an import', () => {
  it('is a slug', async () => {
    expect(await send(record('rcp-1', STARTED), '?recipient=The%20Met')).toMatchObject(
      refusal(400, 'invalid-payload', { errors: [{ pointer: '/recipient' }] }),
    );
  });
});

describe('a dry run', () => {
  it('previews the import, and changes nothing', async () => {
    expect(await send(record('dry-1', STARTED, 'stray'), '?dryRun=true')).toMatchObject({
      status: 200,
      json: { dryRun: true, id: 'dry-1', outcome: 'created', anomalies: [{ code: 'stray-text' }] },
    });
    expect(await inspector.get('/api/recommendations/dry-1')).toMatchObject({ status: 404 });
    expect(await send(record('dry-1', STARTED), '?dryRun=false')).toMatchObject({ status: 201 });
    expect(await send(record('dry-1', STARTED, COMPLETED), '?dryRun=true')).toMatchObject({
      status: 200,
      json: { dryRun: true, outcome: 'appended' },
    });
    expect((await inspector.get('/api/recommendations/dry-1')).json.status).toBe('being-progressed');
  });

  it.each(['maybe', 'TRUE', '1'])('is not requested by %s', async (dryRun) => {
    expect(await send(record('dry-2', STARTED), `?dryRun=${dryRun}`)).toMatchObject(
      refusal(400, 'invalid-parameter'),
    );
  });
});

describe('a problem of a file', () => {
  it('stops no import, and is reported with line and column', async () => {
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
});

describe('a record that people here have worked on', () => {
  const closing = '[on]24th November 2026 [status]complete[/status][/on]';

  it('is not changed by a file: the response lists the differences', async () => {
    await send(record('live-1', STARTED));
    expect((await inspector.get('/api/recommendations/live-1')).json).toMatchObject({
      statusOrigin: 'import',
    });
    await inspector.command('live-1', 'add-comment', { text: 'A word.', visibility: 'public' });
    const before = await inspector.get('/api/recommendations/live-1/events');
    const source = record('live-1', STARTED, `\n${closing}`);
    for (const query of ['', '?dryRun=true']) {
      expect(await send(source, query)).toMatchObject({
        status: 200,
        json: {
          id: 'live-1',
          outcome: 'differs',
          differences: [{ what: 'status', detail: 'status complete of 2026-11-24' }],
        },
      });
    }
    expect(await send(record('live-1', STARTED))).toMatchObject({
      status: 200,
      json: { outcome: 'unchanged', differences: [] },
    });
    const several = await send(`${record('several-1', STARTED)}\n${source}`);
    expect(several.json.records).toMatchObject([
      { id: 'several-1', outcome: 'created' },
      { id: 'live-1', outcome: 'differs', differences: [{ what: 'status' }] },
    ]);
    const file = join(service.folder, 'live-1.txt');
    writeFileSync(file, source);
    const run = await runDocket(['import', file, '--json'], { folder: service.folder });
    expect(run.code).toBe(0);
    expect(jsonLines(run)).toMatchObject([
      { id: 'live-1', outcome: 'differs', events: 0, differences: [{ what: 'status' }] },
    ]);
    const printed = await runDocket(['import', file], { folder: service.folder });
    expect(printed.stdout).toMatch(/live-1 differs: nothing was imported, .*\n {2}not in the record, at /);
    expect((await inspector.get('/api/recommendations/live-1/events')).json).toEqual(before.json);
  });

  it('is listed by where its status came from', async () => {
    const { position } = (await send(record('origin-1', STARTED))).json;
    await inspector.issue({ id: 'origin-2' });
    const { json } = await inspector.command('origin-2', 'start-progress', {});
    const minPosition = BigInt(json.position) > BigInt(position) ? json.position : position;
    const idsOf = async (query: string) => {
      const { json: page } = await inspector.get(
        `/api/recommendations?limit=200&${query}&minPosition=${minPosition}`,
      );
      return page.items.map(({ id }) => id);
    };
    expect(await idsOf('statusOrigin=import')).toContain('origin-1');
    expect(await idsOf('statusOrigin=import')).not.toContain('origin-2');
    expect(await idsOf('statusOrigin=command')).toContain('origin-2');
    const both = await idsOf('statusOrigin=command&statusOrigin=import');
    expect(both).toEqual(expect.arrayContaining(['origin-1', 'origin-2']));
    expect(await inspector.get('/api/recommendations?statusOrigin=register')).toMatchObject(
      refusal(400, 'invalid-parameter'),
    );
  });
});

describe('a file of nothing but problems', () => {
  it('returns a small answer, which counts the remaining ones', async () => {
    const source = Buffer.from(`Odd (many-1)\n\n${'a\xff'.repeat(255 * KIB)}`, 'latin1');
    const { status, json, text } = await send(source);
    expect(status).toBe(201);
    expect(json.anomalies).toHaveLength(200);
    expect(json).toMatchObject({ moreAnomalies: 255 * KIB + 1 - 200 });
    expect(text.length).toBeLessThan(32 * KIB);
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

const digestOf = (file: string): string => createHash('sha256').update(file).digest('hex');

describe('a file with one record', () => {
  it('is imported with the digest of its preview, and no other file is', async () => {
    const file = record('alone-1', STARTED);
    const preview = await send(file, '?dryRun=true');
    expect(preview).toMatchObject({ status: 200, json: { id: 'alone-1', digest: digestOf(file) } });
    const withDigest = `?digest=${digestOf(file)}`;
    expect(await send(record('alone-1', COMPLETED), withDigest)).toMatchObject(refusal(409, 'file-differs'));
    expect(await inspector.get('/api/recommendations/alone-1')).toMatchObject({ status: 404 });
    expect(await send(file, withDigest)).toMatchObject({
      status: 201,
      json: { id: 'alone-1', outcome: 'created', digest: digestOf(file) },
    });
  });
});

describe('a file with several records', () => {
  const fileOf = (prefix: string): string =>
    [
      record(`${prefix}-1`, STARTED),
      record(`${prefix}-2`, '[on]31st June 2016 [status]complete[/status][/on]'),
      record(`${prefix}-3`, STARTED, COMMENTED),
    ].join('\n');
  const exportOf = async (id: string): Promise<string> =>
    (await inspector.get(`/api/recommendations/${id}/export?format=register`)).text;

  it('is previewed record by record, by the lines of the file, and then imported as it was previewed', async () => {
    const file = fileOf('each');
    const preview = await send(file, '?dryRun=true&recipient=avon');
    const invalid = expect.objectContaining({ code: 'invalid-date', line: 10 });
    expect(preview).toMatchObject({
      status: 200,
      json: {
        dryRun: true,
        digest: digestOf(file),
        records: [
          { line: 1, id: 'each-1', outcome: 'created', anomalies: [] },
          { line: 6, id: 'each-2', outcome: 'created', anomalies: [invalid] },
          { line: 11, id: 'each-3', outcome: 'created', anomalies: [] },
        ],
      },
    });
    expect(await inspector.get('/api/recommendations/each-1')).toMatchObject({ status: 404 });
    const other = await send(`${file}\n`, `?digest=${digestOf(file)}&recipient=avon`);
    expect(other).toMatchObject(refusal(409, 'file-differs'));
    expect(await inspector.get('/api/recommendations/each-1')).toMatchObject({ status: 404 });

    const done = await send(file, `?digest=${digestOf(file)}&recipient=avon`);
    expect(done).toMatchObject({ status: 201, json: { digest: digestOf(file) } });
    expect(done.json.records.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created']);
    const exports = await Promise.all(['each-1', 'each-2', 'each-3'].map(exportOf));
    expect(exports.join('')).toBe(file);
    expect((await inspector.get('/api/recommendations/each-3')).json).toMatchObject({ recipient: 'avon' });
    const again = await send(file);
    expect(again.json.records.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });

  it('is imported as far as possible: the rest is named with its line, and changes nothing', async () => {
    await send(record('part-2').replace('A plan', 'Another plan'));
    const before = await exportOf('part-2');
    const larger = record('part-4', `[on]2nd June 2016 [comment]${'x'.repeat(512 * KIB)}[/comment][/on]`);
    const file = [fileOf('part'), larger, record('part-3', COMPLETED), record('part-5', STARTED)].join('\n');
    for (const query of ['?dryRun=true', '']) {
      const { json } = await send(file, query);
      expect(json.records).toMatchObject([
        { line: 1, id: 'part-1', outcome: 'created' },
        { line: 6, id: 'part-2', outcome: 'refused', code: 'history-differs' },
        { line: 11, id: 'part-3', outcome: 'created' },
        { line: 16, id: 'part-4', outcome: 'refused', code: 'file-too-large' },
        { line: 21, id: 'part-3', outcome: 'refused', code: 'repeated-in-file' },
        { line: 26, id: 'part-5', outcome: 'created' },
      ]);
      expect(json.records[1]?.detail).toMatch(/differ in the title at line 6, column 1;/);
    }
    expect(await exportOf('part-2')).toBe(before);
    expect(await exportOf('part-5')).toBe(record('part-5', STARTED));
    expect(await inspector.get('/api/recommendations/part-4')).toMatchObject({ status: 404 });
  });

  it('under its Idempotency-Key again is answered as it was; another file under it is refused', async () => {
    const key = { 'idempotency-key': 'a-file' };
    const first = await send(fileOf('keyed'), '', key);
    expect(await send(fileOf('keyed'), '', key)).toMatchObject({ status: 201, json: first.json });
    expect(await send(fileOf('other'), '', key)).toMatchObject(refusal(422, 'idempotency-key-reused'));
    expect(await inspector.get('/api/recommendations/other-2')).toMatchObject({ status: 404 });
  });

  it('has no id of its own, and is for users who may import', async () => {
    const file = fileOf('whole');
    expect(await send(file, '?id=one')).toMatchObject(refusal(400, 'invalid-parameter'));
    expect(await send(file, '?recipient=No%20slug')).toMatchObject(refusal(400, 'invalid-payload'));
    const plain = { 'content-type': 'text/plain' };
    const auditor = service.as('auditor');
    expect(await auditor.post('/api/imports', file, plain)).toMatchObject(refusal(403, 'role-not-permitted'));
    expect(await inspector.get('/api/recommendations/whole-1')).toMatchObject({ status: 404 });
  });

  it('has ten thousand records at most, and lets others have their turn while it is imported', async () => {
    const small = (index: number): string =>
      `P (t-${index})\n\nDo.\n\n[on]1st May 2016 [status]complete[/status][/on]\n`;
    const records = Array.from({ length: 10_001 }, (_, index) => small(index));
    expect(await send(records.join(''))).toMatchObject(refusal(422, 'too-many-records'));
    const importing = send(records.slice(0, 100).join(''));
    const ended = importing.then(() => 'imported');
    for (let answered = 0; answered < 5; answered += 1) {
      const live = inspector.get('/health/live').then(({ status }) => status);
      expect(await Promise.race([live, ended])).toBe(200);
    }
    const { json } = await importing;
    expect(json.records).toHaveLength(100);
  });

  it('is imported from the command line, a line for each record', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file.txt'), `${fileOf('line')}\n${record('line-1', COMPLETED)}`);
    const run = (...more: string[]) => runDocket(['import', 'file.txt', ...more], { folder });
    expect(await run('--id', 'one')).toMatchObject({ code: 2 });
    expect(readdirSync(folder)).toEqual(['file.txt']);
    const { code, stdout } = await run('--json');
    expect(code).toBe(1);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toMatchObject([
      { file: 'file.txt', line: 1, id: 'line-1', outcome: 'created' },
      { file: 'file.txt', line: 6, id: 'line-2', outcome: 'created' },
      { file: 'file.txt', line: 11, id: 'line-3', outcome: 'created' },
      { file: 'file.txt', line: 16, id: 'line-1', outcome: 'refused', code: 'repeated-in-file' },
    ]);
  });
});

describe('permissions and formats', () => {
  it('inspector and administrator may import, and no one else', async () => {
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

  it.each(['application/json', 'text/html', 'application/octet-stream'])(
    'a file is text/plain, and not %s',
    async (type) => {
      for (const body of ['{}', 'A title (1)'])
        expect(await send(body, '', { 'content-type': type })).toMatchObject(
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
