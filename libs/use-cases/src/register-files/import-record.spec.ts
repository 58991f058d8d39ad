import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { CommandRefusedError } from '#lifecycle/refused';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  ADMINISTRATOR,
  NOW,
  REFERENCE,
  RegisterImports,
  TODAY,
  bytes,
  comment,
  commentBlock,
  file,
  short,
  statusBlock,
} from '#test/support/register-imports';
import { atOnce } from '#event-sourcing/folding';
import { STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import { recommendation } from '#state-machines/inspection-recommendation/kind';
import { exported as exportedAs } from '#test/support/exported';
import { RECORD_BYTES_MAX } from './import-record.ts';
import { issueRecords } from '../records/issue-records.ts';
import { readRecord } from '../records/read-record.ts';
import { replayRecord } from '../records/replay-record.ts';
import { verifyStore } from '../log/verify-store.ts';
import { lifecycles } from '#state-machines/lifecycles';

const sample = readFileSync(new URL('../../../../test/fixtures/730.txt', import.meta.url));
const reference = REFERENCE;
const actor = ADMINISTRATOR;
const NOW_VIEW = { effectiveOn: null, knownAt: null };

let imports: RegisterImports;
beforeEach(() => {
  imports = new RegisterImports();
});

const bring: RegisterImports['importFile'] = (...args) => imports.importFile(...args);
const stream = (id?: string) => imports.stream(id);
const exported = () => imports.exported();
const history = () => imports.history();
const nothingAppendedBy: RegisterImports['nothingAppendedBy'] = (act) => imports.nothingAppendedBy(act);
const refusalOf: RegisterImports['refusalOf'] = (act) => imports.refusalOf(act);

describe('the sample', () => {
  test('given nothing, when it is imported, then every status and comment is one event and the first status is the issue', async () => {
    const outcome = await bring(sample);

    const events = await stream('730');
    expect(events.map(({ effectiveOn, type }) => `${effectiveOn} ${type}`)).toEqual([
      '2015-11-30 RecommendationIssued',
      '2015-11-30 DeadlineSet',
      '2016-09-30 ProgressStarted',
      '2016-09-30 CommentAdded',
      '2018-08-14 CommentAdded',
      `${TODAY} RegisterRecordImported`,
    ]);
    expect(outcome).toEqual({
      id: '730',
      outcome: 'created',
      version: 6,
      position: '6',
      events: 6,
      anomalies: [],
    });
    const { title, text, status, recipient } = atOnce(readRecord(lifecycles, events, NOW_VIEW, TODAY))!;
    expect({ title, status, recipient }).toEqual({
      title: 'Regional Organised Crime Units',
      status: 'being-progressed',
      recipient: null,
    });
    expect(text).toMatch(/^By 30 June 2016, every police force[^]*contained in this report\.$/);
    expect(events[1]!.data).toEqual({
      deadlineId: 'd1',
      kind: 'action',
      dueOn: '2016-06-30',
      source: { eventId: events[0]!.eventId, from: 0, to: 15 },
    });
    expect(events[3]!.data).toMatchObject({
      text: expect.stringMatching(/^The ROCU is assessing[^]*forces and ROCU\.$/) as unknown,
      visibility: 'public',
    });
  });

  test('given nothing, when it is imported, then every event names its origin and importer', async () => {
    await bring(sample);

    for (const event of await stream('730')) {
      expect(event).toMatchObject({
        origin: 'import',
        actor,
        decision: null,
        lifecycle: reference,
        recordedAt: new Date(NOW).toISOString(),
        command: { name: 'import' },
      });
    }
  });

  test('given nothing, when it is imported, then the note keeps the bytes as sensitive values', async () => {
    await bring(sample);

    const note = (await stream('730')).at(-1)!;
    expect(note.data).toEqual({
      source: sample.toString('base64'),
      sourceSha256: createHash('sha256').update(sample).digest('hex'),
      length: sample.length,
      anomalies: [],
    });
    expect(Object.keys(note.commitments).sort()).toEqual(['/data/source', '/data/sourceSha256']);
  });
});

describe('entries become events', () => {
  const close = { complete: 'RecommendationCompleted', 'no-further-action-needed': 'NoFurtherActionDecided' };
  const open = ['awaiting-review', 'being-progressed'];
  const expectedMove = (from: string, to: string): string => {
    if (from === to) return `StatusRecorded.${to}`;
    if (open.includes(from)) {
      return { ...close, 'being-progressed': 'ProgressStarted', 'awaiting-review': 'ReturnedToReview' }[
        to
      ] as string;
    }
    return to === 'being-progressed' ? 'RecommendationReopened' : `StatusRecorded.${to}`;
  };
  const pairs = STATUSES.flatMap((from) => STATUSES.map((to) => [from, to, expectedMove(from, to)] as const));

  test.each(pairs)('given %s, when %s follows, then it is %s', async (from, to, type) => {
    await bring(
      file(
        statusBlock('1st May 2016', 'awaiting-review'),
        statusBlock('2nd May 2016', from),
        statusBlock('3rd May 2016', to),
      ),
    );

    const moved = (await stream()).find(({ effectiveOn }) => effectiveOn === '2016-05-03')!;
    expect(moved).toMatchObject({ type, data: {}, state: { progress: to } });
  });

  test.each(STATUSES)('given %s, when an unknown status follows, then it is a note', async (from) => {
    await bring(file(statusBlock('2nd May 2016', from), statusBlock('3rd May 2016', 'paused')));

    const noted = (await stream()).find(({ effectiveOn }) => effectiveOn === '2016-05-03')!;
    expect(noted).toMatchObject({
      type: 'UnknownStatusRecorded',
      data: { status: 'paused' },
      state: { progress: from },
    });
    expect(Object.keys(noted.commitments)).toEqual(['/data/status']);
  });

  test.each([
    ['awaiting-review', []],
    ['being-progressed', ['2016-05-02 ProgressStarted']],
    ['complete', ['2016-05-02 RecommendationCompleted']],
    ['no-further-action-needed', ['2016-05-02 NoFurtherActionDecided']],
    ['paused', ['2016-05-02 UnknownStatusRecorded paused']],
  ])('given a history that begins with %s, then it follows the issue as %j', async (first, expected) => {
    await bring(file(statusBlock('2nd May 2016', first)));

    expect(short((await stream())[0]!)).toBe('2016-05-02 RecommendationIssued Do it.');
    expect(await history()).toEqual(expected);
  });

  test('given an unknown status first, when awaiting-review follows, then that is recorded, since it is not the first', async () => {
    await bring(file(statusBlock('2nd May 2016', 'paused'), statusBlock('3rd May 2016', 'awaiting-review')));

    expect(await history()).toEqual([
      '2016-05-02 UnknownStatusRecorded paused',
      '2016-05-03 StatusRecorded.awaiting-review',
    ]);
  });

  test('given entries out of order, then events follow their dates, and the file where dates are the same', async () => {
    await bring(
      file(
        commentBlock('3rd May 2016', 'c'),
        statusBlock('3rd May 2016', 'complete'),
        commentBlock('1st May 2016', 'a'),
        statusBlock('2nd May 2016', 'being-progressed'),
        commentBlock('3rd May 2016', 'd'),
        commentBlock('2nd May 2016', 'b'),
      ),
    );

    expect(short((await stream())[0]!)).toBe('2016-05-01 RecommendationIssued Do it.');
    expect(await history()).toEqual([
      '2016-05-01 CommentAdded a',
      '2016-05-02 ProgressStarted',
      '2016-05-02 CommentAdded b',
      '2016-05-03 CommentAdded c',
      '2016-05-03 RecommendationCompleted',
      '2016-05-03 CommentAdded d',
    ]);
  });

  test('given no valid date at all, then all is effective on the day of the import', async () => {
    const source = file(
      statusBlock('31st June 2016', 'being-progressed'),
      commentBlock('31st June 2016', 'text'),
    );
    await bring(source);

    expect((await stream()).map(({ effectiveOn }) => effectiveOn)).toEqual([TODAY, TODAY, TODAY, TODAY]);
    const again = await nothingAppendedBy(() => bring(`${source}\n`, { now: NOW + 1e9 }));
    expect(again).toMatchObject({ outcome: 'unchanged' });
  });

  test('given no valid date at all, then the dates of its text are proposed, and those counted from publication have no date', async () => {
    const text = 'Within six months, forces should plan, and by 30 June 2030 they should act.';
    await bring(Buffer.from(`Title (ref-1)\n\n${text}\n`));

    const proposals = (await stream('ref-1')).filter(({ type }) => type.startsWith('Deadline'));
    expect(proposals).toMatchObject([
      { type: 'DeadlineProposed', data: { suggestedOn: null, rule: 'after-publication' } },
      { type: 'DeadlineProposed', data: { suggestedOn: '2030-06-30', rule: 'publication-not-known' } },
    ]);
    const record = atOnce(readRecord(lifecycles, await stream('ref-1'), NOW_VIEW, TODAY));
    expect(record?.proposedDeadlines.map(({ suggestedOn }) => suggestedOn)).toEqual([null, '2030-06-30']);
  });

  test('given no history, then the issue is on the day of the import and the record has its anomaly', async () => {
    const { anomalies } = await bring(file());

    expect((await stream()).map(short)).toEqual([
      `${TODAY} RecommendationIssued Do it.`,
      `${TODAY} RegisterRecordImported`,
    ]);
    expect(anomalies).toMatchObject([{ code: 'no-history', line: 5, column: 1 }]);
    expect(atOnce(readRecord(lifecycles, await stream(), NOW_VIEW, TODAY))!.anomalies).toEqual(anomalies);
  });

  test('given a file without history, when one with history follows, then its first status is recorded as the same', async () => {
    await bring(file());

    await bring(file(statusBlock('1st May 2016', 'awaiting-review')));

    expect(await history()).toEqual(['2016-05-01 StatusRecorded.awaiting-review']);
  });
});

describe('the id', () => {
  test('given an id, then it goes before the reference', async () => {
    expect(await bring(sample, { id: 'mine-1' })).toMatchObject({ id: 'mine-1', outcome: 'created' });
    expect(await stream('730')).toEqual([]);
  });

  test('given neither id nor reference, then it is made of title and text', async () => {
    const block = statusBlock('1st May 2016', 'awaiting-review');
    const digest = createHash('sha256').update('Units\n\nDo it.\nNow.').digest('hex');

    const { id } = await bring(`Units\n\nDo it.\nNow.\n${block}`, { recipient: 'avon' });

    expect(id).toBe(`r-${digest.slice(0, 12)}`);
    expect((await stream(id))[0]!.data).toMatchObject({ reference: null, recipient: 'avon' });
    const later = `\ufeff\r\n Units \r\n\r\nDo it.\r\nNow.\r\n\r\n${block}${commentBlock('2nd May 2016', 'new')}`;
    expect(await bring(later)).toMatchObject({ id, outcome: 'appended', events: 2 });
  });

  test('given two bodies with one text and no reference, then the refusal names --id', async () => {
    const source = (status: string) => `Units\n\nDo it.\n\n${statusBlock('1st May 2016', status)}`;
    await bring(source('awaiting-review'), { recipient: 'avon' });

    const ofRecipient = await refusalOf(() => bring(source('awaiting-review'), { recipient: 'kent' }));
    const ofHistory = await refusalOf(() => bring(source('complete')));

    expect(ofRecipient).toMatchObject({ code: 'history-differs' });
    expect(ofRecipient.message).toContain('--id');
    expect(ofHistory).toMatchObject({ code: 'history-differs' });
    expect(ofHistory.message).toContain('--id');
    const own = { id: 'kent-1', recipient: 'kent' };
    expect(await bring(source('awaiting-review'), own)).toMatchObject({ outcome: 'created' });
  });

  test('given a recipient, then the record is for that body', async () => {
    expect(await bring(sample, { recipient: 'avon' })).toMatchObject({ id: '730' });
    expect(atOnce(readRecord(lifecycles, await stream('730'), NOW_VIEW, TODAY))).toMatchObject({
      recipient: 'avon',
    });
  });

  test.each([
    ['/id', { id: '' }],
    ['/id', { id: 'a/b' }],
    ['/id', { id: 'a'.repeat(65) }],
    ['/recipient', { recipient: '' }],
    ['/recipient', { recipient: 'Avon' }],
    ['/recipient', { recipient: '-avon' }],
  ])('given an invalid value for %s: %j, then it is refused', async (pointer, more) => {
    const refusal = await refusalOf(() => bring(sample, more));

    expect(refusal).toMatchObject({
      kind: 'invalid',
      code: 'invalid-payload',
      details: { errors: [{ pointer }] },
    });
  });

  test('given a record for one body, when the same file comes for another, then it is refused', async () => {
    await bring(sample, { recipient: 'avon' });

    const refusal = await refusalOf(() => bring(sample, { recipient: 'kent' }));

    expect(refusal).toMatchObject({ kind: 'state', code: 'history-differs' });
    expect(await bring(sample)).toMatchObject({ outcome: 'unchanged' });
    expect(await bring(sample, { recipient: 'avon' })).toMatchObject({ outcome: 'unchanged' });
  });

  test('given an id that went to several bodies, then a record under it is refused with where they are', async () => {
    await issueRecords(imports.store, lifecycles, recommendation, {
      organisations: [],
      body: {
        id: '730',
        title: 'A title',
        text: 'A text',
        recipients: ['avon', 'kent'],
        report: { name: 'A report', publishedOn: '2016-01-01' },
      },
      actor: { subject: 'an-inspector', roles: ['inspector'] },
      now: NOW,
      commandId: randomUUID(),
      request: null,
      correlationId: 'a-correlation',
    });

    const refusal = await refusalOf(() => bring(sample));

    expect(refusal).toMatchObject({
      kind: 'state',
      code: 'id-already-used',
      details: { location: '/api/recommendations?issue=730' },
    });
  });
});

describe('the size', () => {
  const fileOf = (length: number): Buffer => Buffer.alloc(length, file(commentBlock('1st May 2016', 'x')));

  test('given a file of the largest size, then it is imported and returned', async () => {
    await bring(fileOf(RECORD_BYTES_MAX));

    expect(Buffer.compare(await exported(), fileOf(RECORD_BYTES_MAX))).toBe(0);
  });

  test('given one byte more, then it is refused', async () => {
    const refusal = await refusalOf(() => bring(fileOf(RECORD_BYTES_MAX + 1)));

    expect(refusal).toMatchObject({ kind: 'invalid', code: 'file-too-large' });
  });
});

describe('a dry run', () => {
  const longer = file(statusBlock('1st May 2016', 'awaiting-review'), commentBlock('2nd May 2016', 'new'));
  const shorter = file(statusBlock('1st May 2016', 'awaiting-review'));

  test('given nothing, then it previews the new record and appends nothing', async () => {
    const outcome = await nothingAppendedBy(() => bring(longer, { dryRun: true }));

    expect(outcome).toMatchObject({ id: '7', outcome: 'created', version: 3, position: null, events: 3 });
  });

  test('given a record, then it previews the new events, or reports that nothing changes', async () => {
    await bring(shorter);

    const appended = await nothingAppendedBy(() => bring(longer, { dryRun: true }));
    const unchanged = await nothingAppendedBy(() => bring(shorter, { dryRun: true }));

    expect(appended).toMatchObject({ outcome: 'appended', version: 4, position: null, events: 2 });
    expect(unchanged).toMatchObject({ outcome: 'unchanged', version: 2, position: '2', events: 0 });
  });

  test('given another history, then it is refused as the import would be', async () => {
    await bring(longer);

    const refusal = await refusalOf(() =>
      bring(file(statusBlock('1st May 2016', 'complete')), { dryRun: true }),
    );

    expect(refusal).toMatchObject({ code: 'history-differs' });
  });
});

describe('more or less of the same history', () => {
  const first = statusBlock('1st May 2016', 'awaiting-review');
  const second = commentBlock('2nd May 2016', 'one\ntwo');
  const third = statusBlock('3rd May 2016', 'complete');

  test('given a shorter file that agrees up to its end, then nothing changes', async () => {
    await bring(file(first, second, third));

    for (const source of [file(first, second), file(first), file()]) {
      expect(await nothingAppendedBy(() => bring(source))).toMatchObject({ outcome: 'unchanged', events: 0 });
    }
  });

  test('given a longer file, then only new entries are appended, and the note', async () => {
    await bring(file(first, second));

    const outcome = await bring(
      file(
        first,
        second,
        commentBlock('4th May 2016', 'last'),
        third,
        statusBlock('4th May 2016', 'complete'),
      ),
    );

    expect(outcome).toMatchObject({ outcome: 'appended', version: 7, position: '7', events: 4 });
    expect((await stream()).slice(3).map(short)).toEqual([
      '2016-05-03 RecommendationCompleted',
      '2016-05-04 CommentAdded last',
      '2016-05-04 StatusRecorded.complete',
      `${TODAY} RegisterRecordImported`,
    ]);
  });

  test('given the same in another form, then nothing changes', async () => {
    await bring(file(first, second, third));

    const rewritten = `\n\ufeff${file(third, first, '\n\n', second)}\n`.replaceAll('\n', '\r\n').slice(2);
    expect(await nothingAppendedBy(() => bring(rewritten))).toMatchObject({ outcome: 'unchanged' });
  });

  test.each([
    ['another title', file(first).replace('Units', 'Other units'), 'line 1, column 1: the title differs'],
    ['no reference', file(first).replace(' (7)', ''), 'line 1, column 1: the title differs'],
    ['another text', file(first).replace('Do it.', 'Do it twice.'), 'line 3, column 1: the text differs'],
    ['another status', file(statusBlock('1st May 2016', 'complete')), 'line 5, column 1: the status differs'],
    [
      'another date',
      file(first, '\n', commentBlock('3rd May 2016', 'one\ntwo')),
      'line 6, column 1: the comment differs',
    ],
    [
      'another comment',
      file(first, ' ', commentBlock('2nd May 2016', 'one two')),
      `line 5, column ${first.length + 2}: the comment differs`,
    ],
    [
      'an entry between those that are known',
      file(first, '\n', commentBlock('1st May 2016', 'inserted'), second, third),
      'line 6, column 1: the comment differs',
    ],
    ['a known entry missing', file(first, third), `line 5, column ${first.length + 1}: the status differs`],
  ])('given %s, then it is refused with its place and nothing changes', async (_, source, detail) => {
    await bring(file(first, second, third));

    const refusal = await refusalOf(() => bring(source, { id: '7' }));

    expect(refusal).toMatchObject({
      kind: 'state',
      code: 'history-differs',
      details: { errors: [{ pointer: '', detail }] },
    });
    expect(refusal.message).toContain(detail.split(':')[0]);
  });
});

describe('at the same time', () => {
  test('given one file twice, then one creates the record and the other changes nothing', async () => {
    const outcomes = await Promise.all([bring(sample), bring(sample)]);

    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['created', 'unchanged']);
    expect(await stream('730')).toHaveLength(6);
  });

  test('given a command while a file is imported, then the import is decided again, and changes nothing', async () => {
    await bring(file(commentBlock('1st May 2016', 'one')));
    const { store } = imports;
    const append = store.append.bind(store);
    store.append = async (appended) => {
      store.append = append;
      await imports.live(comment('from here'));
      return append(appended);
    };
    const longer = file(commentBlock('1st May 2016', 'one'), commentBlock('2nd May 2016', 'two'));

    expect(await bring(longer)).toMatchObject({ outcome: 'differs', differences: [{ what: 'comment' }] });

    expect((await stream()).at(-1)).toMatchObject({ origin: 'command', type: 'CommentAdded' });
    expect(await stream()).toHaveLength(4);
  });
});

