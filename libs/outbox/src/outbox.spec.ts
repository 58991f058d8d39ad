import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressed, digestEachHundred, notice } from '../spec-support/notices.ts';
import { openOutboxDatabase, OutboxUnusableError } from './outbox-database.ts';
import { countMessages, listMessages, retryDead, retryMessage } from './outbox-list.ts';
import { DIGEST_NOTICES_MAX, Outbox } from './outbox.ts';

let folder: string;
let path: string;
let database: ReturnType<typeof openOutboxDatabase>;
let outbox: Outbox;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docket-outbox-'));
  path = join(folder, 'outbox.sqlite');
  database = openOutboxDatabase(path, { create: true });
  outbox = new Outbox(database);
  outbox.begin({ log: 'e0', position: '00', remindFrom: '2026-01-01' });
});

afterEach(() => {
  outbox.close();
  rmSync(folder, { recursive: true });
});

const record = (...keys: string[]): void => {
  const from = outbox.follower()!.position;
  const to = String(Number(from) + 1).padStart(2, '0');
  outbox.record(
    keys.map((key) => addressed(key)),
    { from, to, now: 10 },
  );
};

const claim = (now: number, owner = 'me', on = outbox) => on.claim('s1', { owner, now, until: now + 100 });

describe('intents', () => {
  test('and the checkpoint move together, or not at all', () => {
    record('e1', 'e2');
    expect(outbox.follower()?.position).toBe('01');
    expect(countMessages(database)).toEqual({ waiting: 2, dead: 0 });
    // A notice that no row can hold: what came before it in the batch is taken back.
    const wrong = { ...addressed('e4'), notice: notice('e4', { kind: null as never }) };
    expect(() => outbox.record([addressed('e3'), wrong], { from: '01', to: '02', now: 10 })).toThrow(
      /NOT NULL/,
    );
    expect(outbox.follower()?.position).toBe('01');
    expect(countMessages(database).waiting).toBe(2);
  });

  test('are not recorded by who has been overtaken by another process', () => {
    const other = new Outbox(openOutboxDatabase(path, { create: false }));
    expect(other.record([addressed('e1')], { from: '00', to: '01', now: 10 })).toBe(true);
    expect(outbox.record([addressed('e1')], { from: '00', to: '01', now: 10 })).toBe(false);
    expect(countMessages(database).waiting).toBe(1);
    other.close();
  });

  test('are recorded once for each subscription, whatever is derived again', () => {
    const both = [addressed('e1'), addressed('e1', { subscription: 's2' })];
    outbox.recordReminders(both, 10);
    outbox.recordReminders(both, 20);
    expect(countMessages(database).waiting).toBe(2);
    expect(outbox.due(10).sort()).toEqual(['s1', 's2']);
  });

  test('start where the first process said', () => {
    outbox.begin({ log: 'other', position: '99', remindFrom: '2000-01-01' });
    expect(outbox.follower()).toEqual({
      log: 'e0',
      position: '00',
      remindFrom: '2026-01-01',
      remindedOn: null,
    });
    outbox.reminded('2026-03-01');
    expect(outbox.follower()?.remindedOn).toBe('2026-03-01');
  });
});

describe('a claim', () => {
  test('is of one process at a time, until its lease is over', () => {
    record('e1');
    const other = new Outbox(openOutboxDatabase(path, { create: false }));
    const first = claim(10);
    expect(first).toMatchObject({ subscription: 's1', attempt: 1, notices: [notice('e1')] });
    expect(claim(20, 'other', other)).toBeNull();
    expect(other.due(20)).toEqual([]);
    expect(claim(110, 'other', other)).toMatchObject({ id: first!.id, attempt: 2 });
    // Whose lease is over has nothing to say of a failure; but what was delivered is delivered.
    outbox.failed(first!.id, { owner: 'me', error: 'late', retryAt: null, now: 111 });
    expect(countMessages(database)).toEqual({ waiting: 1, dead: 0 });
    outbox.delivered(first!.id, 112);
    other.failed(first!.id, { owner: 'other', error: 'late', retryAt: 500, now: 113 });
    expect(listMessages(database, { limit: 9 }).items).toMatchObject([{ state: 'delivered', error: null }]);
    other.close();
  });

  test('that is given back is no attempt', () => {
    record('e1');
    const { id } = claim(10)!;
    outbox.release(id, 'other');
    expect(claim(11)).toBeNull();
    outbox.release(id, 'me');
    expect(claim(12)).toMatchObject({ id, attempt: 1 });
  });

  test('is of the message that has been due longest', () => {
    record('e1');
    record('e2');
    const { id } = claim(10)!;
    outbox.failed(id, { owner: 'me', error: 'HTTP 500', retryAt: 40, now: 11 });
    const second = claim(12)!;
    expect(second.notices).toEqual([notice('e2')]);
    outbox.delivered(second.id, 13);
    expect(claim(39)).toBeNull();
    expect(claim(40)).toMatchObject({ id, attempt: 2 });
  });
});

