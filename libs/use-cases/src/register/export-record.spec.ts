import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { eraseFromEnvelope, withoutTexts } from '#event-sourcing/erasure';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { createSealer } from '#audit/seal';
import type { Envelope, Origin } from '#event-sourcing/envelope';
import { MemoryEventStore } from '#event-store/memory-event-store';
import type { DecidedEvent } from '#lifecycle/decide';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import { exportRecord, withheldBetween } from './export-record.ts';
import { importRecord } from '../register-files/import-record.ts';
import { exported } from '#test/support/exported';
import { recordDecided } from '#test/support/records';
import { todaysEvents } from '#test/support/todays-events';
import type { RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import { lifecycles } from '#state-machines/lifecycles';
import { withoutRedacted } from '#state-machines/capabilities/redacted';

const sample = readFileSync(new URL('../../../../test/fixtures/730.txt', import.meta.url));
const STREAM = recordStream('730');
const TODAY = '2026-11-24';
const NOW = Date.parse(`${TODAY}T12:00:00Z`);
const actor = { subject: 'an-inspector', roles: ['inspector'] };

let store: MemoryEventStore;
beforeEach(() => {
  store = new MemoryEventStore(createSealer());
});

const stream = async (): Promise<readonly RecordEvent<Envelope>[]> =>
  todaysEvents(await store.readStream(STREAM));
const register = async (): Promise<string> => (await exported(await stream(), 'register')).toString();

const bring = (source: Uint8Array) =>
  importRecord(store, lifecycles, {
    source,
    id: '730',
    recipient: null,
    dryRun: false,
    organisations: [],
    actor,
    now: NOW,
    commandId: randomUUID(),
    request: null,
    correlationId: 'a-correlation',
  });

const happened = (events: readonly DecidedEvent[], origin?: Origin): Promise<void> =>
  recordDecided(store, '730', `${TODAY}T13:00:00.000Z`, events, origin);

const event = (type: string, data: DecidedEvent['data'] = {}, effectiveOn = TODAY): DecidedEvent => ({
  type,
  data,
  effectiveOn,
});
const comment = (text: string, effectiveOn = TODAY, visibility = 'public'): DecidedEvent =>
  event('CommentAdded', { text, visibility }, effectiveOn);
const issued = (title: string, text: string, effectiveOn = '2026-03-01'): DecidedEvent =>
  event(
    'RecommendationIssued',
    { title, text, recipient: 'avon', report: null, reference: null, issue: null },
    effectiveOn,
  );

/** Redacts the sensitive values of one event, and every source. */
async function redact(version: number): Promise<void> {
  for (const each of await stream()) {
    if (each.version !== version && each.type !== 'RegisterRecordImported') continue;
    const erased = Object.keys(each.commitments);
    await happened([event('CommentRedacted', { eventId: each.eventId, erased, reason: 'asked for' })]);
    await store.erase(STREAM, each.version, erased);
  }
}

describe('the register format of an import', () => {
  test('given nothing has followed, then it is the same bytes', async () => {
    await bring(sample);

    expect(Buffer.compare(await exported(await stream(), 'register'), sample)).toBe(0);
  });

  test.each([
    ['a BOM, CRLF and trailing blanks', Buffer.from('\ufeffA title – here (730)\r\n\r\nText.  \r\n')],
    ['bytes that are no UTF-8', Buffer.from('T\u00ff (7)\n\u00c3(', 'latin1')],
    ['tags that are cut', Buffer.from('T\n\n[on]1st May 2016 [comment] [on][/status] [on]31st June 2016')],
  ])('given %s, then it is the same bytes', async (_, source) => {
    await bring(source);

    expect(Buffer.compare(await exported(await stream(), 'register'), source)).toBe(0);
  });

  test('given moves and public comments since, then each is a block in stream order, and nothing else shows', async () => {
    await bring(sample);
    await happened([event('DeadlineSet', { deadlineId: 'd1', kind: 'action', dueOn: '2016-06-30' })]);
    await happened([event('DeadlinePassed', { deadlineId: 'd1' }, '2016-07-01')], 'sweep');
    await happened([
      event('ReturnedToReview', { reason: 'A reason.' }, '2026-02-01'),
      comment('Hidden.', TODAY, 'internal'),
      comment(' Backdated.\r\nTwo lines.\n', '2016-12-01'),
      event('ClosureRequested', { statement: 'A statement.' }),
      event('RecommendationCompleted', { statement: 'Done.' }, '2026-03-22'),
      event('RecommendationReopened', { reason: 'Not done.' }, '2026-04-03'),
      event('OwnerAssigned', { owner: 'an-owner' }),
      event('NoFurtherActionDecided', { reason: 'merged', statement: 'Merged.' }, '2026-05-11'),
    ]);

    expect(await register()).toBe(
      `${sample.toString()}[on]1st February 2026 [status]awaiting-review[/status][/on]` +
        '[on]1st December 2016 [comment]\n\nBackdated.\nTwo lines.\n\n[/comment][/on]' +
        '[on]22nd March 2026 [status]complete[/status][/on]' +
        '[on]3rd April 2026 [status]being-progressed[/status][/on]' +
        '[on]11th May 2026 [status]no-further-action-needed[/status][/on]',
    );
  });

  test('given a longer import, then it is the last source and the later events', async () => {
    await bring(sample);
    const longer = Buffer.concat([
      sample,
      Buffer.from('\n\n[on]25th November 2026 [status]complete[/status][/on]'),
    ]);
    await bring(longer);
    await happened([comment('Second.')]);

    expect(await register()).toBe(
      `${longer.toString()}[on]24th November 2026 [comment]\n\nSecond.\n\n[/comment][/on]`,
    );
  });

  test('given a comment that is not in the source was redacted, then it alone is marked', async () => {
    await bring(sample);
    await happened([comment('A secret.'), comment('No secret.')]);
    await store.erase(STREAM, 7, ['/data/text']);

    expect(await register()).toBe(
      `${sample.toString()}[on]24th November 2026 [comment]\n\n[redacted]\n\n[/comment][/on]` +
        '[on]24th November 2026 [comment]\n\nNo secret.\n\n[/comment][/on]',
    );
  });

  test('given a comment of the source was redacted, then the history is printed from the events', async () => {
    await bring(sample);
    await redact(4);

    const printed = await register();

    const whole = parseRegisterRecord(sample);
    const read = parseRegisterRecord(Buffer.from(printed));
    expect({ title: read.title, reference: read.reference, text: read.text }).toEqual({
      title: whole.title,
      reference: '730',
      text: whole.text,
    });
    const contents = ({ entries }: typeof whole) =>
      entries.map((entry) => [entry.date, entry.kind === 'status' ? entry.status : entry.text]);
    expect(contents(read)).toEqual(contents(whole).with(2, ['2016-09-30', '[redacted]']));
    expect(printed).not.toContain('The ROCU is assessing');
  });

  test('given its title, text and an unknown status were redacted, then each is marked', async () => {
    await bring(Buffer.from('Secret (730)\n\nSecret.\n\n[on]1st May 2016 [status]secret[/status][/on]'));
    await redact(1);
    await redact(2);

    expect(await register()).toBe(
      '[redacted] (730)\n\n[redacted]\n\n[on]1st May 2016 [status][redacted][/status][/on]',
    );
  });

  test.each([
    ['before', '[on]1st May 2016 [comment]\n\none\n\n[/comment][/on]'],
    ['long before', '[on]2nd April 2016 [comment]\n\none\n\n[/comment][/on]'],
  ])(
    'given a comment %s the first status, then its place is the same without the source',
    async (_, first) => {
      const source = `A title (730)\n\nText.\n\n${first}[on]1st May 2016 [status]awaiting-review[/status][/on]`;
      await bring(Buffer.from(source));
      await redact(-1);

      expect(await register()).toBe(source);
    },
  );
});

describe('the register format of issued records', () => {
  test('given moves and comments, then it reads back as the same history', async () => {
    await happened([
      issued('Units', 'Do it.\n\nSoon.'),
      event('ProgressStarted', {}, '2026-04-01'),
      comment('One.\n\nTwo.', '2026-04-02'),
      comment('Hidden.', '2026-04-03', 'internal'),
      event('RecommendationCompleted', { statement: 'Done.' }, '2026-04-04'),
    ]);

    const printed = await register();

    expect(printed).toBe(
      'Units\n\nDo it.\n\nSoon.\n\n' +
        '[on]1st March 2026 [status]awaiting-review[/status][/on]' +
        '[on]1st April 2026 [status]being-progressed[/status][/on]' +
        '[on]2nd April 2026 [comment]\n\nOne.\n\nTwo.\n\n[/comment][/on]' +
        '[on]4th April 2026 [status]complete[/status][/on]',
    );
    expect(parseRegisterRecord(Buffer.from(printed))).toMatchObject({
      title: 'Units',
      text: 'Do it.\n\nSoon.',
      entries: [
        { date: '2026-03-01', status: 'awaiting-review' },
        { date: '2026-04-01', status: 'being-progressed' },
        { date: '2026-04-02', text: 'One.\n\nTwo.' },
        { date: '2026-04-04', status: 'complete' },
      ],
    });
  });

  test('given an amended text, then it is the one that is printed', async () => {
    await happened([
      issued('Units', 'Do it.'),
      event('TextAmended', { text: 'Do more.', reason: 'A slip.' }),
    ]);

    expect(await register()).toContain('Units\n\nDo more.\n\n[on]');
  });

  test('given a title that ends in a reference, then it is printed as it is', async () => {
    await happened([issued('Units (730)', 'Do it.')]);

    expect(await register()).toMatch(/^Units \(730\)\n\nDo it\.\n\n\[on\]/);
  });
});

describe('the texts that the register format cannot contain', () => {
  const refused = async (): Promise<string> => {
    const events = await stream();
    await expect(exported(events, 'register')).rejects.toMatchObject({ code: 'text-not-printable' });
    try {
      await exported(events, 'register');
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test('given a comment with the end of a comment in it, then its event is named', async () => {
    await bring(sample);
    await happened([comment('Fine.'), comment('Ends in [/comment] here.')]);

    expect(await refused()).toMatch(/^event 8: .* its comment;/);
  });

  test('given such a comment without a source, then its event is named', async () => {
    await happened([
      issued('Units', 'Do it.'),
      comment('Hidden.', TODAY, 'internal'),
      event('ProgressStarted'),
      comment('Ends in [/comment] here.'),
    ]);

    expect(await refused()).toMatch(/^event 4: .* its comment;/);
  });

  test('given such an internal comment, then it does not matter, since it is not printed', async () => {
    await bring(sample);
    await happened([comment('Ends in [/comment] here.', TODAY, 'internal')]);

    expect(await register()).toBe(sample.toString());
  });

  test('given a title with a tag in it, then the issue is named', async () => {
    await happened([issued('The [status] tag', 'Do it.')]);

    expect(await refused()).toMatch(/^event 1: .* its title;/);
  });

  test('given a text with a block in it, then the issue is named, or its amendment', async () => {
    const text = 'As in [on]1st May 2016 [status]complete[/status][/on].';
    await happened([issued('Units', text)]);
    expect(await refused()).toMatch(/^event 1: .* its text;/);

    await happened([comment('A comment.'), event('TextAmended', { text, reason: 'A slip.' })]);
    expect(await refused()).toMatch(/^event 3: .* its text;/);
  });

  test.each(['json', 'csv', 'cloudevents'] as const)(
    'given such texts, then %s contains them',
    async (format) => {
      await happened([issued('Units', 'Do it.'), comment('Ends in [/comment] here.')]);

      expect((await exported(await stream(), format)).toString()).toContain('[/comment]');
    },
  );
});

/** Parses rows of simple cells into objects by column name. */
function parse(csv: string): Record<string, string>[] {
  const [heading = '', ...rows] = csv.trimEnd().split('\n');
  const names = heading.split(',');
  return rows.map(
    (row) =>
      Object.fromEntries(row.split(',').map((cell, index) => [names[index], cell])) as Record<string, string>,
  );
}

describe('csv', () => {
  const csv = async (): Promise<string[]> => (await exported(await stream(), 'csv')).toString().split('\r\n');

  test('given events, then there is a row for each under one heading', async () => {
    await happened([
      issued('Units', 'Do it.'),
      event('ProgressStarted', {}, '2026-04-01'),
      event('ReturnedToReview', { reason: 'Why.' }),
      event('RecommendationCompleted', { statement: 'Done.' }),
    ]);

    const at = `${TODAY}T13:00:00.000Z,an-inspector,command`;
    const [one, two, three, four] = (await stream()).map(({ eventId }) => eventId);
    const [heading, ...rows] = await csv();
    expect(heading).toMatch(
      /^version,type,effectiveOn,recordedAt,actor,origin,status,text,role,visibility,deadlineId,dueOn,reason,eventId,title,owner,recipient,suggestedOn,position,late,evidence,kind,supersedes,supersededBy,publishedElsewhere,.*unknownStatus$/,
    );
    // All further columns are empty.
    expect(rows.map((row) => row.replace(/,+$/, ''))).toEqual([
      `1,RecommendationIssued,2026-03-01,${at},awaiting-review,Do it.,inspector,,,,,${one},Units,,avon`,
      `2,ProgressStarted,2026-04-01,${at},being-progressed,,inspector,,,,,${two}`,
      `3,ReturnedToReview,${TODAY},${at},awaiting-review,,inspector,,,,Why.,${three}`,
      `4,RecommendationCompleted,${TODAY},${at},complete,Done.,inspector,,,,,${four}`,
      '',
    ]);
  });

  test('given comments and deadlines, then the rows have their readers, and due dates', async () => {
    await happened([
      issued('Units', 'Do it.'),
      comment('For all.'),
      comment('For some.', TODAY, 'internal'),
      event('DeadlineSet', { deadlineId: 'd1', kind: 'action', dueOn: '2026-12-31' }),
      event('ExtensionRequested', { deadlineId: 'd1', dueOn: '2027-01-31', reason: 'Staff.' }),
      event('NoFurtherActionDecided', { reason: 'merged', statement: 'One body now.' }),
    ]);

    const parsed = parse((await csv()).join('\n'));
    expect(
      parsed.map(({ text, visibility, deadlineId, dueOn, reason }) => [
        text,
        visibility,
        deadlineId,
        dueOn,
        reason,
      ]),
    ).toEqual([
      ['Do it.', '', '', '', ''],
      ['For all.', 'public', '', '', ''],
      ['For some.', 'internal', '', '', ''],
      ['', '', 'd1', '2026-12-31', ''],
      ['', '', 'd1', '2027-01-31', 'Staff.'],
      ['One body now.', '', '', '', 'merged'],
    ]);
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1'])('given %j, then it is not a formula', async (text) => {
    await happened([issued('Units', text)]);

    expect((await csv())[1]).toMatch(/,awaiting-review,"?'[=+\-@\t][^,]*,/);
  });

  test('given quotes, commas and lines in a text, then they stay one cell', async () => {
    await happened([issued('Units', 'Say "yes",\nthen go.')]);

    expect((await csv())[1]).toMatch(/,"Say ""yes"",\nthen go\.",/);
  });

  test.each(['\n', '\r', '\r\n', '\v', '\f', '\u0085', '\u2028', '\u2029'])(
    'given a text that would begin a row with a formula behind %j, then it stays one cell',
    async (end) => {
      await happened([issued('Units', `all is well${end}=HYPERLINK(A1)${end}9`)]);

      expect((await exported(await stream(), 'csv')).toString()).toContain(
        `,awaiting-review,"all is well${end}=HYPERLINK(A1)${end}9",`,
      );
    },
  );

  test('given an erased text, then its cell says so, and otherwise for withheld ones', async () => {
    await happened([issued('Units', 'Do it.')]);
    await store.erase(STREAM, 1, ['/data/text']);

    expect((await csv())[1]).toMatch(/,awaiting-review,\[redacted\],/);
    const [{ eventId }] = (await stream()) as [Envelope];
    const copy = exportRecord(await stream(), 'csv', { withheld: [{ eventId, pointer: '/data/text' }] });
    expect(Buffer.concat(await Array.fromAsync(copy)).toString()).toContain(',awaiting-review,[withheld],');
  });

  test('given owners, responses, evidence and an amended title, then the rows name their types', async () => {
    await happened([
      issued('Units', 'Do it.'),
      event('TextAmended', { title: 'Bodies', reason: 'A slip.' }),
      event('OwnerAssigned', { owner: 'A team' }),
      event('RecipientAssigned', { recipient: 'kent' }),
      event('EvidenceSubmitted', { items: [{ name: 'a.pdf' }, { name: 'b.pdf' }] }),
      event('ResponseRequired', {}),
      event('ResponsePublished', {
        position: 'accepted',
        text: 'Yes.',
        late: true,
        publishedElsewhere: 'https://kent.example',
      }),
      event('DeadlineProposed', { deadlineId: 'd1', kind: 'action', suggestedOn: '2026-12-31' }),
    ]);

    const rows = parse((await csv()).join('\n'))
      .slice(1)
      .filter(({ type }) => type !== 'ResponseRequired');
    expect(rows.map((row) => row['title'])).toEqual(['Bodies', '', '', '', '', '']);
    expect(rows[0]).toMatchObject({ text: '', reason: 'A slip.' });
    expect(rows.map((row) => row['owner'])).toEqual(['', 'A team', '', '', '', '']);
    expect(rows.map((row) => row['recipient'])).toEqual(['', '', 'kent', '', '', '']);
    expect(rows.map((row) => row['evidence'])).toEqual(['', '', '', 'a.pdf; b.pdf', '', '']);
    expect(rows[4]).toMatchObject({
      position: 'accepted',
      late: 'true',
      publishedElsewhere: 'https://kent.example',
    });
    // A proposed date is not a due date.
    expect(rows[5]).toMatchObject({ suggestedOn: '2026-12-31', dueOn: '', kind: 'action' });
  });

  test('given records that supersede each other, then the rows name the other one', async () => {
    await happened([
      issued('Units', 'Do it.'),
      event('SupersedesRecorded', { supersedes: 'older-1' }),
      event('NoFurtherActionDecided', {
        reason: 'superseded',
        statement: 'See it.',
        supersededBy: 'newer-1',
      }),
    ]);

    const rows = parse((await csv()).join('\n'));
    expect(rows.map(({ supersedes, supersededBy }) => [supersedes, supersededBy])).toEqual([
      ['', ''],
      ['older-1', ''],
      ['', 'newer-1'],
    ]);
  });
});

describe('json', () => {
  test("given events, then it contains the record's own fields, and every envelope as it is stored", async () => {
    await bring(sample);
    await happened([comment('Later.')]);

    const text = (await exported(await stream(), 'json')).toString();

    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toMatchObject({
      id: '730',
      title: 'Regional Organised Crime Units',
      reference: '730',
      anomalies: [],
      events: await stream(),
    });
  });
});

describe('cloudevents', () => {
  test('given events, then each has the attributes that are required, and its envelope as data', async () => {
    await bring(sample);

    const batch = JSON.parse((await exported(await stream(), 'cloudevents')).toString()) as object[];

    const events = await stream();
    expect(batch).toEqual(
      events.map((each) => ({
        specversion: '1.0',
        id: each.eventId,
        source: 'urn:docket:recommendation-730',
        type: `docket.inspection-recommendation.${each.type}`,
        subject: '730',
        time: each.recordedAt,
        datacontenttype: 'application/json',
        data: each,
      })),
    );
  });
});

describe('withheld values', () => {
  test('given a copy that lacks values, then they are named, and those that were erased before are not', async () => {
    await happened([issued('Units', 'Do it.'), comment('Gone.'), comment('Between us.', TODAY, 'internal')]);
    await redact(2);
    const whole = withoutRedacted(await stream());
    const copy = whole.map((each) => (each.version === 3 ? eraseFromEnvelope(each, ['/data/text']) : each));
    const withheld = withheldBetween(whole, copy);

    expect(withheld).toEqual([{ eventId: whole[2]?.eventId, pointer: '/data/text' }]);
    const json = JSON.parse((await exported(copy, 'json', withheld)).toString()) as object;
    expect(json).toMatchObject({ withheld, events: copy });
    expect(withheldBetween(whole, whole)).toEqual([]);
  });
});

test('an export is the same from events whose texts are read one by one', async () => {
  await bring(sample);
  await happened([comment('Said here.'), comment('Said here too.')]);
  await bring(Buffer.from(`${await register()}[on]24th November 2026 [comment]More.[/comment][/on]`));
  await happened([comment('Said at last.')]);
  const whole = await stream();
  const light = whole.map((event) => withoutTexts(event));
  const read = ({ version }: Envelope) => Promise.resolve(whole[version - 1]!);
  for (const format of ['register', 'json', 'csv', 'cloudevents'] as const) {
    const pieces = await Array.fromAsync(exportRecord(light, format, { whole: read }));
    expect(Buffer.concat(pieces).toString()).toBe((await exported(whole, format)).toString());
  }
  expect((await register()).match(/Said here\./g)).toHaveLength(1);
});
