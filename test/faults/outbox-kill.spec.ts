import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { sqliteSettings } from '../support/journey-store.ts';
import { startWebhookReceiver } from '../support/receivers.ts';
import type { WebhookReceiver } from '../support/receivers.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';
import { eventually } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let hook: WebhookReceiver;

beforeAll(async () => {
  hook = await startWebhookReceiver();
});
afterAll(() => hook.close());

test('given a service that is killed while a receiver has its message, then it is sent again under its id, and none is lost', async () => {
  const folder = temporaryFolder();
  const env = sqliteSettings(folder);
  let service: RunningService = await startService({ folder, env });
  const webhook = { url: hook.url, audience: 'inspectorate', types: ['CommentAdded'] };
  expect(await service.as('administrator').post('/api/webhooks', webhook)).toMatchObject({ status: 201 });
  const id = (await service.as('inspector').issue()).json.recommendations[0]?.id as string;
  const kills: Promise<unknown>[] = [];
  hook.answer = (_, response) => {
    // The second message has arrived, and its sender gets no answer.
    if (hook.requests.length === 2) kills.push(service.kill9());
    else response.writeHead(204).end();
  };
  for (const text of ['one', 'two', 'three'])
    await service
      .as('inspector')
      .command(id, 'add-comment', { text, visibility: 'public' })
      .catch(() => null);
  await eventually(
    () => Promise.resolve(kills.length),
    (count) => count === 1,
  );
  await kills[0];
  // A claim lasts 90 seconds: let it expire at once.
  const outbox = new Database(join(folder, 'docket.outbox.sqlite'));
  expect(
    outbox.prepare('UPDATE messages SET lease_until = 0 WHERE lease_until IS NOT NULL').run().changes,
  ).toBe(1);
  outbox.close();
  service = await startService({ folder, env });
  const { json } = await service.as('inspector').get(`/api/recommendations/${id}/events`);
  const stored = json.items.filter(({ type }) => type === 'CommentAdded').map(({ eventId }) => eventId);
  expect(stored.length).toBeGreaterThan(1);
  await eventually(
    () => Promise.resolve(hook.requests),
    ({ length }) => length > stored.length,
  );
  const sent = hook.requests.map(
    ({ id, body }) =>
      [id, (JSON.parse(body) as { data: { event: { eventId: string } } }).data.event.eventId] as const,
  );
  expect(sent[2]).toEqual(sent[1]);
  expect(sent.toSpliced(2, 1).map(([, eventId]) => eventId)).toEqual(stored);
  await service.stop();
});