describe('a digest', () => {
  const daily = (key: string, now: number): void => {
    outbox.recordReminders([addressed(key, { digest: digestEachHundred })], now);
  };

  test('holds what comes until it is due, under one id', () => {
    daily('e1', 10);
    daily('e2', 20);
    expect(outbox.due(99)).toEqual([]);
    const message = claim(100)!;
    expect(message).toMatchObject({ digestOn: '2026-01-01', createdAt: 10 });
    expect(message.notices.map(({ key }) => key)).toEqual(['e1', 'e2']);
  });

  test('that was begun takes no more: the next one does', () => {
    daily('e1', 10);
    const first = claim(100)!;
    // The clock of another process is behind.
    daily('e2', 95);
    outbox.failed(first.id, { owner: 'me', error: 'HTTP 500', retryAt: 150, now: 101 });
    daily('e3', 96);
    expect(claim(150)!.notices.map(({ key }) => key)).toEqual(['e1']);
    const second = claim(200)!;
    expect(second).toMatchObject({ digestOn: '2026-01-02' });
    expect(second.notices.map(({ key }) => key)).toEqual(['e2', 'e3']);
  });

  test('has a second part where it would grow too large', () => {
    for (let index = 0; index <= DIGEST_NOTICES_MAX; index += 1) daily(`e${index}`, 10);
    const { items } = listMessages(database, { limit: 9 });
    expect(items.map(({ digestOn, noticeCount }) => [digestOn, noticeCount])).toEqual([
      ['2026-01-01', 1],
      ['2026-01-01', DIGEST_NOTICES_MAX],
    ]);
  });
});

describe('dead letters', () => {
  const die = (key: string): string => {
    record(key);
    const { id } = claim(10)!;
    outbox.failed(id, { owner: 'me', error: 'HTTP 410', retryAt: null, now: 11 });
    return id;
  };

  test('are listed, with why, and tried again when somebody asks', () => {
    const id = die('e1');
    expect(claim(1_000)).toBeNull();
    expect(listMessages(database, { state: 'dead', limit: 9 }).items).toMatchObject([
      {
        id,
        state: 'dead',
        error: 'HTTP 410',
        attempts: 1,
        nextAttemptAt: null,
        endedAt: '1970-01-01T00:00:00.011Z',
        notices: [{ recordId: '730', deadlineId: 'd1', kind: 'passed', day: '2026-11-24' }],
      },
    ]);
    expect(retryMessage(database, id, 50)).toMatchObject({ state: 'dead' });
    expect(countMessages(database)).toEqual({ waiting: 1, dead: 0 });
    expect(claim(50)).toMatchObject({ id, attempt: 1 });
  });

  test('are tried again all at once', () => {
    const ids = [die('e1'), die('e2')];
    expect(retryDead(database, 50)).toBe(2);
    expect([claim(50)?.id, claim(50)?.id].sort()).toEqual(ids.sort());
  });

  test('are made of what waits for a subscription that is gone', () => {
    record('e1');
    outbox.recordReminders([addressed('e2', { subscription: 's2' })], 10);
    expect(outbox.abandonOthers(['s1'], 20)).toBe(1);
    expect(listMessages(database, { state: 'dead', limit: 9 }).items).toMatchObject([
      { subscription: 's2', error: 'the subscription is not configured any more' },
    ]);
  });

  test('that were delivered, or never were, are not tried again', () => {
    record('e1');
    const { id } = claim(10)!;
    outbox.delivered(id, 11);
    expect(retryMessage(database, id, 12)).toMatchObject({ state: 'delivered' });
    expect(retryMessage(database, 'nothing', 12)).toBeNull();
    expect(outbox.due(100)).toEqual([]);
  });
});

describe('the list', () => {
  test('is read in pages, the newest first', () => {
    record('e1', 'e2', 'e3');
    const first = listMessages(database, { limit: 2 });
    const second = listMessages(database, { limit: 2, after: first.next! });
    expect(second.next).toBeNull();
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(
      listMessages(database, { limit: 9 }).items.map(({ id }) => id),
    );
    expect(first.items).toHaveLength(2);
  });

  test('forgets what was delivered long ago, and keeps what was not', () => {
    record('e1', 'e2');
    outbox.delivered(claim(10)!.id, 11);
    expect(outbox.forgetDelivered(11)).toBe(0);
    expect(outbox.forgetDelivered(12)).toBe(1);
    expect(countMessages(database).waiting).toBe(1);
    expect(database.prepare('select count(*) from notices').pluck().get()).toBe(1);
  });
});

describe('a file', () => {
  test('that is something else, or is not there, is refused', () => {
    writeFileSync(
      join(folder, 'text'),
      'no database, but a text that is long enough to be taken for one'.repeat(40),
    );
    expect(() => openOutboxDatabase(join(folder, 'text'), { create: true })).toThrow(OutboxUnusableError);
    expect(() => openOutboxDatabase(join(folder, 'none'), { create: false })).toThrow(OutboxUnusableError);
    database.pragma('user_version = 99');
    expect(() => openOutboxDatabase(path, { create: true })).toThrow(/has schema 99/);
    database.pragma('application_id = 1');
    expect(() => openOutboxDatabase(path, { create: true })).toThrow(/is not an outbox/);
  });
});
