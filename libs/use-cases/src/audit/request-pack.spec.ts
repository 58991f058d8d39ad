import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemRandom } from '#event-sourcing/random';
import { PACK } from '#audit/pack/pack-names';
import { anchorLines } from '#audit/pack/pack-report';
import { verifyPack } from '#audit/pack/verify-pack';
import type { VerifiedPack } from '#audit/pack/verify-pack';
import { readPackCheckpoint } from '#audit/pack/check-log';
import { parseVerifierKey } from '#audit/tlog/signed-note';
import { StoreUnavailableError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { storeWith } from '#event-sourcing/store-with';
import type { LogSigning } from '#platform/checkpoints/log-signing';
import type { Viewer } from '#state-machines/access';
import { trailStream } from '#state-machines/audit-trail-events';
import { disturbedStore } from '#test/support/disturbed-store';
import { collectLog } from '#test/support/event-streams';
import { INSPECTOR, NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { temporaryFolder } from '#test/support/temporary-folder';
import { appendAs } from '../log/kept-stream.ts';
import { requestPack } from './request-pack.ts';
import { seePackChoices } from './see-pack-choices.ts';
import type { PackChoices } from './see-pack-choices.ts';
import type { RequestedPack } from './request-pack.ts';
import type { Pack } from './make-pack.ts';
import { CheckpointRefusedError } from './compare-log.ts';
import { checkpointDraft, CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { recordOf } from '#state-machines/record-streams';

const parts = new ServiceParts();
const AUDITOR = viewer('auditor');
const OF_AVON = viewer('force-lead', 'avon');
/** Other specs test the real verifiers. */
const verifiers = () => Promise.resolve({ html: Buffer.from('<p>'), python: Buffer.from('pass') });

let folder: string;
let signing: LogSigning;
beforeEach(async () => {
  folder = temporaryFolder();
  signing = parts.signing(folder, []);
  await parts.follow();
  await parts.issue('r-1', 'avon');
  await say('Everybody reads this.', 'public');
  await say('Marmalade is for us alone.', 'internal');
  await parts.fold();
});
afterEach(() => {
  signing.close();
});

const say = (text: string, visibility: string) =>
  parts.sendCommand(INSPECTOR, 'r-1', 'add-comment', { text, visibility });
const request = (
  who: Viewer,
  {
    store = parts.store,
    sign = signing.sign.bind(signing),
    ...packOptions
  }: Partial<RequestedPack> & { readonly store?: EventStore; readonly sign?: LogSigning['sign'] } = {},
): Promise<Pack> => {
  const { readModels, lifecycles } = parts;
  const signs = { signer: () => signing.signer(), sign };
  const context = { store, random: systemRandom, readModels, lifecycles, signing: signs, verifiers };
  return requestPack(
    context,
    { viewer: who, now: NOON, correlationId: 'spec' },
    { record: recordOf('r-1'), withhold: [], ...packOptions },
  );
};
const recorded = () => parts.store.readStream(trailStream('accesses', '2026-11-24'));
const textAt = ({ files }: Pack, path: string) => Buffer.from(files.get(path) ?? []).toString();

/** Verifies a pack as a recipient who has the log's key does. */
async function verifiedPack({ files }: Pack, kept: string | null = null): Promise<VerifiedPack> {
  const keys = (await signing.open()).verifierKeys.map(parseVerifierKey);
  const checkpoint = kept === null ? null : readPackCheckpoint(Buffer.from(kept));
  return verifyPack(files, { keys, witnesses: [], authority: null, kept: checkpoint });
}
const verified = async (...args: Parameters<typeof verifiedPack>) =>
  (await verifiedPack(...args)).verification;

describe('the values that a pack can leave out', () => {
  const pointersIn = ({ events }: PackChoices) =>
    events.map(({ values }) => values.map(({ pointer }) => pointer));

  test('given an auditor, then each text, and the values that the pack would leave out', async () => {
    const withhold = ['internal', '2:/data/text=FOI.s31'];
    const choices = await seePackChoices(parts, AUDITOR, recordOf('r-1'), withhold);
    expect(pointersIn(choices).slice(1)).toEqual([['/data/text'], ['/data/text']]);
    const reasons = choices.withheld.map(({ version, code }) => [version, code]);
    expect(reasons).toEqual([
      [2, 'FOI.s31'],
      [3, 'internal'],
    ]);
    const [listed] = [...(await request(AUDITOR, { withhold })).files].filter(
      ([path]) => path === PACK.withheld,
    );
    expect(JSON.parse(Buffer.from(listed?.[1] ?? []).toString())).toEqual(choices.withheld);
    expect((await recorded()).map(({ data }) => data['kind'] ?? 'pack')).toEqual(['internal', 'pack']);
  });

  test('given a redacted comment, then it has no text, and says that it was erased', async () => {
    const eventId = (await parts.stream('r-1'))[1]?.eventId ?? '';
    await parts.sendCommand(viewer('approver'), 'r-1', 'redact-comment', { eventId, reason: 'Asked for.' });
    const { events } = await seePackChoices(parts, AUDITOR, recordOf('r-1'), []);
    expect(events[1]).toMatchObject({ values: [], isRedacted: true });
    expect(events.filter(({ isRedacted }) => isRedacted)).toHaveLength(1);
  });

  test("given the recipient's own people, then nothing that is internal, and others none of it", async () => {
    const choices = await seePackChoices(parts, OF_AVON, recordOf('r-1'), []);
    expect(choices).toMatchObject({ withoutInternal: true, withheld: [{ version: 3, code: 'internal' }] });
    expect(JSON.stringify(choices)).not.toContain('Marmalade');
    expect(await recorded()).toEqual([]);
    await expect(seePackChoices(parts, INSPECTOR, recordOf('r-1'), [])).rejects.toMatchObject({
      code: 'role-not-permitted',
    });
    const ofKent = seePackChoices(parts, viewer('force-lead', 'kent'), recordOf('r-1'), []);
    await expect(ofKent).rejects.toThrow('There is no such record');
  });
});

describe('a pack', () => {
  test('given an auditor, then it is valid and recorded', async () => {
    const pack = await request(AUDITOR);
    expect(await verified(pack)).toMatchObject({
      verdict: 'signed',
      origin: 'docket.example/log',
      streamId: 'recommendation-r-1',
      version: pack.version,
      erased: 0,
      withheld: 0,
      divergences: [],
    });
    expect(textAt(pack, PACK.recordText)).toContain('Marmalade');
    const events = await parts.stream('r-1');
    expect(await recorded()).toMatchObject([
      {
        type: 'PackMade',
        actor: { subject: 'a-auditor', roles: ['auditor'] },
        data: {
          streamId: 'recommendation-r-1',
          version: events.length,
          hash: events.at(-1)?.hash,
          withheld: { count: 0 },
        },
      },
    ]);
  });

  test.each<Viewer>([
    OF_AVON,
    viewer('commissioner', 'avon'),
    { ...OF_AVON, roles: ['force-lead', 'inspector'] },
  ])('given $roles of the recipient, then internal values are nowhere in it', async (who) => {
    await parts.sendCommand(viewer('approver'), 'r-1', 'redact-comment', {
      eventId: (await parts.stream('r-1')).at(-2)?.eventId ?? '',
      reason: 'It named a gardener.',
    });
    const pack = await request(who);
    const { divergences, erased, withheld } = await verified(pack);
    expect({ divergences, erased, withheld }).toEqual({ divergences: [], erased: 1, withheld: 2 });
    for (const [path, bytes] of pack.files)
      expect([
        path,
        Buffer.from(bytes)
          .toString()
          .match(/Marmalade|gardener|Everybody/),
      ]).toEqual([path, null]);
    expect(textAt(pack, PACK.recordText)).toMatch(/\[erased\][^]*\[withheld under internal\]/);
  });

  const REFUSED: readonly (readonly [string, Viewer, string, string?])[] = [
    ...['inspector', 'approver', 'scheduler', 'administrator'].map((role): [string, Viewer, string] => [
      role,
      viewer(role),
      'role-not-permitted',
    ]),
    ['an inspector of the body alone', viewer('inspector', 'avon'), 'role-not-permitted'],
    ["another body's people", viewer('force-lead', 'kent'), 'not-found'],
    ['force-lead of no body', viewer('force-lead'), 'not-found'],
    ['a person without a role', { subject: 'x', roles: [], organisations: ['avon'] }, 'not-found'],
    ['an auditor, no such record', AUDITOR, 'not-found', 'r-2'],
    ['a force-lead, no such record', OF_AVON, 'not-found', 'r-2'],
  ];

  test('given other users, or an unknown record, then the pack is refused, and nothing is appended', async () => {
    const before = await collectLog(parts.store);
    for (const [name, who, code, id = 'r-1'] of REFUSED) {
      const refused: unknown = await request(who, { record: recordOf(id) }).catch((error: unknown) => error);
      expect([name, refused]).toMatchObject([name, { code }]);
      expect([name, await collectLog(parts.store)]).toEqual([name, before]);
    }
  });

  test('given a log that is not signed, then nothing is disclosed or recorded as disclosed', async () => {
    const before = await collectLog(parts.store);
    const sign = () => Promise.reject(new CheckpointRefusedError('the end is cut off'));
    await expect(request(AUDITOR, { sign })).rejects.toMatchObject({ code: 'checkpoint-refused' });
    expect(await collectLog(parts.store)).toEqual(before);
  });

  test('given a record whose last event was deleted from the log, then nothing is disclosed', async () => {
    const { length } = await parts.stream('r-1');
    const store = storeWith(parts.store, {
      async readStream(streamId, range) {
        const events = await parts.store.readStream(streamId, range);
        return events.filter(({ version }) => version < length);
      },
    });
    await expect(request(AUDITOR, { store })).rejects.toMatchObject({
      code: 'checkpoint-refused',
      message: expect.stringContaining(
        'after version 2 of recommendation-r-1: an event was deleted',
      ) as unknown,
    });
    expect(await recorded()).toEqual([]);
  });

  test('given a command while the pack is made, then it contains the result of the command', async () => {
    let times = 0;
    const store = disturbedStore(parts.store, {
      async before({ command }) {
        times += 1;
        if (command.name === 'make-pack' && times === 1) await say('Late.', 'public');
      },
    });
    const pack = await request(AUDITOR, { store });
    expect(await verified(pack)).toMatchObject({ divergences: [], version: pack.version });
    expect(textAt(pack, PACK.recordText)).toContain('Late.');
    expect((await recorded()).map(({ data }) => data['version'])).toEqual([pack.version]);
  });

  test('given a record that grows while the log is signed, then it is read once more, and packed', async () => {
    let times = 0;
    const sign: LogSigning['sign'] = async (call) => {
      times += 1;
      await say('Meanwhile.', 'public');
      return signing.sign(call);
    };
    expect(await verified(await request(AUDITOR, { sign }))).toMatchObject({ divergences: [], version: 4 });
    expect(times).toBe(2);
  });

  test('given a redaction before it is sent, then it does not contain the text', async () => {
    let times = 0;
    const store = disturbedStore(parts.store, {
      async after({ command }) {
        times += 1;
        if (command.name !== 'make-pack' || times > 1) return;
        const eventId = (await parts.stream('r-1')).at(-2)?.eventId ?? '';
        await parts.sendCommand(viewer('approver'), 'r-1', 'redact-comment', {
          eventId,
          reason: 'Asked for.',
        });
      },
    });
    const pack = await request(AUDITOR, { store });
    expect(await verified(pack)).toMatchObject({ divergences: [], erased: 1 });
    expect(textAt(pack, PACK.recordText)).not.toContain('Everybody');
  });

  test('given a server that checks no other stream in the same step, then a record that went on is packed again', async () => {
    let times = 0;
    const careless = storeWith(parts.store, {
      async append(commit) {
        times += 1;
        if (times === 1) await say('Between check and append.', 'public');
        const [, made] = commit.appends;
        return parts.store.append(times === 1 && made ? { ...commit, appends: [made] } : commit);
      },
    });
    const pack = await request(AUDITOR, { store: careless });
    expect(await verified(pack)).toMatchObject({ divergences: [], version: 4 });
    expect((await recorded()).map(({ data }) => data['version'])).toEqual([3, 4]);
  });

  test('given other packs on the same day, then each is recorded', async () => {
    await Promise.all([request(AUDITOR), request(OF_AVON), request(AUDITOR)]);
    expect((await recorded()).map(({ actor }) => actor.subject).sort()).toEqual([
      'a-auditor',
      'a-auditor',
      'a-force-lead',
    ]);
  });

  test('given a store that refuses appends, then nothing is disclosed', async () => {
    const store = disturbedStore(parts.store, {
      before() {
        throw new StoreUnavailableError('away');
      },
    });
    await expect(request(AUDITOR, { store })).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});

test('given an adopted store, then the pack shows the reason and what was lost', async () => {
  const lost = { size: 9, root: `${'A'.repeat(43)}=` };
  const data = { origin: 'docket.example/log', reason: 'The disk failed.', lost };
  const events = [checkpointDraft('StoreAdopted', data, '2026-11-24')];
  const call = { actor: { subject: 'ann', roles: ['administrator'] }, now: NOON, correlationId: 'spec' };
  await appendAs('adopt', parts, call, { streamId: CHECKPOINTS_STREAM, expectedVersion: 0, events });
  await parts.fold();
  const result = await verified(await request(AUDITOR));
  expect(result).toMatchObject({ verdict: 'signed', adoptions: [{ reason: 'The disk failed.', lost }] });
  expect(anchorLines(result).join('\n')).toMatch(
    /Store adopted on \S+, which lost the checkpoint of 9 events, root A+=. Reason: The disk failed\./,
  );
});

describe('a pack that extends an earlier checkpoint', () => {
  const signed = async () => {
    const outcome = await signing.sign({ actor: AUDITOR, now: NOON, correlationId: 'spec' });
    if (outcome.result === 'empty') throw new Error('nothing was signed');
    return outcome;
  };

  test('given a signed size, or a kept checkpoint, then its keeper can verify the extension', async () => {
    const { note, size } = await signed();
    await say('Later.', 'public');
    for (const since of [{ size }, { note }])
      expect(await verified(await request(AUDITOR, { since }), note)).toMatchObject({
        verdict: 'signed',
        keptEvents: 3,
        divergences: [],
      });
  });

  test('given a checkpoint of another log, then it is refused, and no pack is recorded', async () => {
    const { note, size } = await signed();
    const refused: [NonNullable<RequestedPack['since']>, string][] = [
      [{ size: size - 1n }, 'is not a signed size'],
      [{ note: 'no note' }, 'is a file that is not a note'],
      [
        { note: note.replaceAll('docket.example/log', 'docket.example/other') },
        'is a checkpoint of docket.example/other',
      ],
      [
        { note: note.replace(/— docket\S+/, '— docket.example/other') },
        'is a checkpoint that this log did not sign',
      ],
      [
        { note: note.replace(`\n${size}\n`, `\n${size + 1n}\n`) },
        'has an invalid signature of docket.example/log',
      ],
    ];
    for (const [since, detail] of refused)
      await expect(request(AUDITOR, { since })).rejects.toMatchObject({
        code: 'invalid-parameter',
        message: expect.stringContaining(detail) as unknown,
      });
    expect(await recorded()).toEqual([]);
  });
});
