import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import { StoreUnavailableError } from '#event-sourcing/errors';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { viewer } from '#test/support/use-cases';
import type { Reader } from '../call-context.ts';
import { AccessRecorder } from './record-access.ts';
import { recordOf } from '#state-machines/record-streams';

const START = Date.parse('2026-11-24T12:00:00.000Z');
const HOUR_MS = 3_600_000;
const LIMITS = { ofOne: 6, ofAll: 20 };
const auditor = viewer('auditor');
const FILE = { version: 3, format: 'json' };

let store: MemoryEventStore;
let now: number;
let recorder: AccessRecorder;

const recorderOn = (on: Pick<MemoryEventStore, 'append'>) =>
  new AccessRecorder(
    on,
    { clock: { now: () => now }, random: systemRandom },
    (message) => {
      throw new Error(message);
    },
    LIMITS,
  );

beforeEach(() => {
  store = new MemoryEventStore(createSealer());
  now = START;
  recorder = recorderOn(store);
});
afterEach(() => store.close());

const events = (day = '2026-11-24'): Promise<Envelope[]> => store.readStream(`access-${day}`);

describe('a disclosure to a user', () => {
  test('is recorded with person, roles, time, content, and record', async () => {
    await recorder.exported(auditor, recordOf('r-1'), FILE);
    expect(await events()).toMatchObject([
      {
        type: 'AccessRecorded',
        recordedAt: '2026-11-24T12:00:00.000Z',
        effectiveOn: '2026-11-24',
        actor: { subject: 'a-auditor', roles: ['auditor'] },
        correlationId: 'spec',
        lifecycle: null,
        commitments: {},
        data: { kind: 'export', streamId: 'recommendation-r-1', ...FILE },
      },
    ]);
  });

  test('is recorded each time for an export, once an hour for the log, and once a day for a record’s internal parts', async () => {
    const read = async (reader: Reader) => {
      await recorder.log(reader);
      await recorder.internal(reader, recordOf('r-1'));
    };
    for (let times = 0; times < 2; times += 1) await recorder.exported(auditor, recordOf('r-1'), FILE);
    await Promise.all([read(auditor), read(auditor), read(viewer('inspector'))]);
    now += HOUR_MS;
    await read(auditor);
    now += 12 * HOUR_MS;
    await read(auditor);
    const kinds = async (day?: string) =>
      (await events(day)).map(({ data, actor }) => `${actor.subject} ${data['kind'] as string}`).sort();
    expect(await kinds()).toEqual([
      ...['a-auditor export', 'a-auditor export', 'a-auditor internal', 'a-auditor log', 'a-auditor log'],
      ...['a-inspector internal', 'a-inspector log'],
    ]);
    expect(await kinds('2026-11-25')).toEqual(['a-auditor internal', 'a-auditor log']);
  });

  test('is recorded before a concurrent request gets its response', async () => {
    const order: string[] = [];
    const slow = recorderOn({
      append: async (commit) => {
        const appended = await store.append(commit);
        order.push('recorded');
        return appended;
      },
    });
    const disclose = () => slow.internal(auditor, recordOf('r-1')).then(() => order.push('given'));
    await Promise.all([disclose(), disclose()]);
    expect(order).toEqual(['recorded', 'given', 'given']);
  });

  test('is refused if it cannot be recorded, and recorded as soon as possible', async () => {
    let isFull = true;
    const full = recorderOn({
      append: (commit) =>
        isFull ? Promise.reject(new StoreUnavailableError('the disk is full')) : store.append(commit),
    });
    const ways = [
      () => full.log(auditor),
      () => full.internal(auditor, recordOf('r-1')),
      () => full.exported(auditor, recordOf('r-1'), FILE),
    ];
    for (const read of ways) await expect(read()).rejects.toMatchObject({ code: 'store-unavailable' });
    isFull = false;
    for (const read of ways) await read();
    expect(await events()).toHaveLength(3);
  });

  test('above the limit is not recorded until the next minute', async () => {
    for (let index = 0; index < 8; index += 1) await recorder.internal(auditor, recordOf(`r-${index}`));
    expect(await events()).toHaveLength(LIMITS.ofOne);
    now += 60_000;
    await recorder.internal(auditor, recordOf('r-7'));
    expect((await events()).slice(LIMITS.ofOne)).toMatchObject([
      { data: { kind: 'internal', streamId: 'recommendation-r-7' } },
    ]);
  });
});
