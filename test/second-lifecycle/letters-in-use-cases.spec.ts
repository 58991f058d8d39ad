import { expect, jest, test } from '@jest/globals';
import type { JsonObject } from '#event-sourcing/envelope';
import type { Point } from '#use-cases/records/record-at';
import { Lifecycles } from '#lifecycle/lifecycles';
import type { CommandedLifecycle } from '#lifecycle/lifecycles';
import { recommendations } from '#state-machines/inspection-recommendation/versions';
import { letter, letters } from './letters.ts';

const both = new Lifecycles<unknown, CommandedLifecycle>(...recommendations, letters);

jest.unstable_mockModule('#state-machines/lifecycles', () => ({
  lifecycles: both,
}));
const { verifyPack } = await import('#audit/pack/verify-pack');
const { parseVerifierKey } = await import('#audit/tlog/signed-note');
const { compareRecord, parsePoint } = await import('#use-cases/records/compare-points');
const { requestPack } = await import('#use-cases/audit/request-pack');
const { attemptIssue } = await import('#use-cases/records/issue-records');
const { eventsWithDetails, eventsWithoutTexts } = await import('#use-cases/records/record-events');
const { executeCommand } = await import('#use-cases/records/execute-command');
const { replayRecord } = await import('#use-cases/records/replay-record');
const { seeChart } = await import('#use-cases/records/see-record');
const { seeCommands } = await import('#use-cases/records/see-record');
const { seeEvents } = await import('#use-cases/records/see-events');
const { seeExport } = await import('#use-cases/register/export-record');
const { seeHistory } = await import('#use-cases/records/see-history');
const { seePage } = await import('#use-cases/records/see-page');
const { seeRecord } = await import('#use-cases/records/see-record');
const { seeTimeline } = await import('#use-cases/records/see-record');
const { wholePage } = await import('../support/pieces.ts');
const { temporaryFolder } = await import('../support/temporary-folder.ts');
const { commandContext, INSPECTOR, NOON, ServiceParts, viewer } = await import('../support/use-cases.ts');

const parts = new ServiceParts(both);
const APPROVER = viewer('approver');
const FIRST = { kind: letter, id: '1' };
const NOW = { effectiveOn: null, knownAt: null };

const write = (who = INSPECTOR, body: JsonObject = { id: '1', text: 'Dear Kent' }) =>
  attemptIssue(parts, commandContext(who), letter, body);
const send = (who: typeof INSPECTOR, command: string, body: JsonObject = {}) =>
  executeCommand(parts, commandContext(who), { record: FIRST, command, body, expectedVersions: null });
const recorded = async () => (await parts.store.readStream('letter-1')).map(({ type }) => type);

test('given a letter to issue, then one record begins, under its own kind', async () => {
  await parts.issue('1', 'avon');
  expect(await write()).toMatchObject({
    records: [{ id: '1', version: 1, status: 'draft' }],
    location: '/api/letters/1',
  });
  expect(await recorded()).toEqual(['LetterWritten']);
});

test.each([
  ['by another role', () => write(viewer('auditor')), 'role-not-permitted'],
  ['without its text', () => write(INSPECTOR, { id: '1' }), 'invalid-payload'],
])('given a letter to issue %s, then it is refused, and nothing is recorded', async (_, act, code) => {
  await expect(act()).rejects.toMatchObject({ code });
  expect(await recorded()).toEqual([]);
});

test('given an id that a letter has, then another one is refused with where that is', async () => {
  await write();
  await expect(write()).rejects.toMatchObject({
    code: 'id-already-used',
    details: { location: '/api/letters/1' },
  });
  expect(await parts.refused()).toMatchObject([{ record: '1', kind: 'letter', seenVersion: 1 }]);
});

test('given a letter, then its commands are executed, and refused ones name its kind', async () => {
  await write();
  await expect(send(APPROVER, 'answer-letter', { answer: 'Dear Ann' })).rejects.toMatchObject({
    code: 'command-not-allowed',
  });
  expect(await parts.refused()).toMatchObject([{ record: '1', kind: 'letter', seenVersion: 1 }]);
  await expect(send({ ...INSPECTOR, subject: 'bob' }, 'send-letter')).rejects.toMatchObject({
    code: 'separation-of-duties',
  });
  await send(INSPECTOR, 'send-letter');
  const { answer } = await send(APPROVER, 'answer-letter', { answer: 'Dear Ann' });
  expect(answer).toMatchObject({ id: '1', version: 3, status: 'answered', state: { post: 'answered' } });
  expect(await recorded()).toEqual(['LetterWritten', 'LetterSent', 'LetterAnswered']);
});

/** Creates a letter that was sent and filed, beside a recommendation with the same id. */
async function fileLetter(): Promise<void> {
  await parts.issue('1', 'avon');
  await write();
  await send(INSPECTOR, 'send-letter');
  await send(APPROVER, 'file-letter', { place: 'Room 4' });
}

