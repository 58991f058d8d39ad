import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { event, issuedEvent, recordOn } from '../support/records.ts';
import { pause, settingsIn } from '../support/service-child.ts';
import { refusal, startService } from '../support/service.ts';
import type { Client, RunningService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The number of comments, whose text exceeds the system's buffers for a peer that does not read. */
const COMMENTS = 56;
const LONG = 'é'.repeat(50_000);
/** Comments in one commit, which no store refuses as too large. */
const AT_ONCE = 8;
const OF_SUBJECT = 4;
const SUBJECTS = 5;

let service: RunningService;
let inspector: Client;
const unreadResponses: IncomingMessage[] = [];

beforeAll(async () => {
  const folder = temporaryFolder();
  const store = await openStore(parseStore(settingsIn(folder)['DOCKET_STORE'] ?? '', 'store'), {
    create: true,
  });
  const comment = event('CommentAdded', undefined, { text: LONG, visibility: 'public' });
  await recordOn(store, 'long', '2026-03-02', issuedEvent());
  for (let count = 0; count < COMMENTS; count += AT_ONCE)
    await recordOn(store, 'long', '2026-03-02', ...Array.from({ length: AT_ONCE }, () => comment));
  await store.close();
  service = await startService({ folder });
  inspector = service.as('inspector');
});

afterEach(() => {
  for (const answer of unreadResponses.splice(0)) answer.destroy();
});

/** Sends a request, and reads only the head of the response. */
const unread = (path: string, token: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    get(service.address + path, { agent: false, headers }, (answer) => {
      answer.on('error', () => undefined);
      unreadResponses.push(answer);
      resolve(answer);
    }).on('error', reject);
  });

describe('what is sent piece by piece and not read', () => {
  const path = '/api/recommendations/long/export?format=json';

  it('has four slots for one subject, on each of its routes', async () => {
    const timeline = '/api/recommendations/long/timeline';
    for (let count = 0; count < OF_SUBJECT; count += 1) await unread(timeline, inspector.token);
    expect(await inspector.get(timeline)).toMatchObject(refusal(429, 'rate-limited'));
  });

  it('has four slots for one subject, and others for other subjects', async () => {
    for (let count = 0; count < OF_SUBJECT; count += 1) {
      expect(await unread(path, inspector.token)).toMatchObject({ statusCode: 200 });
    }
    const refused = await inspector.get(path);
    expect(refused).toMatchObject(refusal(429, 'rate-limited'));
    expect(refused.headers['retry-after']).toBe('1');
    // This is refused before the record is looked up.
    expect(await inspector.get(path.replace('long', 'absent'))).toMatchObject(refusal(429, 'rate-limited'));

    const approver = service.as('approver');
    expect((await approver.get(path)).text.length).toBeGreaterThan(COMMENTS * LONG.length);
    for (let other = 1; other < SUBJECTS; other += 1) {
      const { token } = service.as('approver', { subject: `other-${other}` });
      for (let count = 0; count < OF_SUBJECT; count += 1) await unread(path, token);
    }
    const beyond = await service.as('auditor').get(path);
    expect(beyond).toMatchObject(refusal(503, 'too-busy'));
    expect(beyond.headers['retry-after']).toBe('1');
    expect(await service.as('auditor').get('/api/recommendations/long')).toMatchObject({ status: 200 });
  });

  it('is sent again once a reader has gone, for whom another waits a little', async () => {
    for (let count = 0; count < OF_SUBJECT; count += 1) await unread(path, inspector.token);
    const waiting = inspector.get(path);
    await pause(100);
    unreadResponses[0]?.destroy();
    expect(await waiting).toMatchObject({ status: 200 });
  });

  it('uses no slot for a reader that went while it waited', async () => {
    for (let count = 0; count < OF_SUBJECT; count += 1) await unread(path, inspector.token);
    const headers = { authorization: `Bearer ${inspector.token}` };
    const waiting = Array.from({ length: OF_SUBJECT }, () =>
      get(service.address + path, { agent: false, headers }).on('error', () => undefined),
    );
    await pause(500);
    for (const request of waiting) request.destroy();
    await pause(100);
    for (const answer of unreadResponses.splice(0)) answer.destroy();
    for (let count = 0; count < OF_SUBJECT; count += 1) {
      expect(await unread(path, inspector.token)).toMatchObject({ statusCode: 200 });
    }
  });
});

describe('many exports at once that are read', () => {
  it('all succeed', async () => {
    await inspector.issue({ id: 'short' });
    // Four are read concurrently, and the others wait at most 2 s, also on a busy machine.
    const many = 20;
    const answers = await Promise.all(
      Array.from({ length: many }, () => inspector.get('/api/recommendations/short/export?format=json')),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  });
});
