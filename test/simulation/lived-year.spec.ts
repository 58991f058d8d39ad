import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import pino from 'pino';
import type { Envelope } from '#event-sourcing/envelope';
import { createApp } from '#server/app';
import type { Random } from '#event-sourcing/random';
import { loadOrCreateDevelopmentKey } from '#platform/development-key';
import { issueToken } from '#identity/tokens';
import { addDays } from '#lifecycle/plain-date';
import { openNode } from '#platform/node';
import { readSettings } from '#platform/settings';
import { collectLog, untilTrue } from '../support/event-streams.ts';
import { randomOf } from '../support/random.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const isLong = process.env['DOCKET_TEST_LONG'] !== undefined;
/** The long form is a year with both clock changes and 29 February; the short form has 29 February and one change. */
const [FIRST, DAYS] = isLong ? (['2027-07-01', 366] as const) : (['2027-12-01', 130] as const);
const DAY_MS = 86_400_000;
/** The interval in days of issues, remarks and requests for more time. */
const ASKED_EACH_DAYS = 18;

/** Returns seeded randomness, in which ids and salts are separate sequences. */
function seededRandom(seed: number): Random {
  const [ids, salts, fraction] = [randomOf(seed), randomOf(seed + 1), randomOf(seed + 2)] as const;
  const bytesOf = (draw: () => number, count: number): Buffer =>
    Buffer.from(Array.from({ length: count }, () => Math.floor(draw() * 256)));
  return {
    uuid: () => {
      const hex = bytesOf(ids, 16).toString('hex');
      return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
    },
    bytes: (count) => bytesOf(salts, count),
    fraction,
  };
}

const closing: (() => Promise<void>)[] = [];
const closeAll = async (): Promise<void> => {
  for (const close of closing.splice(0).reverse()) await close();
};
afterEach(closeAll);

/** Starts the server application with its schedule, on a virtual clock and seeded randomness. */
async function startService(clock: VirtualClock, random: Random) {
  const folder = temporaryFolder();
  const settings = readSettings({
    DOCKET_STORE: 'memory:',
    DOCKET_DEVELOPMENT_KEY: join(folder, 'key.jwk'),
  });
  const troubles: unknown[] = [];
  let swept = 0;
  const reports = {
    onError: (message: string) => troubles.push(message),
    onProjectorError: (message: string) => troubles.push(message),
    onFailure: (what: string, error: unknown) => troubles.push([what, error]),
    onWarning: (message: string) => troubles.push(message),
    onSwept: () => (swept += 1),
    onDelivery: () => undefined,
  };
  const work = { http: true as const, project: true, sweep: '3 0 * * *', checkpoints: null };
  const node = await openNode(settings, reports, work, { clock, random });
  closing.push(() => node.close());
  const app = await createApp(node, pino({ level: 'silent' }));
  closing.push(() => app.close());
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  const key = await loadOrCreateDevelopmentKey(settings.developmentKey);
  node.start();
  await untilTrue(() => swept === 1);
  return {
    node,
    troubles,
    /** Moves to an instant. On a new day, waits until its deadlines are swept. */
    async moveTo(now: number): Promise<void> {
      const before = swept;
      const isOtherDay = Math.floor(now / DAY_MS) > Math.floor(clock.now() / DAY_MS);
      await clock.moveTo(now);
      if (isOtherDay) await untilTrue(() => swept > before);
    },
    async send(role: string, path: string, body: object): Promise<void> {
      const person = {
        subject: `a-${role}`,
        roles: [role],
        organisations: role === 'force-lead' ? ['avon'] : [],
        expiresInSeconds: 600,
      };
      const token = await issueToken(key, person, clock.now());
      const answer = await fetch(`http://127.0.0.1:${port}/api/recommendations${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    },
  };
}

/** Simulates the days; returns the stored log. */
async function liveThrough(seed: number): Promise<string> {
  const begin = Date.parse(FIRST);
  const service = await startService(new VirtualClock(begin), seededRandom(seed));
  const { node, troubles } = service;
  const choose = randomOf(seed + 3);
  for (let day = 0, issued = 0; day < DAYS; day += 1) {
    // This is past midnight in London in summer and in winter.
    await service.moveTo(begin + day * DAY_MS + 4_200_000);
    if (day % ASKED_EACH_DAYS !== 0) continue;
    await service.moveTo(begin + day * DAY_MS + 32_400_000 + Math.floor(choose() * 3_600_000));
    const today = addDays(FIRST, day);
    const id = `year-${issued}`;
    const deadlines = [{ dueOn: addDays(today, 10 + Math.floor(choose() * 90)) }];
    const text = `The force should act on what was found on ${today}.`;
    const report = { name: 'A report', publishedOn: addDays(today, -3) };
    const recommendation = { id, title: `Finding ${issued}`, text, recipients: ['avon'], report, deadlines };
    await service.send('inspector', '', recommendation);
    await service.send('inspector', `/${id}/commands/add-comment`, {
      text: `A remark of ${today}.`,
      visibility: 'public',
    });
    if (choose() < 0.5) {
      const extension = { deadlineId: 'd1', dueOn: addDays(today, 120), reason: 'More time.' };
      await service.send('force-lead', `/${id}/commands/request-extension`, extension);
      await service.send('inspector', `/${id}/commands/grant-extension`, { deadlineId: 'd1' });
    }
    issued += 1;
  }
  const events = await collectLog(node.store);
  expect(troubles).toEqual([]);
  await closeAll();
  return events.map((event) => JSON.stringify(event)).join('\n');
}

test('given the same requests one after the other, then the deadlines of many days are the same log to the byte', async () => {
  const year = await liveThrough(7);
  const again = await liveThrough(7);
  expect(again).toBe(year);
  const events = year.split('\n').map((line) => JSON.parse(line) as Envelope);
  // A new nonce is drawn for each event, although the seed is fixed.
  expect(new Set(events.map(({ nonce }) => nonce)).size).toBe(events.length);
  const types = events.map(({ type }) => type);
  for (const type of ['DeadlineApproaching', 'DeadlinePassed', 'DeadlineEscalated'])
    expect(types).toContain(type);
}, 120_000);
