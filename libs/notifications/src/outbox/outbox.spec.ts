import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { join } from 'node:path';
import type { DatabaseAddress } from '#projections/database-address';
import { addressed, digestEachHundred, notice } from '#test/support/notices';
import { DATABASE_KINDS } from '#test/support/read-model-databases';
import { temporaryFolder } from '#test/support/temporary-folder';
import { openOutbox, openExistingOutbox, OutboxUnusableError } from './outbox-database.ts';
import type { OutboxDatabase } from './outbox-database.ts';
import { countMessages, listMessages, retryMessage, retryMessages } from './outbox-list.ts';
import { Outbox } from './outbox.ts';
import { MESSAGE_NOTICES_MAX } from './record-messages.ts';
import type { AddressedNotice } from './record-messages.ts';

/** Records notices as a follower does, and moves its bookmark by one. */
async function add(outbox: Outbox, notices: readonly AddressedNotice[], now: number): Promise<void> {
  const from = (await outbox.follower('people'))!.position;
  await outbox.record('people', notices, { from, to: String(Number(from) + 1).padStart(2, '0'), now });
}

describe.each(DATABASE_KINDS)('on $name', (kind) => {
  let place: DatabaseAddress;
  let database: OutboxDatabase;
  let outbox: Outbox;
  const opened: OutboxDatabase[] = [];

  beforeEach(async () => {
    place = await kind.fresh();
    expect(await openExistingOutbox(place)).toBeNull();
    outbox = await another();
    database = opened[0]!;
    await outbox.begin('people', { log: 'e0', position: '00' });
  });

  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });

  /** Opens the outbox as another process does. */
  async function another(): Promise<Outbox> {
    const own = await openOutbox(place);
    opened.push(own);
    return new Outbox(own);
  }

  const record = (...keys: string[]): Promise<void> =>
    add(
      outbox,
      keys.map((key) => addressed(key)),
      10,
    );

  const claim = (now: number, owner = 'me', on = outbox) => on.claim('s1', { owner, now, until: now + 100 });

  describe('notices', () => {
    test('and the bookmark are stored together, or not at all', async () => {
      await record('e1', 'e2');
      expect((await outbox.follower('people'))?.position).toBe('01');
      expect(await countMessages(database)).toEqual({ waiting: 2, dead: 0 });
      // A notice that violates a constraint: the batch's earlier inserts are rolled back.
      const wrong = { ...addressed('e4'), notice: notice('e4', { kind: null as never }) };
      await expect(
        outbox.record('people', [addressed('e3'), wrong], { from: '01', to: '02', now: 10 }),
      ).rejects.toThrow(/not.null/i);
      expect((await outbox.follower('people'))?.position).toBe('01');
      expect((await countMessages(database)).waiting).toBe(2);
    });

    test('are not recorded by a process that another process has overtaken', async () => {
      const other = await another();
      expect(await other.record('people', [addressed('e1')], { from: '00', to: '01', now: 10 })).toBe(true);
      expect(await outbox.record('people', [addressed('e1')], { from: '00', to: '01', now: 10 })).toBe(false);
      expect((await countMessages(database)).waiting).toBe(1);
    });

    test('are recorded once for each receiver, after any repetition', async () => {
      const both = [addressed('e1'), addressed('e1', { receiver: 's2' })];
      await add(outbox, both, 10);
      await add(outbox, both, 20);
      expect((await countMessages(database)).waiting).toBe(2);
      expect((await outbox.due(10)).map(({ receiver }) => receiver).sort()).toEqual(['s1', 's2']);
    });

    test('start at the position that the first process recorded', async () => {
      await outbox.begin('people', { log: 'other', position: '99' });
      expect(await outbox.follower('people')).toEqual({ log: 'e0', position: '00' });
    });
  });

  describe('a claim', () => {
    test('belongs to one process at a time, until its lease expires', async () => {
      await record('e1');
      const other = await another();
      const first = await claim(10);
      expect(first).toMatchObject({ receiver: 's1', attempt: 1, notices: [notice('e1')] });
      expect(await claim(20, 'other', other)).toBeNull();
      expect(await other.due(20)).toEqual([]);
      expect(await claim(110, 'other', other)).toMatchObject({ id: first!.id, attempt: 2 });
      // After its lease has expired, a claim can still report a delivery, but no failure.
      await outbox.recordFailed(first!.id, { owner: 'me', error: 'late', retryAt: null, now: 111 });
      expect(await countMessages(database)).toEqual({ waiting: 1, dead: 0 });
      await outbox.recordDelivered(first!.id, 112);
      await other.recordFailed(first!.id, { owner: 'other', error: 'late', retryAt: 500, now: 113 });
      expect((await listMessages(database, { limit: 9 })).items).toMatchObject([
        { state: 'delivered', error: null },
      ]);
    });

    test('that is released does not count as an attempt', async () => {
      await record('e1');
      const { id } = (await claim(10))!;
      await outbox.release(id, 'other');
      expect(await claim(11)).toBeNull();
      await outbox.release(id, 'me');
      expect(await claim(12)).toMatchObject({ id, attempt: 1 });
    });

    test('selects the message that has been due longest', async () => {
      await record('e1');
      await record('e2');
      const { id } = (await claim(10))!;
      await outbox.recordFailed(id, { owner: 'me', error: 'HTTP 500', retryAt: 40, now: 11 });
      const second = (await claim(12))!;
      expect(second.notices).toEqual([notice('e2')]);
      await outbox.recordDelivered(second.id, 13);
      expect(await claim(39)).toBeNull();
      expect(await claim(40)).toMatchObject({ id, attempt: 2 });
    });
  });

  describe('messages in an order', () => {
    const inOrder = (key: string, order: string) => addressed(key, { order });
    const keyOf = async (now: number) => (await claim(now))?.notices[0]?.key;

    test('wait for the previous message while it is sent or waits for its next attempt; other messages do not', async () => {
      await add(outbox, [inOrder('a1', 'a'), inOrder('a2', 'a'), inOrder('b1', 'b'), addressed('c')], 10);
      const first = (await claim(10))!;
      expect(first.notices[0]?.key).toBe('a1');
      expect([await keyOf(10), await keyOf(10), await keyOf(10)]).toEqual(['b1', 'c', undefined]);
      const { items } = await listMessages(database, { limit: 9 });
      const whenNext = items.map(({ notices: [notice], nextAttemptAt }) => [notice?.eventId, nextAttemptAt]);
      expect(whenNext).toContainEqual(['a2', null]);
      await outbox.recordFailed(first.id, { owner: 'me', error: 'HTTP 500', retryAt: 60, now: 11 });
      expect(await outbox.due(50)).toEqual([]);
      expect(await keyOf(60)).toBe('a1');
      await outbox.recordDelivered(first.id, 61);
      expect(await keyOf(62)).toBe('a2');
    });

    test('continue behind a dead letter, and wait again while it is retried', async () => {
      await add(outbox, [inOrder('a1', 'a'), inOrder('a2', 'a')], 10);
      const { id } = (await claim(10))!;
      await outbox.recordFailed(id, { owner: 'me', error: 'HTTP 410', retryAt: null, now: 11 });
      await retryMessage(database, id, 12);
      expect(await keyOf(12)).toBe('a1');
      expect(await keyOf(12)).toBeUndefined();
      await outbox.recordFailed(id, { owner: 'me', error: 'HTTP 410', retryAt: null, now: 13 });
      expect(await keyOf(14)).toBe('a2');
    });
  });

  describe('notices of a group', () => {
    test('are one message, however many are recorded with them', async () => {
      const ofGroup = (key: string) => addressed(key, { group: 'g' });
      const alone = Array.from({ length: 40 }, (_, index) => addressed(`e${index}`));
      const grouped = Array.from({ length: 40 }, (_, index) => ofGroup(`g${index}`));
      const all = [...alone.slice(0, 20), ...grouped, ...alone.slice(20)];
      await outbox.record('people', all, { from: '00', to: '01', now: 10 });
      expect(await countMessages(database)).toEqual({ waiting: 41, dead: 0 });
      expect((await outbox.follower('people'))?.position).toBe('01');
      // As after a crash before the bookmark was moved.
      await add(outbox, all, 11);
      expect(await database.db.selectFrom('notices').select('key').execute()).toHaveLength(80);
      expect(await countMessages(database)).toEqual({ waiting: 41, dead: 0 });
    });

    test('are one message, until it is being sent', async () => {
      const ofGroup = (key: string) => addressed(key, { group: 'g' });
      await add(outbox, [ofGroup('e1'), ofGroup('e2'), addressed('e3'), addressed('e4', { group: 'h' })], 10);
      await add(outbox, [ofGroup('e2'), ofGroup('e5')], 10);
      const first = (await claim(10))!;
      expect(first.notices.map(({ key }) => key)).toEqual(['e1', 'e2', 'e5']);
      await add(outbox, [ofGroup('e6')], 11);
      const others = [await claim(11), await claim(11), await claim(11)];
      expect(others.map((message) => message?.notices.map(({ key }) => key))).toEqual([
        ['e3'],
        ['e4'],
        ['e6'],
      ]);
    });
  });

  describe('a digest', () => {
    const daily = async (key: string, now: number): Promise<void> => {
      await add(outbox, [addressed(key, { digest: digestEachHundred })], now);
    };

    test('collects notices until it is due, under one id', async () => {
      await daily('e1', 10);
      await daily('e2', 20);
      expect(await outbox.due(99)).toEqual([]);
      const message = (await claim(100))!;
      expect(message).toMatchObject({ digestOn: '2026-01-01', createdAt: 10 });
      expect(message.notices.map(({ key }) => key)).toEqual(['e1', 'e2']);
    });

    test('that is being sent accepts no further notices: the next one does', async () => {
      await daily('e1', 10);
      const first = (await claim(100))!;
      // Another process's clock is behind.
      await daily('e2', 95);
      await outbox.recordFailed(first.id, { owner: 'me', error: 'HTTP 500', retryAt: 150, now: 101 });
      await daily('e3', 96);
      expect((await claim(150))!.notices.map(({ key }) => key)).toEqual(['e1']);
      const second = (await claim(200))!;
      expect(second).toMatchObject({ digestOn: '2026-01-02' });
      expect(second.notices.map(({ key }) => key)).toEqual(['e2', 'e3']);
    });

    test('gets a second part instead of growing too large', async () => {
      for (let index = 0; index <= MESSAGE_NOTICES_MAX; index += 1) await daily(`e${index}`, 10);
      const { items } = await listMessages(database, { limit: 9 });
      expect(items.map(({ digestOn, noticeCount }) => [digestOn, noticeCount])).toEqual([
        ['2026-01-01', 1],
        ['2026-01-01', MESSAGE_NOTICES_MAX],
      ]);
    });
  });

  describe('dead letters', () => {
    const die = async (key: string): Promise<string> => {
      await record(key);
      const { id } = (await claim(10))!;
      await outbox.recordFailed(id, { owner: 'me', error: 'HTTP 410', retryAt: null, now: 11 });
      return id;
    };

    test('are listed with the reason, and retried on request', async () => {
      const id = await die('e1');
      expect(await claim(1_000)).toBeNull();
      expect((await listMessages(database, { state: 'dead', limit: 9 })).items).toMatchObject([
        {
          id,
          state: 'dead',
          error: 'HTTP 410',
          attempts: 1,
          nextAttemptAt: null,
          endedAt: '1970-01-01T00:00:00.011Z',
          notices: [{ recordId: '730', eventId: 'e1', kind: 'deadline-passed' }],
        },
      ]);
      expect(await retryMessage(database, id, 50)).toMatchObject({ state: 'waiting' });
      expect(await countMessages(database)).toEqual({ waiting: 1, dead: 0 });
      expect(await claim(50)).toMatchObject({ id, attempt: 1 });
    });

    test('are all retried at once', async () => {
      const ids = [await die('e1'), await die('e2')];
      expect(await retryMessages(database, { states: ['dead'] }, 50)).toHaveLength(2);
      expect([(await claim(50))?.id, (await claim(50))?.id].sort()).toEqual(ids.sort());
    });

    test('that were delivered, or never existed, are not retried', async () => {
      await record('e1');
      const { id } = (await claim(10))!;
      await outbox.recordDelivered(id, 11);
      expect(await retryMessage(database, id, 12)).toMatchObject({ state: 'delivered' });
      expect(await retryMessage(database, 'nothing', 12)).toBeNull();
      expect(await outbox.due(100)).toEqual([]);
    });
  });

  describe('the list', () => {
    test('forgets messages that ended long ago, and keeps the others', async () => {
      await record('e1', 'e2');
      await outbox.recordDelivered((await claim(10))!.id, 11);
      expect(await outbox.forgetEnded(11)).toBe(0);
      expect(await outbox.forgetEnded(12)).toBe(1);
      expect(await outbox.forgetEnded(12)).toBe(0);
      expect((await countMessages(database)).waiting).toBe(1);
      expect(await database.db.selectFrom('notices').select('key').execute()).toHaveLength(1);
    });
  });

  describe('several processes at once', () => {
    test('claim different messages, and record each notice once', async () => {
      const others = await Promise.all([1, 2, 3].map(another));
      const all = [outbox, ...others];
      const keys = Array.from({ length: 40 }, (_, index) => `e${index}`);
      await Promise.all(
        all.map((each) =>
          add(
            each,
            keys.flatMap((key) => [
              addressed(key),
              addressed(key, { receiver: 'daily', digest: digestEachHundred }),
            ]),
            10,
          ),
        ),
      );
      expect(await countMessages(database)).toEqual({ waiting: 41, dead: 0 });
      const claimed = await Promise.all(
        Array.from({ length: 80 }, (_, index) => claim(10, `o${index}`, all[index % all.length])),
      );
      const ids = claimed.flatMap((message) => (message === null ? [] : [message.id]));
      expect(new Set(ids).size).toBe(ids.length);
      for (let message = await claim(10); message !== null; message = await claim(10)) ids.push(message.id);
      expect(new Set(ids).size).toBe(40);
    });

    test('record each part of the log only once', async () => {
      const other = await another();
      const recorded = await Promise.all(
        [outbox, other, outbox, other].map((each) =>
          each.record('people', [addressed('e1')], { from: '00', to: '01', now: 10 }),
        ),
      );
      expect(recorded.filter(Boolean)).toHaveLength(1);
    });

    test('include a notice that arrives while its digest is started in this digest or in the next', async () => {
      const other = await another();
      let sent = 0;
      for (let day = 1; day <= 20; day += 1) {
        await add(outbox, [addressed(`a${day}`, { digest: digestEachHundred })], day * 100 - 50);
        const [message] = await Promise.all([
          claim(day * 100),
          add(other, [addressed(`b${day}`, { digest: digestEachHundred })], day * 100 - 50),
        ]);
        // A message to which notices are being added is left for the next round.
        if (message === null) continue;
        sent += message.notices.length;
        await outbox.recordDelivered(message.id, day * 100);
      }
      for (let message = await claim(10_000); message !== null; message = await claim(10_000)) {
        sent += message.notices.length;
        await outbox.recordDelivered(message.id, 10_000);
      }
      expect(sent).toBe(40);
    });
  });
});