describe('an idempotency key', () => {
  const commandId = '5f0d6c2e-2b0a-5f43-9c56-0d4f3f7c9a11';
  const keyed = (path: string) => ({ commandId, request: { method: 'POST', path, payload: {} } });
  const longer = Buffer.concat([sample, bytes(commentBlock('1st May 2019', 'new'))]);

  test('given a first answer, when it is repeated, then it is the same answer, also when the record has gone on', async () => {
    const first = await bring(sample, keyed('/api/imports'));
    const more = await bring(longer);

    expect(more).toMatchObject({ outcome: 'appended' });
    const again = await nothingAppendedBy(() => bring(sample, keyed('/api/imports')));
    expect(JSON.stringify(again)).toBe(JSON.stringify(first));
  });

  test('given a first answer, when the key comes with another request, then it is refused', async () => {
    await bring(sample, keyed('/api/imports'));

    const refusal = await refusalOf(() => bring(sample, keyed('/api/imports?id=other')));

    expect(refusal).toMatchObject({ kind: 'key-reused', code: 'idempotency-key-reused' });
  });

  test('given another node that stores the same import after the look-up, then both have the same answer', async () => {
    const { store } = imports;
    const readStream = store.readStream.bind(store);
    let first: unknown = null;
    store.readStream = async (...args) => {
      store.readStream = readStream;
      first = await bring(sample, keyed('/api/imports'));
      await bring(longer);
      return readStream(...args);
    };

    expect(await bring(sample, keyed('/api/imports'))).toEqual(first);
    expect(first).toMatchObject({ outcome: 'created' });
  });
});

