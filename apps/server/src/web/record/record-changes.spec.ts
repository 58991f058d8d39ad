import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { eventually } from '#test/support/service-child';
import { startService } from '#test/support/service';
import type { Client, RunningService } from '#test/support/service';

let service: RunningService;
let inspector: Client;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector', { subject: 'ann' });
});

const until = (condition: () => boolean | Promise<boolean>) =>
  eventually(
    async () => condition(),
    (isKeepingInput) => isKeepingInput,
  );

/** A page's event stream in a browser. */
interface Stream {
  readonly response: IncomingMessage;
  readonly messages: readonly { readonly version: number; readonly events: number }[];
  readonly text: () => string;
  readonly hasEnded: () => boolean;
}

const open: IncomingMessage[] = [];
afterEach(() => {
  for (const response of open.splice(0)) response.destroy();
});
afterAll(() => service.stop());

async function cookieOf(person: string): Promise<string> {
  const answer = await fetch(`${service.address}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: service.address },
    body: new URLSearchParams({ person, to: '/' }),
  });
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

async function openStream(person: string, id: string, after: number): Promise<Stream> {
  const cookie = await cookieOf(person);
  const address = `${service.address}/recommendations/${id}/changes?after=${after}`;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(address, { agent: false, headers: { cookie, accept: 'text/event-stream' } }, resolve).on(
      'error',
      reject,
    );
  });
  open.push(response);
  const state = { text: '', messages: [] as Stream['messages'][number][], ended: false };
  response.on('data', (piece: Buffer) => {
    state.text += piece.toString();
    state.messages = [...state.text.matchAll(/^data: (.*)$/gm)].map(
      ([, data = '']) => JSON.parse(data) as Stream['messages'][number],
    );
  });
  response.on('end', () => (state.ended = true));
  return {
    response,
    get messages() {
      return state.messages;
    },
    text: () => state.text,
    hasEnded: () => state.ended,
  };
}

const issue = async (recipient = 'wiltshire'): Promise<string> =>
  (await inspector.issue({ recipients: [recipient] })).json.recommendations[0]?.id ?? '';

describe('the changes of a record that a page shows', () => {
  test('are sent as they happen, as versions and counts alone', async () => {
    const id = await issue();
    const stream = await openStream('demo-force-lead', id, 1);
    expect(stream.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    await inspector.command(id, 'start-progress');
    await until(() => stream.messages.length > 0);
    await inspector.command(id, 'add-comment', { text: 'Seen by nobody here.', visibility: 'internal' });
    await inspector.command(id, 'add-comment', { text: 'Said aloud.' });
    await until(() => stream.messages.at(-1)?.version === 4);
    expect(stream.messages[0]).toEqual({ version: 2, events: 1 });
    expect(stream.messages.at(-1)).toEqual({ version: 4, events: 2 });
    expect(stream.text()).not.toContain('Said aloud');
  });

  test('from before the request are sent at once', async () => {
    const id = await issue();
    await inspector.command(id, 'start-progress');
    const stream = await openStream('demo-inspector', id, 1);
    await until(() => stream.messages.length === 1);
    expect(stream.messages).toEqual([{ version: 2, events: 1 }]);
  });

  test('of other records are not', async () => {
    const [id, other] = [await issue(), await issue()];
    const [stream, witness] = [
      await openStream('demo-inspector', id, 1),
      await openStream('demo-inspector', other, 1),
    ];
    await inspector.command(other, 'start-progress');
    await until(() => witness.messages.length === 1);
    expect(stream.messages).toEqual([]);
  });

  test('end once the record belongs to a different body', async () => {
    const id = await issue();
    const stream = await openStream('demo-force-lead', id, 1);
    await inspector.command(id, 'assign-recipient', { recipient: 'kent', reason: 'It was theirs.' });
    await until(() => stream.hasEnded());
    expect(stream.messages).toEqual([]);
    expect((await openStream('demo-force-lead', id, 1)).response.statusCode).toBe(404);
  });

  test('are limited to a number of pages per person, which does not affect others', async () => {
    const id = await issue();
    const streams = [];
    for (let count = 0; count < 10; count += 1) streams.push(await openStream('demo-approver', id, 1));
    expect(streams.map(({ response }) => response.statusCode)).toEqual(Array.from(streams, () => 200));
    expect((await openStream('demo-approver', id, 1)).response.statusCode).toBe(429);
    expect((await openStream('demo-auditor', id, 1)).response.statusCode).toBe(200);
    streams[0]?.response.destroy();
    await until(async () => (await openStream('demo-approver', id, 1)).response.statusCode === 200);
  });

  test('are refused to signed-out users, and without a version', async () => {
    const id = await issue();
    const answer = await fetch(`${service.address}/recommendations/${id}/changes?after=1`, {
      redirect: 'manual',
    });
    expect(answer.status).toBe(303);
    const cookie = await cookieOf('demo-inspector');
    const bare = await fetch(`${service.address}/recommendations/${id}/changes`, { headers: { cookie } });
    expect(bare.status).toBe(400);
  });

  test('do not delay a stop of the service', async () => {
    const stream = await openStream('demo-inspector', await issue(), 1);
    await service.stop();
    await until(() => stream.hasEnded());
    service = await startService();
    inspector = service.as('inspector', { subject: 'ann' });
  });
});