test('for any failures and ends: each notice is one row, sent at least once or a dead letter, and in its order', async () => {
  const step = fc.record({
    does: fc.constantFrom('record', 'record', 'again', 'send', 'send', 'fail', 'die', 'crash', 'wait'),
    receiver: fc.constantFrom('s1', 's2'),
    order: fc.constantFrom('a', 'b', null),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const database = await openOutbox({ kind: 'memory' });
      const outbox = new Outbox(database);
      await outbox.begin('people', { log: 'e0', position: '00' });
      const recorded: AddressedNotice[] = [];
      const sent: string[] = [];
      const dead = new Set<string>();
      let now = 0;
      const claim = (receiver: string) => outbox.claim(receiver, { owner: 'me', now, until: now + 10 });
      for (const { does, receiver, order } of steps) {
        if (does === 'record')
          recorded.push(addressed(`e${recorded.length}`, { receiver, ...(order !== null && { order }) }));
        if (does === 'record' || does === 'again') await add(outbox, recorded, now);
        if (does === 'wait') now += 10;
        const isClaim = does === 'send' || does === 'fail' || does === 'die' || does === 'crash';
        const message = isClaim ? await claim(receiver) : null;
        if (message === null) continue;
        const { id } = message;
        const key = message.notices[0]!.key;
        // A crashing process may have sent the message but never records that.
        if (does === 'send' || does === 'crash') sent.push(key);
        if (does === 'send') await outbox.recordDelivered(id, now);
        if (does === 'fail')
          await outbox.recordFailed(id, { owner: 'me', error: 'HTTP 500', retryAt: now + 15, now });
        if (does === 'die') {
          dead.add(key);
          await outbox.recordFailed(id, { owner: 'me', error: 'HTTP 410', retryAt: null, now });
        }
      }
      for (now += 100; ;) {
        const [due] = await outbox.due(now);
        const message = due === undefined ? null : await claim(due.receiver);
        if (message === null) break;
        sent.push(message.notices[0]!.key);
        await outbox.recordDelivered(message.id, now);
      }
      await database.close();
      const keys = recorded.map(({ notice: { key } }) => key);
      expect(keys.filter((key) => !sent.includes(key) && !dead.has(key))).toEqual([]);
      const group = ({ receiver, order }: AddressedNotice) => `${receiver} ${order ?? ''}`;
      const ordered = recorded.filter(({ order }) => order !== undefined);
      for (const name of new Set(ordered.map(group))) {
        const own = ordered.filter((each) => group(each) === name).map(({ notice: { key } }) => key);
        const arrived = [...new Set(sent)].filter((key) => own.includes(key));
        expect(arrived).toEqual(own.filter((key) => arrived.includes(key)));
      }
    }),
    { numRuns: 60 },
  );
});

test('a file of another build is refused, and one of something else', async () => {
  const path = join(temporaryFolder(), 'outbox.sqlite');
  const file = new Database(path);
  file.pragma(`application_id = ${Buffer.from('DOCO').readInt32BE()}`);
  file.pragma('user_version = 1');
  const open = () => openOutbox({ kind: 'sqlite', path });
  await expect(open()).rejects.toThrow(
    'was created by another build of Docket: its schema is 1, and this build reads 5',
  );
  file.pragma('application_id = 1');
  await expect(open()).rejects.toThrow(OutboxUnusableError);
  file.close();
});