describe('any file', () => {
  const dates = ['1st May 2016', '2nd May 2016', '12 of june 2017', '31st June 2016', '30th Nov. 2099', ''];
  const statuses = [...STATUSES, 'Complete ', 'paused', 'two words', ''];
  const word = fc.constantFrom(
    'a',
    'Zoë',
    '=1',
    '\ud83d\ude00',
    '[on]',
    '(9)',
    '\ufeff',
    '\0',
    '[/comment]',
    '–',
  );
  const text = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '));
  const gap = fc.constantFrom('', '', '', '\n', ' stray ', '[on]', '[/on]', '[status]', '\u0085');
  const block = fc.oneof(
    fc
      .tuple(fc.constantFrom(...dates), fc.constantFrom(...statuses))
      .map(([date, status]) => statusBlock(date, status)),
    fc.tuple(fc.constantFrom(...dates), text).map(([date, said]) => commentBlock(date, said)),
    fc
      .tuple(fc.constantFrom(...dates), fc.constantFrom(...statuses))
      .map(([date, status]) => `\n${date} ${status}`),
    gap,
  );
  const record = fc
    .record({
      bom: fc.constantFrom('', '\ufeff'),
      title: fc.oneof(text, fc.constant('Units (7)')),
      text,
      blocks: fc.array(
        fc.tuple(block, gap).map((parts) => parts.join('')),
        { maxLength: 8 },
      ),
      lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    })
    .map(({ bom, title, text, blocks, lineEnd }) =>
      bytes(`${bom}${title}\n\n${text}\n\n${blocks.join('')}`.replaceAll('\n', lineEnd)),
    );
  const cutRecord = fc
    .tuple(record, fc.nat(60))
    .map(([source, cut]) => source.subarray(0, Math.max(0, source.length - cut)));
  const anySource = fc.oneof(record, cutRecord, fc.uint8Array({ maxLength: 300 }));
  const runs = { numRuns: 300 };

  test('is imported, verifies, replays, is returned byte for byte, and changes nothing the second time', async () => {
    await fc.assert(
      fc.asyncProperty(anySource, async (source) => {
        imports = new RegisterImports();
        const first = await bring(source, { id: '7' }).catch((error: unknown) => error);
        if (first instanceof CommandRefusedError) {
          expect(first).toMatchObject({ code: 'not-a-register-record' });
          return;
        }
        expect(first).toMatchObject({ outcome: 'created' });

        const events = await stream();
        expect(Buffer.compare(await exportedAs(events, 'register'), source)).toBe(0);
        expect(await verifyStore(imports.store, lifecycles, [])).toMatchObject({
          ok: true,
          streams: 1,
          events: events.length,
        });
        const { lines } = replayRecord(lifecycles, events, NOW_VIEW, TODAY)!;
        expect(lines.filter(({ legal }) => !legal)).toEqual([]);
        expect(await bring(source, { id: '7' })).toMatchObject({
          outcome: 'unchanged',
          events: 0,
        });
      }),
      runs,
    );
  });
});