test('given a letter, then it is read as its events say, by every path', async () => {
  await fileLetter();
  const { record, shown } = await seeRecord(parts, INSPECTOR, FIRST, { view: NOW, now: NOON });
  expect(shown).toEqual({
    id: '1',
    status: 'sent',
    state: { post: 'sent' },
    version: 3,
    lifecycle: { name: 'letter', version: 1 },
    issuedOn: '2026-11-24',
    text: 'Dear Kent',
    says: { text: 'Dear Kent', place: 'Room 4' },
  });
  expect(record).toMatchObject({ recipient: null, deadlines: [] });
  expect(await seeChart(parts, INSPECTOR, FIRST, { view: NOW, now: NOON })).toMatchObject({
    regions: [{ region: 'post', current: 'sent' }],
  });
  const page = await seePage(parts, INSPECTOR, FIRST, {
    view: NOW,
    now: NOON,
    entries: { page: 1, size: 9 },
  });
  expect(page.entries.items.map(({ headline }) => headline)).toEqual([
    'Letter filed',
    'Letter sent',
    'Letter written',
  ]);
  const lines = await Array.fromAsync(await seeTimeline(parts, INSPECTOR, FIRST));
  expect(lines).toMatchObject([{ text: 'Dear Kent' }, { status: 'sent' }, { place: 'Room 4' }]);
  const { items } = await seeEvents(parts, INSPECTOR, FIRST, { after: 0, limit: 9 });
  expect((await wholePage(items)).items).toHaveLength(3);
});

test('given the history of a letter, then its points are compared, and it is replayed', async () => {
  await fileLetter();
  const point = { version: 1 };
  const seen = await seeHistory(parts, INSPECTOR, FIRST, { point, now: NOON, entries: { page: 1, size: 9 } });
  expect(seen).toMatchObject({ record: { status: 'draft' }, events: { total: 1 } });
  const between = { from: point, to: parsePoint('v3', NOON) as Point, now: NOON };
  const { changes, events } = await compareRecord(parts, INSPECTOR, FIRST, between);
  expect(changes).toEqual(
    expect.arrayContaining([
      { path: 'status', before: 'draft', after: 'sent' },
      { path: 'says.place', before: null, after: 'Room 4' },
    ]),
  );
  expect(events.map(({ type }) => type)).toEqual(['LetterSent', 'LetterFiled']);
  const light = await eventsWithoutTexts(parts, FIRST);
  const replay = replayRecord(parts.lifecycles, light, NOW, '2026-11-24');
  expect(replay).toMatchObject({ status: 'sent', state: { post: 'sent' }, lines: [{}, {}, { place: null }] });
  expect(await eventsWithDetails(parts, light, NOW)).toMatchObject([{ data: { text: 'Dear Kent' } }, {}, {}]);
});

test('given a letter, then its commands are listed, and it is exported as a file', async () => {
  await fileLetter();
  const commands = await seeCommands(parts, INSPECTOR, FIRST, NOON);
  expect(commands.map(({ command, allowed }) => [command, allowed])).toEqual([
    ['send-letter', false],
    ['answer-letter', true],
    ['file-letter', true],
  ]);
  for (const format of ['json', 'csv', 'cloudevents'] as const) {
    const bytes = Buffer.concat(await Array.fromAsync(await seeExport(parts, INSPECTOR, FIRST, format)));
    expect(bytes.toString()).toContain('Room 4');
  }
  expect(await parts.disclosures()).toMatchObject(
    Array.from({ length: 3 }, () => ({ streamId: 'letter-1' })),
  );
});

test('given an id that no letter has, then it is not found, though a recommendation has it', async () => {
  await parts.issue('2', 'avon');
  const other = { kind: letter, id: '2' };
  await expect(seeRecord(parts, INSPECTOR, other, { view: NOW, now: NOON })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('given a letter, then its evidence pack verifies, and a pack that says otherwise does not', async () => {
  await parts.follow();
  await fileLetter();
  await parts.fold();
  const signing = parts.signing(temporaryFolder(), []);
  try {
    const verifiers = () => Promise.resolve({ html: Buffer.from('<p>'), python: Buffer.from('pass') });
    const { store, random, readModels, lifecycles } = parts;
    const context = { store, random, readModels, lifecycles, signing, verifiers };
    const caller = { viewer: viewer('auditor'), now: NOON, correlationId: 'spec' };
    const pack = await requestPack(context, caller, { record: FIRST, withhold: ['3:/data/place=FOI.s40'] });
    const keys = (await signing.open()).verifierKeys.map(parseVerifierKey);
    const expected = { keys, policy: null, kept: null, required: null, lifecycles: [], challenge: null };
    const verified = verifyPack(pack.files, expected);
    expect(verified.verification).toMatchObject({ verdict: 'anchored', divergences: [] });
    const text = Buffer.concat([...pack.files.values()].map((file) => Buffer.from(file))).toString();
    expect([text.includes('Dear Kent'), text.includes('Room 4')]).toEqual([true, false]);
    const altered = new Map(
      [...pack.files].map(([path, bytes]) => [
        path,
        Buffer.from(Buffer.from(bytes).toString('latin1').replace('Dear Kent', 'Dear Bent'), 'latin1'),
      ]),
    );
    expect(verifyPack(altered, expected).verification).toMatchObject({ verdict: 'does-not-hold' });
  } finally {
    signing.close();
  }
});
