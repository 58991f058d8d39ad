import { beforeEach, describe, expect, test } from '@jest/globals';
import { untilTrue } from '#test/support/event-streams';
import { RecordLog } from '#test/support/record-log';
import { Moments } from './moments.ts';
import type { LivesAt } from './moments.ts';

/** A log whose first page, with which each reading of the whole log begins, can be delayed. */
class HeldLog extends RecordLog {
  /** The number of times that the whole log was read. */
  readings = 0;
  failure: Error | null = null;
  #gate: Promise<unknown> = Promise.resolve();

  /** Delays the page, and returns a function that lets it pass. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#gate = promise;
    return () => {
      resolve(undefined);
    };
  }

  override async readAll(options?: Parameters<RecordLog['readAll']>[0]) {
    if (options?.after === '0') {
      await this.#gate;
      this.readings += 1;
    }
    if (this.failure !== null) throw this.failure;
    return super.readAll(options);
  }
}

let log: HeldLog;
let moments: Moments;
beforeEach(() => {
  log = new HeldLog();
  moments = new Moments(log, { patienceMs: 20, onFolded: () => undefined });
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) log.issue(id);
});

const NOT_READY = { code: 'past-not-ready' };
/** Returns the time at which the record with this number was issued, which is known then. */
const momentOf = (number: number): string => new Date(Date.UTC(2026, 0, 1) + number * 1_000).toISOString();
const sizeOf = ({ set }: LivesAt): number => [...set.lives.streams()].length;

/** Returns the lives when they have been read. */
async function at(knownAt: string | null, who: string | null = null): Promise<LivesAt> {
  let found: LivesAt | undefined;
  await untilTrue(async () => {
    found = await moments.at(knownAt, who).catch(() => undefined);
    return found !== undefined;
  });
  return found as LivesAt;
}

describe('the lives of all events', () => {
  test('given that the log is being read, then callers are refused, and one read serves them all', async () => {
    const pass = log.hold();
    await expect(moments.at(null, 'ann')).rejects.toMatchObject({ ...NOT_READY, percent: 0 });
    await expect(moments.at(null, 'ben')).rejects.toMatchObject(NOT_READY);
    pass();
    expect(sizeOf(await at(null))).toBe(7);
    expect(log.readings).toBe(1);
  });

  test('follow the log: new records, backdated events and other bodies', async () => {
    await at(null);
    log.issue('h');
    log.add('a', 'ProgressStarted', {}, { effectiveOn: '2026-02-01' });
    log.add('a', 'RecipientAssigned', { recipient: 'kent' }, { effectiveOn: '2026-01-15' });
    const { set, position } = await at(null);
    expect([...set.lives.streams()]).toHaveLength(8);
    expect(position).toBe(await log.lastPosition());
    expect(set.lives.bodyToday('recommendation-a')).toBe('kent');
    expect(set.lives.rowOf('recommendation-a', '2026-01-20')).toMatchObject({
      recipient: 'kent',
      version: 3,
    });
    expect(set.lives.rowOf('recommendation-a', '2026-01-10')).toMatchObject({
      recipient: 'avon',
      version: 1,
    });
  });

  test('given a failure of the log, then callers get it, and the next one reads it again', async () => {
    log.failure = new Error('the log is away');
    await expect(moments.at(null, null)).rejects.toThrow('the log is away');
    log.failure = null;
    expect(sizeOf(await at(null))).toBe(7);
    log.failure = new Error('away again');
    await expect(moments.at(momentOf(2), null)).rejects.toThrow('away again');
    log.failure = null;
    expect(sizeOf(await at(momentOf(2)))).toBe(3);
  });
});

describe('the lives of a past moment', () => {
  test('know what was recorded by then; those of the newest event are the lives of all', async () => {
    const today = await at(null);
    expect(sizeOf(await at(momentOf(2)))).toBe(3);
    expect((await at(momentOf(6))).set).toBe(today.set);
    log.add('a', 'RecipientAssigned', { recipient: 'kent' });
    const { set, today: now } = await at(momentOf(2));
    expect(set.lives.rowOf('recommendation-a', '2026-01-20')).toMatchObject({ recipient: 'avon' });
    expect(now.lives.bodyToday('recommendation-a')).toBe('kent');
  });

  test('are read one after another: one for each person, and four may wait', async () => {
    await at(null);
    const pass = log.hold();
    const refusalOf = (number: number, who: string) =>
      moments.at(momentOf(number), who).then(
        () => 'answered',
        (error: unknown) => (error as Error).message,
      );
    const reading = 'The past is being read from the log';
    expect(await refusalOf(0, 'ann')).toBe(reading);
    expect(await refusalOf(0, 'ben')).toBe(reading);
    expect(await refusalOf(1, 'ann')).toMatch(/^Another past time that you asked for/);
    for (const [index, who] of ['ben', 'cy', 'dan', 'eve'].entries())
      expect(await refusalOf(1 + index, who)).toBe(reading);
    expect(await refusalOf(5, 'fay')).toMatch(/^4 past times are waiting/);
    // The lives of all events are not delayed.
    log.issue('h');
    expect(sizeOf(await moments.at(null, 'fay'))).toBe(8);
    pass();
    expect(sizeOf(await at(momentOf(4), 'eve'))).toBe(5);
    expect(log.readings).toBe(1 + 5);
  });

  test('are kept for the last two', async () => {
    for (const number of [0, 1, 0, 1]) await at(momentOf(number), 'ann');
    expect(log.readings).toBe(1 + 2);
    await at(momentOf(2), 'ann');
    await at(momentOf(1), 'ann');
    expect(log.readings).toBe(1 + 3);
    await at(momentOf(0), 'ann');
    expect(log.readings).toBe(1 + 4);
  });

  test('given a person who asks for many, then those of another person are kept', async () => {
    const { set } = await at(momentOf(0), 'ben');
    for (const number of [1, 2, 3, 4, 5]) await at(momentOf(number), 'ann');
    expect((await at(momentOf(0), 'ben')).set).toBe(set);
  });
});
