import 'reflect-metadata';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { systemClock } from '#event-sourcing/clock';
import { onEachDatabase } from '#test/support/read-model-harness';
import { openOutbox } from './outbox/outbox-database.ts';
import { Outbox } from './outbox/outbox.ts';
import type { OutboxDatabase } from './outbox/outbox-database.ts';
import { countMessages } from './outbox/outbox-list.ts';
import { deadlinesProjection } from '#read-models/deadlines/deadlines-projection';
import { parseNotifications } from './parse-notifications.ts';
import { followDeadlines } from './record-notices.ts';

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const hook = { url: 'https://tracker.example', secret };
const FILE = {
  baseUrl: 'https://docket.example',
  subscriptions: [{ id: 'tracker', roles: ['inspector'], bodies: 'all', webhook: hook }],
};

onEachDatabase('thresholds produce one notice each on $name', [deadlinesProjection], (models) => {
  const { log } = models;
  let database: OutboxDatabase;
  let outbox: Outbox;

  beforeEach(async () => {
    database = await openOutbox(await models.kind.fresh());
    outbox = new Outbox(database);
    // Positions of 26 digits, and 27 from the third event on, as in KurrentDB.
    log.clear(10n ** 26n - 4n);
    log.issue('a');
  });
  afterEach(() => outbox.close());

  const sources = () => ({
    store: log,
    database: models.database,
    outbox,
    notifications: parseNotifications(JSON.stringify(FILE), {}),
    clock: { ...systemClock, now: () => Date.parse('2026-04-30T09:00:00Z') },
    isTimeKnown: () => true,
    onError: (error: unknown) => {
      throw error;
    },
  });
  const cross = async (deadlineId: string) => {
    const data = { deadlineId, dateVersion: 1, kind: 'action', dueOn: '2026-03-31' } as const;
    const event = log.add('a', 'DeadlinePassed', data, { effectiveOn: '2026-04-01' });
    await models.fold();
    return event;
  };
  /** Returns whether anything new was recorded. */
  const record = async (): Promise<boolean> => {
    const before = await waitingCount();
    await followDeadlines(sources()).look();
    return (await waitingCount()) > before;
  };
  const waitingCount = async () => (await countMessages(database)).waiting;

  test('are handled once each where the log’s positions gain a digit', async () => {
    await followDeadlines(sources()).begin();
    const events = [];
    for (const id of ['d1', 'd2', 'd3']) {
      events.push(await cross(id));
      expect(await record()).toBe(true);
      expect(await record()).toBe(false);
    }
    expect(events.map(({ position }) => position.length)).toEqual([26, 27, 27]);
    expect(await waitingCount()).toBe(3);
  });

  test('are handled up to the last row, and no further', async () => {
    const following = followDeadlines(sources());
    await following.begin();
    await cross('d1');
    const data = { deadlineId: 'd2', dateVersion: 1, kind: 'action', dueOn: '2026-03-31' } as const;
    const { position } = log.add('a', 'DeadlinePassed', data, { effectiveOn: '2026-04-01' });
    await following.look();
    expect(await waitingCount()).toBe(1);
    expect(await following.whenHandled(position, 0)).toBe(false);
    await models.fold();
    await following.look();
    expect(await waitingCount()).toBe(2);
    expect(await following.whenHandled(position, 0)).toBe(true);
  });

  test('are handled from a position that was padded to fewer digits', async () => {
    log.clear();
    log.issue('a');
    const { position } = await cross('d1');
    await outbox.begin('deadlines', {
      log: 'e0',
      position: position.padStart(20, '0'),
      remindFrom: '2026-01-01',
    });
    expect(await record()).toBe(false);
    await cross('d2');
    expect(await record()).toBe(true);
    expect(await waitingCount()).toBe(1);
  });
});
