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
  sourcePointers,
  statusBlock,
} from '#test/support/register-imports';
import { atOnce } from '#event-sourcing/folding';
import { collectLog } from '#test/support/event-streams';
import { onHastenedClock } from '#test/support/hastened-clock';
import { STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import { recommendation } from '#state-machines/inspection-recommendation/kind';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import { exported as exportedAs } from '#test/support/exported';
import { ProblemError } from '../problems.ts';
import { RECORD_BYTES_MAX } from './import-record.ts';
import { issueRecords } from '../records/issue-records.ts';
import { readRecord } from '../records/read-record.ts';
import { replayRecord } from '../records/replay-record.ts';
import { verifyStore } from '../log/verify-store.ts';
import { memberValue } from '#state-machines/inspection-recommendation/v1/line-members';
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
const live: RegisterImports['live'] = (...events) => imports.live(...events);
const redact: RegisterImports['redact'] = (pointersOf) => imports.redact(pointersOf);
const redactComment = (text: string) => imports.redactComment(text);
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

    const refusal = await refusalOf(() => bring(source, { id: '7', anyway: true }));

    expect(refusal).toMatchObject({
      kind: 'state',
      code: 'history-differs',
      details: { errors: [{ pointer: '', detail }] },
    });
    expect(refusal.message).toContain(detail.split(':')[0]);
  });
});

describe('redacted texts', () => {
  const status = statusBlock('1st May 2016', 'awaiting-review');
  const secret = commentBlock('1st May 2016', 'A secret.');
  const later = commentBlock('2nd May 2016', 'Later.');
  const logText = async () =>
    (await collectLog(imports.store)).map((event) => JSON.stringify(event)).join('\n');
  const isInLog = async (text: string): Promise<boolean> => {
    const log = await logText();
    const sources = [...log.matchAll(/"source":"([^"]*)"/g)].map(([, source]) =>
      Buffer.from(source!, 'base64').toString(),
    );
    return [log, ...sources].some((each) => each.includes(text));
  };

  test.each([
    ['after the first status', file(status, secret, later)],
    ['before the first status, on its day', file(secret, status, later)],
    ['after an unknown status', file(statusBlock('30th April 2016', 'paused'), status, secret, later)],
    ['without any valid date', file(secret, status, later).replaceAll(/\d\w\w May/g, '31st June')],
  ])(
    'given a redacted comment %s, when the file comes again, then it matches at its place',
    async (_, source) => {
      await bring(source);
      await redactComment('A secret.');
      expect(await isInLog('A secret.')).toBe(false);

      expect(await nothingAppendedBy(() => bring(source))).toMatchObject({ outcome: 'unchanged' });
      const printed = await exported();
      expect(Buffer.from(printed).toString()).toContain('[comment]\n\n[redacted]\n\n[/comment]');
      expect(await nothingAppendedBy(() => bring(printed))).toMatchObject({ outcome: 'unchanged' });
    },
  );

  test('given a redacted comment, when another date or place has it, then history differs', async () => {
    await bring(file(status, secret, later));
    await redactComment('A secret.');

    const moved = secret.replace('1st', '3rd');
    expect(await refusalOf(() => bring(file(status, later, moved)))).toMatchObject({
      code: 'history-differs',
    });
    expect(await refusalOf(() => bring(file(status, later)))).toMatchObject({ code: 'history-differs' });
  });

  test('given a redacted comment, when a longer file still has its text, then the rest is appended and the text is not', async () => {
    await bring(file(status, secret));
    await redactComment('A secret.');

    expect(await bring(file(status, secret, later))).toMatchObject({ outcome: 'appended', events: 2 });

    expect((await stream()).slice(-2).map(short)).toEqual([
      '2016-05-02 CommentAdded Later.',
      `${TODAY} RegisterRecordImported`,
    ]);
    expect(await isInLog('A secret.')).toBe(false);
    expect((await stream()).at(-1)!.data).not.toHaveProperty('sourceSha256');
    expect(await nothingAppendedBy(() => bring(file(status, secret, later)))).toMatchObject({
      outcome: 'unchanged',
    });
    expect(await verifyStore(imports.store, lifecycles, [])).toMatchObject({ ok: true });
  });

  test('given a redacted comment, when its export comes with more, then those bytes are kept', async () => {
    await bring(file(status, secret));
    await redactComment('A secret.');
    const more = Buffer.concat([await exported(), bytes(later)]);

    expect(await bring(more)).toMatchObject({ outcome: 'appended', events: 2 });

    expect(Buffer.compare(await exported(), more)).toBe(0);
    expect(await nothingAppendedBy(() => bring(file(status, secret, later)))).toMatchObject({
      outcome: 'unchanged',
    });
  });

  test('given a redacted live comment, when an export from before comes with more, then its text is not kept', async () => {
    await bring(file(status));
    await live(comment('A secret.'));
    const before = await exported();
    await redact((event) => (memberValue(event, 'text') === 'A secret.' ? ['/data/text'] : []));

    const more = Buffer.concat([before, bytes(commentBlock('1st December 2026', 'new'))]);
    expect(await bring(more)).toMatchObject({ outcome: 'appended', events: 2 });

    expect(await isInLog('A secret.')).toBe(false);
    expect(Buffer.from(await exported()).toString()).toContain('[redacted]');
    expect(
      Buffer.from(await exported())
        .toString()
        .startsWith(file(status)),
    ).toBe(true);
  });

  test('given a redacted title and text, when the file comes with more, then they match and are not kept', async () => {
    await bring(file(status));
    await redact((event) => (event.version === 1 ? ['/data/text', '/data/title'] : sourcePointers(event)));

    expect(await nothingAppendedBy(() => bring(file(status)))).toMatchObject({ outcome: 'unchanged' });
    expect(await bring(file(status, later))).toMatchObject({ outcome: 'appended' });

    expect(await isInLog('Do it.')).toBe(false);
    expect(Buffer.from(await exported()).toString()).toContain('[redacted] (7)\n\n[redacted]\n\n');
  });
});