describe('more history than a record has room for', () => {
  const comments = (count: number) =>
    Array.from({ length: count }, () => '[on]1st May 2016[comment]x[/comment][/on]').join('\n');

  test('given a file of ten thousand comments, then it is refused, and nothing is stored', async () => {
    const refusal = await imports.refusalOf(() =>
      imports.importFile(bytes(`Units (7)\n\nDo it.\n\n${comments(10_000)}`)),
    );

    expect(refusal).toMatchObject({ kind: 'rule', code: 'record-full' });
    expect(await imports.store.readStream(recordStream('7'))).toEqual([]);
  });

  test('given a record with room for some more, then a file that is too long adds nothing, and the known one is unchanged', async () => {
    const known = bytes(`Units (7)\n\nDo it.\n\n${comments(6_000)}`);
    await imports.importFile(known);
    const longer = bytes(`Units (7)\n\nDo it.\n\n${comments(10_500)}`);

    const refusal = await imports.refusalOf(() => imports.importFile(longer));

    expect(refusal).toMatchObject({
      code: 'record-full',
      seen: { streamId: recordStream('7'), version: 6_002 },
    });
    expect(await imports.importFile(known)).toMatchObject({ outcome: 'unchanged', version: 6_002 });
  });
});

describe('a repeated request', () => {
  test('given a day on which dates of the file are no longer in the future, then the first answer is returned', async () => {
    const request = { method: 'POST', path: '/api/imports', payload: {} };
    const keyed = { commandId: randomUUID(), request, actor: ADMINISTRATOR };
    const source = file(statusBlock('25th November 2026', 'complete'));
    const answer = await imports.importFile(source, keyed);

    expect(answer.anomalies).toMatchObject([{ code: 'future-date' }]);
    expect(await imports.importFile(source, { ...keyed, now: NOW + 1e9 })).toEqual(answer);
  });
});
