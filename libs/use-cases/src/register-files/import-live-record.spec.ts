import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  ADMINISTRATOR,
  bytes,
  comment,
  commentBlock,
  file,
  INSPECTOR,
  NOW,
  RegisterImports,
  short,
  statusBlock,
  TODAY,
} from '#test/support/register-imports';
import { isLive } from '#state-machines/inspection-recommendation/v1/record';
import type { RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import type { DecidedEvent } from '#lifecycle/decide';
import { currentState } from '../records/read-record.ts';
import { verifyStore } from '../log/verify-store.ts';
import { memberValue } from '#state-machines/inspection-recommendation/v1/line-members';
import { lifecycles } from '#state-machines/lifecycles';

let imports: RegisterImports;
beforeEach(() => {
  imports = new RegisterImports();
});

const first = statusBlock('1st May 2016', 'awaiting-review');
const closing = statusBlock('24th November 2026', 'complete');
const started: DecidedEvent = { type: 'ProgressStarted', data: {} };
const requested: DecidedEvent = { type: 'ClosureRequested', data: { statement: 'Done.' } };

const commentsOf = async (): Promise<unknown[]> =>
  (await imports.stream())
    .filter(({ type }) => type === 'CommentAdded')
    .map((event) => memberValue(event, 'text'));

const issued = (title = 'Units', text = 'Do it.'): DecidedEvent => ({
  type: 'RecommendationIssued',
  data: { title, text, recipient: 'avon', report: null, reference: null, issue: null },
  effectiveOn: '2016-05-01',
});

describe('a change that makes a record live', () => {
  const note = (type: RecordEvent['type'], data: object = {}) =>
    ({ type, origin: 'command', data }) as Parameters<typeof isLive>[0][number];
  const imported = { ...note('RecommendationIssued', { recipient: null }), origin: 'import' } as const;

  test.each<RecordEvent['type']>([
    'ProgressStarted',
    'EvidenceSubmitted',
    'ResponseRequired',
    'DeadlineSet',
    'DeadlineWithdrawn',
    'DeadlineExtended',
    'ExtensionRefused',
    'TextAmended',
    'CorrectionApproved',
    'CorrectionRefused',
  ])('%s does, as a command', (type) => {
    const event = note(type, { deadlineId: 'd1' });
    expect(isLive([imported, event])).toBe(true);
    expect(isLive([imported, { ...event, origin: 'import' }])).toBe(false);
  });

  test.each<RecordEvent['type']>([
    'CommentAdded',
    'CommentRedacted',
    'OwnerAssigned',
    'DeadlineDismissed',
    'ExtensionRequested',
    'CorrectionRequested',
  ])('%s does not', (type) => {
    expect(isLive([imported, note(type)])).toBe(false);
  });

  test('the first recipient does not, and another one does', () => {
    const avon = note('RecipientAssigned', { recipient: 'avon' });
    const kent = note('RecipientAssigned', { recipient: 'kent' });
    expect(isLive([imported, avon])).toBe(false);
    expect(isLive([imported, avon, kent])).toBe(true);
    expect(isLive([{ ...imported, data: { ...imported.data, recipient: 'avon' } }, kent])).toBe(true);
  });
});

describe('a record that people here have worked on', () => {
  const inspector = { actor: INSPECTOR };
  const earlier = statusBlock('1st November 2026', 'being-progressed');

  test.each([
    ['complete', { outcome: 'complete' }],
    ['no-further-action-needed', { outcome: 'no-further-action', reason: 'no-longer-applicable' }],
  ])('given a file that says %s, then it becomes a closure request on its day', async (status, data) => {
    await imports.importFile(file(first));
    await imports.live(started);
    const source = file(first, statusBlock('20th November 2026', status));

    const answer = await imports.importFile(source, inspector);

    expect(answer).toMatchObject({ outcome: 'closure-requested', differences: [], version: 5, events: 2 });
    const [request, imported] = (await imports.stream()).slice(-2);
    expect(request).toMatchObject({
      type: 'ClosureRequested',
      origin: 'import',
      effectiveOn: '2026-11-20',
      actor: { subject: INSPECTOR.subject },
      state: { progress: 'being-progressed', closure: 'requested' },
      data: { ...data, statement: `The register's file has the status ${status} of 2026-11-20.` },
    });
    expect(imported).toMatchObject({ type: 'RegisterRecordImported', data: { partial: true } });
    expect(currentState(lifecycles, await imports.stream())).toMatchObject({
      facts: { closure: { requester: INSPECTOR.subject, outcome: data.outcome } },
    });
    expect(Buffer.from(await imports.exported()).toString()).not.toContain(`[status]${status}`);
    for (const again of [source, `${source}\n`]) {
      expect(await imports.nothingAppendedBy(() => imports.importFile(again, inspector))).toMatchObject({
        outcome: 'unchanged',
      });
    }
    expect(await verifyStore(imports.store, lifecycles, [])).toMatchObject({ ok: true });
  });

  const comments = [commentBlock('2nd May 2016', 'New.')] as const;

  test.each<[string, DecidedEvent[], string]>([
    ['another closure is requested', [requested], 'The state of its closure must be none; it is requested'],
    [
      'evidence is undecided',
      [{ type: 'EvidenceSubmitted', data: { items: [] } }],
      'Evidence is waiting for a decision',
    ],
    [
      'a closure of a later day was withdrawn',
      [requested, { type: 'ClosureWithdrawn', data: {} }],
      'effectiveOn 2026-11-20 must be on or after',
    ],
  ])(
    'given that %s, then the comments are appended, and the closing status is listed',
    async (_, moves, why) => {
      await imports.importFile(file(first));
      await imports.live(...moves);
      const source = file(first, ...comments, statusBlock('20th November 2026', 'complete'));
      const differences = [{ what: 'status', detail: expect.stringContaining(why) }];

      expect(await imports.importFile(source, inspector)).toMatchObject({ outcome: 'appended', differences });

      expect(await commentsOf()).toEqual(['New.']);
      expect(await imports.nothingAppendedBy(() => imports.importFile(source, inspector))).toMatchObject({
        outcome: 'unchanged',
        differences,
      });
    },
  );

  test.each<[string, DecidedEvent]>([
    ['refused', { type: 'ClosureRefused', data: { reason: 'No.', decides: [] } }],
    ['withdrawn', { type: 'ClosureWithdrawn', data: {} }],
  ])(
    'given that the request of a file was %s, when the status comes again, then it is listed, and no second request',
    async (_, decided) => {
      await imports.importFile(file(first));
      await imports.live(started);
      await imports.importFile(file(first, closing), inspector);
      await imports.live(decided);
      const detail = 'status "complete" of 2026-11-24; an earlier file requested the closure';

      for (const again of [file(first, closing), `${file(first, closing)}\n`]) {
        expect(await imports.nothingAppendedBy(() => imports.importFile(again, inspector))).toMatchObject({
          outcome: 'unchanged',
          differences: [{ what: 'status', detail }],
        });
      }
      expect(await imports.importFile(file(first, ...comments, closing), inspector)).toMatchObject({
        outcome: 'appended',
        differences: [{ what: 'status', detail }],
      });
    },
  );

  test('given an administrator, when a file closes it, then it is refused, also as a dry run', async () => {
    await imports.importFile(file(first));
    await imports.live(started);
    const source = file(first, closing);

    for (const more of [{}, { dryRun: true }]) {
      const refusal = await imports.refusalOf(() => imports.importFile(source, more));
      expect(refusal).toMatchObject({ kind: 'role', code: 'role-not-permitted' });
      expect(refusal.message).toContain('request-closure is for inspector');
    }
    expect(
      await imports.nothingAppendedBy(() => imports.importFile(source, { ...inspector, dryRun: true })),
    ).toMatchObject({ outcome: 'closure-requested' });
  });

  test('given a closure that is requested for the same day, then no second request is made', async () => {
    await imports.importFile(file(first));
    await imports.live(requested);

    expect(
      await imports.nothingAppendedBy(() => imports.importFile(file(first, closing), inspector)),
    ).toMatchObject({
      outcome: 'unchanged',
      differences: [{ what: 'status', detail: 'status "complete" of 2026-11-24' }],
    });
  });

  test('given comments and other statuses, then the comments are appended and the statuses reported', async () => {
    await imports.importFile(file(first));
    await imports.live(started);
    const source = file(first, earlier, commentBlock('2nd November 2026', 'A comment.'));

    const answer = await imports.importFile(source);

    expect(answer).toMatchObject({
      outcome: 'appended',
      events: 2,
      differences: [{ line: 5, what: 'status', detail: 'status "being-progressed" of 2026-11-01' }],
    });
    expect(await imports.history()).toEqual([
      `${TODAY} ProgressStarted`,
      '2026-11-02 CommentAdded A comment.',
    ]);
    const exported = await imports.exported();
    expect(Buffer.from(exported).toString()).not.toContain('1st November');
    for (const again of [source, `${source}\n`, exported]) {
      expect(await imports.nothingAppendedBy(() => imports.importFile(again))).toMatchObject({
        outcome: 'unchanged',
      });
    }
  });

  test('given a status that is none, then it is reported without its text, as a sentence', async () => {
    await imports.importFile(file(first));
    await imports.live(started);
    const answer = await imports.importFile(file(first, statusBlock('20th August 2026', 'see Ann Smith.')));
    expect(answer.differences).toMatchObject([
      { what: 'status', detail: 'a status of 14 characters of 2026-08-20' },
    ]);
  });

  test.each([{}, { corrects: 'They say so.' }])(
    'given another title, text or comment, then it is reported, and changes nothing: %j',
    async (more) => {
      await imports.importFile(file(first, commentBlock('2nd May 2016', 'A comment.')));
      await imports.live(started);
      const other = file(first, commentBlock('2nd May 2016', 'Another.'))
        .replace('Do it.', 'Do that.')
        .replace('Units', 'Bodies');

      expect(
        await imports.nothingAppendedBy(() => imports.importFile(other, { ...inspector, ...more })),
      ).toMatchObject({
        outcome: 'unchanged',
        differences: [
          { line: 1, column: 1, what: 'title' },
          { line: 3, column: 1, what: 'text' },
          { line: 5, what: 'comment' },
        ],
      });
    },
  );

  test('given a closed record, or a file that continues after its closure, then no closure is requested', async () => {
    await imports.importFile(file(first));
    await imports.live({ type: 'TextAmended', data: { text: 'Do that.', reason: 'A slip.' } });
    const reopened = statusBlock('24th November 2026', 'being-progressed');
    const source = file(first, statusBlock('20th November 2026', 'complete'), reopened);
    expect(await imports.nothingAppendedBy(() => imports.importFile(source, inspector))).toMatchObject({
      outcome: 'unchanged',
      differences: [{ what: 'status' }, { what: 'status' }],
    });
    await imports.live(requested, { type: 'RecommendationCompleted', data: { statement: 'Yes.' } });
    const other = file(first, statusBlock('20th November 2026', 'no-further-action-needed'));
    expect(await imports.nothingAppendedBy(() => imports.importFile(other, inspector))).toMatchObject({
      outcome: 'unchanged',
      differences: [{ detail: 'status "no-further-action-needed" of 2026-11-20' }],
    });
  });

  test('given any comments of record and file, then the new ones are appended at any place, once', async () => {
    const said = fc.record({
      text: fc.constantFrom('one', 'two', 'three'),
      day: fc.constantFrom('1st August 2026', '1st September 2026', '2nd September 2026'),
    });
    const some = fc.array(said, { maxLength: 4 });
    const blocks = (all: readonly { text: string; day: string }[]) =>
      all.map(({ text, day }) => commentBlock(day, text)).join('\n');
    const times = (
      all: readonly { text: string; day: string }[],
      { text, day }: { text: string; day: string },
    ) => all.filter((each) => each.text === text && each.day === day).length;
    await fc.assert(
      fc.asyncProperty(some, some, async (known, read) => {
        imports = new RegisterImports();
        await imports.importFile(file(first, blocks(known)));
        await imports.live(started);
        const source = file(first, blocks(read));

        const { differences = [] } = await imports.importFile(source);

        const added = (await commentsOf()).length - known.length;
        const news = read.filter((each, index) => times(read.slice(0, index + 1), each) > times(known, each));
        // The file can contain a different comment of the same day, which is a difference.
        expect(added + differences.length).toBe(news.length);
        const isMissing = (day: string) =>
          known.some((each) => each.day === day && times(read, each) < times(known, each));
        expect(added).toBeGreaterThanOrEqual(news.filter(({ day }) => !isMissing(day)).length);
        expect(await imports.nothingAppendedBy(() => imports.importFile(`${source}\n`))).toMatchObject({
          outcome: 'unchanged',
        });
      }),
      { numRuns: 60 },
    );
  });

  test('given a new comment before a known one, and one that the file lacks, then it is appended', async () => {
    const [august, september] = [
      commentBlock('1st August 2026', 'New.'),
      commentBlock('1st September 2026', 'Old.'),
    ];
    await imports.importFile(file(first, september, commentBlock('2nd September 2026', 'Left out.')));
    await imports.live(started);

    expect(await imports.importFile(file(first, august, september))).toMatchObject({
      outcome: 'appended',
      events: 2,
      differences: [],
    });
    expect(await commentsOf()).toEqual(['Old.', 'Left out.', 'New.']);
  });

  test('given a redacted comment, then a file brings it back neither as a comment nor as its source', async () => {
    const comments = [
      commentBlock('2nd May 2016', 'A secret.'),
      commentBlock('3rd May 2016', 'New.'),
    ] as const;
    await imports.importFile(file(first, comments[0]));
    await imports.live(started);
    await imports.redactComment('A secret.');

    const answer = await imports.importFile(file(first, earlier, ...comments));

    expect(answer).toMatchObject({ outcome: 'appended', events: 2 });
    expect(await commentsOf()).toEqual([null, 'New.']);
    expect(JSON.stringify(await imports.stream())).not.toContain('A secret.');
    expect((await imports.stream()).at(-1)?.data).not.toHaveProperty('source');
  });

  test('given values that cannot be reported, then it quotes none of it, and names 200 differences at most', async () => {
    await imports.importFile(file(first));
    await imports.live(started);
    const many = Array.from({ length: 300 }, () => statusBlock('2nd May 2016', 'John Smith'));

    const answer = await imports.importFile(file(first, ...many));

    expect(answer.differences).toHaveLength(201);
    expect(answer.differences?.at(-1)?.detail).toBe('100 more from here on');
    expect(JSON.stringify(answer)).not.toContain('Smith');
  });

  test('given a file that agrees, then nothing changes', async () => {
    await imports.importFile(file(first));
    await imports.live(requested, comment('A live comment.'));

    for (const source of [file(first), `${file(first)}\n`, file(), await imports.exported()]) {
      expect(await imports.nothingAppendedBy(() => imports.importFile(source))).toMatchObject({
        outcome: 'unchanged',
        differences: [],
      });
    }
  });

  test('given a command while a file is read, then the file is compared with its result', async () => {
    await imports.importFile(file(first));
    const { store } = imports;
    const append = store.append.bind(store);
    let raced = false;
    store.append = async (appended) => {
      if (!raced && appended.origin === 'import') {
        raced = true;
        await imports.live(started);
      }
      return append(appended);
    };

    await expect(imports.importFile(file(first, closing))).rejects.toMatchObject({
      code: 'role-not-permitted',
    });

    expect(raced).toBe(true);
    expect((await imports.stream()).at(-1)?.type).toBe('ProgressStarted');
  });

  test('given the same request again, then the first answer is returned', async () => {
    await imports.importFile(file(first));
    await imports.live(started);
    const request = { method: 'POST', path: '/api/imports', payload: {} };
    const keyed = { ...inspector, commandId: randomUUID(), request };
    const source = file(first, earlier, closing);

    const answer = await imports.importFile(source, keyed);

    expect(answer).toMatchObject({ outcome: 'closure-requested', differences: [{ what: 'status' }] });
    expect(await imports.importFile(source, keyed)).toEqual(answer);
  });
});

describe('a record that was issued here', () => {
  test.each([
    ['plain texts', 'Units', 'Do it.'],
    ['a title that ends in a reference', 'Units (7)', 'Do it.'],
    ['white space around and other line ends', '  Units ', '\n Do it.\r\nNow. \n'],
  ])(
    'given %s, when its export is imported, then nothing changes, and a comment is appended',
    async (_, title, text) => {
      await imports.live(issued(title, text));
      await imports.live(comment(' A comment.\r\n'));
      const before = await imports.exported();

      expect(await imports.nothingAppendedBy(() => imports.importFile(before, { id: '7' }))).toMatchObject({
        outcome: 'unchanged',
      });

      const more = Buffer.concat([before, bytes(commentBlock('24th November 2026', 'new'))]);
      expect(await imports.importFile(more, { id: '7' })).toMatchObject({
        outcome: 'appended',
        events: 2,
        differences: [],
      });
    },
  );

  test('given an amended text, when its export is imported, or the issued text, then nothing changes', async () => {
    await imports.live(issued());
    const before = await imports.exported();
    await imports.live({
      type: 'TextAmended',
      data: { text: 'Do that.', title: 'Bodies', reason: 'A slip.' },
    });

    for (const source of [before, await imports.exported()]) {
      expect(await imports.nothingAppendedBy(() => imports.importFile(source, { id: '7' }))).toMatchObject({
        outcome: 'unchanged',
      });
    }
    expect(Buffer.from(await imports.exported()).toString()).toMatch(/^Bodies\n\nDo that\./);
  });
});

describe("a register's record with notes that were recorded as commands", () => {
  const sources = {
    'a tagged file': file(first),
    'a file whose last comment never closes': file('[on]1st May 2016 [comment] text'),
    'a file with a lone date at its end': file(first, '[on]2nd May'),
    'a file without tags': 'Units (7)\n\nDo it.\n\n1st May 2016\nA comment.\n',
    'a file without any valid date': file(
      statusBlock('31st June 2016', 'awaiting-review'),
      commentBlock('31st June 2016', 'text'),
    ),
    'a file without history': file(),
    'an empty file': '',
  };

  test.each(Object.entries(sources))(
    'given %s and live comments, when its export is imported, then nothing changes, and more is appended',
    async (_, source) => {
      const options = { id: '7', anyway: true };
      await imports.importFile(source, options);
      await imports.live(
        comment('A live comment.'),
        comment('Hidden.', { data: { text: 'Hidden.', visibility: 'internal' } }),
      );
      const before = await imports.exported();

      for (const again of [before, source]) {
        expect(await imports.nothingAppendedBy(() => imports.importFile(again, options))).toMatchObject({
          outcome: 'unchanged',
        });
      }

      const more = Buffer.concat([before, bytes(closing)]);
      expect(await imports.importFile(more, options)).toMatchObject({ outcome: 'appended', events: 2 });
      expect((await imports.stream()).slice(-2).map(short)).toEqual([
        `${TODAY} RecommendationCompleted`,
        `${TODAY} RegisterRecordImported`,
      ]);
      expect(Buffer.compare(await imports.exported(), more)).toBe(0);
      expect(await verifyStore(imports.store, lifecycles, [])).toMatchObject({ ok: true });
    },
  );

  test.each([['2017-01-01'], ['2016-08-01'], ['2016-05-01'], [TODAY]])(
    'given a live comment of %s, when longer files of the register lack it, then the new entries are appended',
    async (effectiveOn) => {
      const second = statusBlock('1st May 2017', 'being-progressed');
      await imports.importFile(file(first));
      await imports.live(comment('A live comment.', { effectiveOn }));

      expect(await imports.importFile(file(first, second))).toMatchObject({ outcome: 'appended', events: 2 });
      const longer = file(first, second, commentBlock('2nd May 2018', 'new'));
      expect(await imports.importFile(longer)).toMatchObject({ outcome: 'appended', events: 2 });

      expect(await imports.history()).toEqual([
        `${effectiveOn} CommentAdded A live comment.`,
        '2017-05-01 ProgressStarted',
        '2018-05-02 CommentAdded new',
      ]);
      const exported = Buffer.from(await imports.exported()).toString();
      expect(exported.startsWith(longer)).toBe(true);
      expect(exported.slice(longer.length).match(/A live comment\./g)).toHaveLength(1);
      for (const again of [file(first), file(first, second), longer, exported]) {
        expect(await imports.nothingAppendedBy(() => imports.importFile(again))).toMatchObject({
          outcome: 'unchanged',
        });
      }
    },
  );

  test('given a live comment that the next file has as well, then it is printed once, where the file has it', async () => {
    await imports.importFile(file(first));
    await imports.live(comment('A live comment.'), comment('Another.'));
    const longer = file(first, commentBlock('24th November 2026', 'A live comment.'), closing);

    expect(await imports.importFile(longer)).toMatchObject({ outcome: 'appended', events: 2 });

    const exported = Buffer.from(await imports.exported()).toString();
    expect(exported.startsWith(longer)).toBe(true);
    expect(exported.slice(longer.length)).toContain('Another.');
    expect(exported.slice(longer.length)).not.toContain('A live comment.');
  });

  test('given any comments of both, in any order, then an export has each as often as the record, and is known again', async () => {
    const said = fc.constantFrom('one', 'two', 'three');
    const day = fc.constantFrom('2016-05-02', '2026-11-24');
    const live = fc.array(fc.tuple(said, day), { maxLength: 3 });
    const steps = fc.array(fc.record({ live, file: fc.array(said, { maxLength: 2 }) }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(steps, async (histories) => {
        imports = new RegisterImports();
        let source = file(first);
        await imports.importFile(source);
        for (const step of histories) {
          for (const [text, effectiveOn] of step.live) await imports.live(comment(text, { effectiveOn }));
          if (step.file.length === 0) continue;
          // The register does not contain what was written here, and has further entries of its own.
          source += step.file.map((text) => commentBlock('24th November 2026', text)).join('');
          await imports.importFile(source);
        }
        const exported = Buffer.from(await imports.exported()).toString();
        const comments = await commentsOf();
        for (const text of ['one', 'two', 'three']) {
          const printed = exported.split(`[comment]\n\n${text}\n`).length - 1;
          expect([text, printed]).toEqual([text, comments.filter((each) => each === text).length]);
        }
        for (const again of [source, exported]) {
          expect(await imports.nothingAppendedBy(() => imports.importFile(again))).toMatchObject({
            outcome: 'unchanged',
          });
        }
      }),
      { numRuns: 60 },
    );
  });

  test('given an amended text, when the file comes again, or more of it, then it is not a difference', async () => {
    await imports.importFile(file(first));
    await imports.live({ type: 'TextAmended', data: { text: 'Do that.', reason: 'A slip.' } });

    expect(await imports.nothingAppendedBy(() => imports.importFile(`${file(first)}\n`))).toMatchObject({
      outcome: 'unchanged',
    });
  });

  test('given a live comment that the register cannot contain, when the file comes again, then nothing changes', async () => {
    await imports.importFile(file(first));
    await imports.live(comment('It ends in [/comment] here.'));

    expect(await imports.nothingAppendedBy(() => imports.importFile(`${file(first)}\n`))).toMatchObject({
      outcome: 'unchanged',
    });
  });
});

describe("the record of one's own body", () => {
  test('given an inspector or administrator of the body, then nothing is imported to it, new or known', async () => {
    const source = file(first);
    const options = { recipient: 'avon' };
    for (const actor of [INSPECTOR, ADMINISTRATOR]) {
      const own = { ...options, actor, organisations: ['kent', 'avon'] };
      expect(await imports.refusalOf(() => imports.importFile(source, own))).toMatchObject({
        kind: 'role',
        code: 'role-not-permitted',
      });
      expect(
        await imports.refusalOf(() => imports.importFile(source, { ...own, dryRun: true })),
      ).toMatchObject({
        code: 'role-not-permitted',
      });
    }
    await imports.importFile(source, options);
    const own = { actor: INSPECTOR, organisations: ['avon'] };
    expect(await imports.refusalOf(() => imports.importFile(file(first, closing), own))).toMatchObject({
      code: 'role-not-permitted',
    });
    const other = { actor: INSPECTOR, organisations: ['kent'] };
    expect(await imports.importFile(file(first, closing), other)).toMatchObject({ outcome: 'appended' });
  });
});

describe('a record without a recipient, imported by a person whose account names an organisation', () => {
  const own = { actor: INSPECTOR, organisations: ['kent'] };
  const refused = { kind: 'people', code: 'own-body-decides' };
  const ended = statusBlock('2nd May 2016', 'complete');

  test('given a file that closes or reopens it, new or known, then it is refused', async () => {
    expect(await imports.refusalOf(() => imports.importFile(file(first, ended), own))).toMatchObject(refused);
    await imports.importFile(file(first), own);
    for (const status of ['complete', 'no-further-action-needed']) {
      const closes = file(first, statusBlock('2nd May 2016', status));
      for (const more of [own, { ...own, dryRun: true }]) {
        expect(await imports.refusalOf(() => imports.importFile(closes, more))).toMatchObject(refused);
      }
    }
    await imports.importFile(file(first, ended));
    const reopens = file(first, ended, statusBlock('3rd May 2016', 'being-progressed'));
    expect(await imports.refusalOf(() => imports.importFile(reopens, own))).toMatchObject(refused);
  });

  test('given that people here work on it, and a file that closes it, then no closure is requested', async () => {
    await imports.importFile(file(first));
    await imports.live(started);
    expect(await imports.refusalOf(() => imports.importFile(file(first, ended), own))).toMatchObject(refused);
    expect(await imports.refusalOf(() => imports.importFile(file(first, closing), own))).toMatchObject(
      refused,
    );
    expect(await imports.importFile(file(first, closing), { ...own, bodies: [] })).toMatchObject({
      outcome: 'closure-requested',
    });
  });

  test("given a file that decides nothing, a named recipient, or the inspectorate's own, then it is accepted", async () => {
    const other = 'Bodies (8)\n\nDo it.\n\n';
    await imports.importFile(file(first), own);
    expect(await imports.importFile(`${other}${first}${ended}`, { ...own, recipient: 'avon' })).toMatchObject(
      {
        outcome: 'created',
      },
    );
    expect(await imports.importFile(file(first, ended), { ...own, bodies: [] })).toMatchObject({
      outcome: 'appended',
    });
  });
});

describe('a file that is not a register record', () => {
  const block = statusBlock('1st May 2016', 'awaiting-review');

  test.each<[string, string, string]>([
    ['bytes of zero', `Units (7)\n\nA\0B\n\n${block}`, 'NUL bytes'],
    ['neither reference nor history', 'Units\n\nDo it.\n', 'reference'],
    ['nothing at all', '', 'reference'],
  ])('given %s, then it is refused, and accepted with "anyway"', async (_, source, why) => {
    for (const more of [{}, { dryRun: true }, { id: 'given-1' }]) {
      const refusal = await imports.refusalOf(() => imports.importFile(source, more));
      expect(refusal).toMatchObject({ kind: 'rule', code: 'not-a-register-record' });
      expect(refusal.message).toContain(why);
      expect(refusal.message).toContain('--anyway');
    }
    const { id } = await imports.importFile(source, { anyway: true });
    expect(Buffer.from(await imports.exported(id)).toString()).toBe(source);
    expect(await imports.nothingAppendedBy(() => imports.importFile(source))).toMatchObject({
      outcome: 'unchanged',
    });
  });

  test.each([block, '1st May 2016 awaiting-review\n'])(
    'given a second record whose title has no reference, after %j, then its status closes no other record',
    async (first) => {
      const ended = first.replace('1st', '2nd').replace('awaiting-review', 'complete');
      const source = `Custody (12/2015)\n\nDo it.\n\n${first}\nCells\n\nDo that.\n\n${ended}\n`;
      const at = { line: 101, column: 1 };
      const refusal = await imports.refusalOf(() => imports.importFile(source, { at }));
      expect(refusal).toMatchObject({ kind: 'rule', code: 'not-a-register-record' });
      const line = 100 + source.slice(0, source.indexOf('Cells')).split('\n').length;
      expect(refusal.message).toContain(`At line ${line} `);
      expect(await imports.importFile(source, { anyway: true })).toMatchObject({ outcome: 'created' });
    },
  );

  test('given stray text that no status follows, or one line of it, then it is accepted', async () => {
    const stray = file(block, '\nCells\n\nDo that.\n\n', commentBlock('3rd May 2016', 'A comment.'));
    expect(await imports.importFile(stray)).toMatchObject({ outcome: 'created' });
    const line = `Cells (8)\n\nDo it.\n\n${block}\nA note.\n${statusBlock('2nd May 2016', 'complete')}`;
    expect(await imports.importFile(line)).toMatchObject({ outcome: 'created' });
  });

  test('given a reference alone, or a history alone, then it is accepted', async () => {
    expect(await imports.importFile('Units (7)')).toMatchObject({ id: '7', outcome: 'created' });
    expect(await imports.importFile(`Units\n\n${block}`)).toMatchObject({ outcome: 'created' });
  });

  test('given a file of nothing but problems, then answer and event keep 200, and the number of the others', async () => {
    const source = Buffer.from(`Units\n\n${'a\xff'.repeat(250_000)}`, 'latin1');

    const outcome = await imports.importFile(source, { anyway: true });

    expect(outcome.anomalies).toHaveLength(200);
    expect(outcome.moreAnomalies).toBe(250_002 - 200);
    const note = (await imports.stream(outcome.id)).at(-1)!;
    expect(note.data).toMatchObject({ anomalies: outcome.anomalies, moreAnomalies: outcome.moreAnomalies });
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
    const source = file(first, statusBlock('25th November 2026', 'complete'));
    const answer = await imports.importFile(source, keyed);

    expect(answer.anomalies).toMatchObject([{ code: 'future-date' }]);
    expect(await imports.importFile(source, { ...keyed, now: NOW + 1e9 })).toEqual(answer);
  });
});