describe('at the same time', () => {
  test('given one file twice, then one creates the record and the other changes nothing', async () => {
    const outcomes = await Promise.all([bring(sample), bring(sample)]);

    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['created', 'unchanged']);
    expect(await stream('730')).toHaveLength(6);
  });

  test('given a record that others write to each time, then it is not imported in the end, and nothing of it is appended', async () => {
    await bring(file(commentBlock('1st May 2016', 'one')));
    const { store } = imports;
    const append = store.append.bind(store);
    let others = 0;
    store.append = async (appended) => {
      if (appended.origin === 'import') {
        others += 1;
        await imports.live(comment(`from here ${others}`));
      }
      return append(appended);
    };
    const longer = file(commentBlock('1st May 2016', 'one'), commentBlock('2nd May 2016', 'two'));

    await expect(onHastenedClock(() => bring(longer))).rejects.toMatchObject({ code: 'version-conflict' });

    expect(others).toBeGreaterThan(1);
    expect((await stream()).map(({ origin, type }) => `${origin} ${type}`)).toEqual([
      'import RecommendationIssued',
      'import CommentAdded',
      'import RegisterRecordImported',
      ...Array<string>(others).fill('command CommentAdded'),
    ]);
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

  const printed = async (): Promise<Uint8Array | null> => {
    try {
      return await exported();
    } catch (error) {
      if (error instanceof ProblemError) return null;
      throw error;
    }
  };
  const entriesOf = (source: Uint8Array) =>
    parseRegisterRecord(source)
      .entries.map((entry) => ({
        date: entry.date,
        said: entry.kind === 'status' ? entry.status : `"${entry.text}"`,
      }))
      .sort((a, b) => (a.date ?? '').localeCompare(b.date ?? ''));

  test('is imported, verifies, replays, is returned byte for byte, and changes nothing the second time', async () => {
    await fc.assert(
      fc.asyncProperty(anySource, async (source) => {
        imports = new RegisterImports();
        expect(await bring(source, { id: '7', anyway: true })).toMatchObject({ outcome: 'created' });

        const events = await stream();
        expect(Buffer.compare(await exportedAs(events, 'register'), source)).toBe(0);
        expect(await verifyStore(imports.store, lifecycles, [])).toMatchObject({
          ok: true,
          streams: 1,
          events: events.length,
        });
        const { lines } = replayRecord(lifecycles, events, NOW_VIEW, TODAY)!;
        expect(lines.filter(({ legal }) => !legal)).toEqual([]);
        expect(await bring(source, { id: '7', anyway: true })).toMatchObject({
          outcome: 'unchanged',
          events: 0,
        });
      }),
      runs,
    );
  });

  test('is known again from its events once its source is erased, and prints the same history', async () => {
    await fc.assert(
      fc.asyncProperty(anySource, async (source) => {
        imports = new RegisterImports();
        await bring(source, { id: '7', anyway: true });
        await redact(sourcePointers);

        expect(await bring(source, { id: '7', anyway: true })).toMatchObject({ outcome: 'unchanged' });
        const again = await printed();
        if (again === null) return;
        const dated = entriesOf(source).map(({ date, said }) => ({ date: date ?? TODAY, said }));
        expect(entriesOf(again)).toEqual(dated);
        expect(await bring(again, { id: '7', anyway: true })).toMatchObject({ outcome: 'unchanged' });
      }),
      runs,
    );
  });

  test('is known again from its export when live entries have followed', async () => {
    await fc.assert(
      fc.asyncProperty(anySource, async (source) => {
        imports = new RegisterImports();
        await bring(source, { id: '7', anyway: true });
        await live(comment('A live comment.'), { type: 'StatusRecorded.being-progressed', data: {} });

        expect(await bring(await exported(), { id: '7', anyway: true })).toMatchObject({
          outcome: 'unchanged',
        });
        expect(await bring(source, { id: '7', anyway: true })).toMatchObject({ outcome: 'unchanged' });
      }),
      { ...runs, examples: [[bytes('\n\n[on')]] },
    );
  });
});
