import { beforeAll, describe, expect, it } from '@jest/globals';
import { recommendation, refusal, startService } from '../support/service.ts';
import type { Client, RunningService } from '../support/service.ts';

let service: RunningService;
let inspector: Client;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
});

let keys = 0;
const newKey = () => ({ 'idempotency-key': `key ${(keys += 1)}` });

const issueRecord = async (): Promise<string> =>
  (await inspector.issue()).json.recommendations[0]?.id as string;

const versionOf = async (id: string): Promise<number> =>
  (await inspector.get(`/api/recommendations/${id}`)).json.version;

describe('a command under an Idempotency-Key', () => {
  it('is executed once, and answered the same every time', async () => {
    const id = await issueRecord();
    const key = newKey();
    const first = await inspector.command(id, 'add-comment', { text: 'Once.', visibility: 'public' }, key);
    await inspector.command(id, 'start-progress');
    for (let again = 0; again < 3; again += 1) {
      const answer = await inspector.command(id, 'add-comment', { text: 'Once.', visibility: 'public' }, key);
      expect(answer).toMatchObject({
        status: 200,
        headers: { etag: expect.stringMatching(/^"2-\d{4}-\d{2}-\d{2}"$/) },
      });
      expect(answer.json).toEqual(first.json);
    }
    expect(await versionOf(id)).toBe(3);
  });

  it('is the same however its body is written', async () => {
    const id = await issueRecord();
    const key = newKey();
    await inspector.command(id, 'add-comment', { text: 'é', visibility: 'public' }, key);
    const other = '{ "visibility":"public",\n "text":"\\u00e9" }';
    expect(await inspector.command(id, 'add-comment', other, key)).toMatchObject({
      status: 200,
      json: { version: 2 },
    });
    expect(await versionOf(id)).toBe(2);
  });

  it('needs a key of 1 to 255 characters', async () => {
    const id = await issueRecord();
    const starting = (key: string) => inspector.command(id, 'start-progress', {}, { 'idempotency-key': key });
    expect(await starting('')).toMatchObject(refusal(400, 'invalid-header'));
    expect(await starting('k'.repeat(256))).toMatchObject(refusal(400, 'invalid-header'));
    expect(await starting('k'.repeat(255))).toMatchObject({ status: 200 });
  });
});

describe('an issue under an Idempotency-Key', () => {
  it('is executed once, also with a generated id', async () => {
    const key = newKey();
    const { id: _id, ...sent } = recommendation();
    const first = await inspector.post('/api/recommendations', sent, key);
    const again = await inspector.post('/api/recommendations', sent, key);
    expect(again).toMatchObject({ status: 201, headers: { location: first.headers.location } });
    expect(again.json).toEqual(first.json);
  });

  it('is executed once for all of several bodies', async () => {
    const key = newKey();
    const sent = recommendation({
      recipients: ['avon', 'dorset', 'kent'],
      responseRequired: true,
      deadlines: [{ dueOn: '2020-04-01' }],
    });
    const first = await inspector.post('/api/recommendations', sent, key);
    const again = await inspector.post('/api/recommendations', sent, key);
    expect(first.json.recommendations.map(({ version }) => version)).toEqual([4, 4, 4]);
    expect(again.json).toEqual(first.json);
    expect(again.headers.location).toBe(`/api/recommendations?issue=${sent.id}`);
    expect(await inspector.post('/api/recommendations', sent)).toMatchObject(refusal(409, 'id-already-used'));
    expect(
      await inspector.post('/api/recommendations', { ...sent, recipients: ['avon', 'dorset'] }, key),
    ).toMatchObject(refusal(422, 'idempotency-key-reused'));
  });
});

describe('an import under an Idempotency-Key', () => {
  it('is executed once', async () => {
    const headers = { ...newKey(), 'content-type': 'text/plain' };
    const first = await inspector.post('/api/imports', 'A title (k-1)\n\nText.\n', headers);
    const again = await inspector.post('/api/imports', 'A title (k-1)\n\nText.\n', headers);
    expect(again.status).toBe(201);
    expect(again.json).toEqual(first.json);
    expect(await inspector.post('/api/imports', 'A title (k-2)\n', headers)).toMatchObject(
      refusal(422, 'idempotency-key-reused'),
    );
    expect(await inspector.post('/api/imports?id=k-3', 'A title (k-1)\n\nText.\n', headers)).toMatchObject(
      refusal(422, 'idempotency-key-reused'),
    );
  });
});

describe('If-Match', () => {
  const comment = (id: string, ifMatch: string) =>
    inspector.command(id, 'add-comment', { text: 'Seen.', visibility: 'public' }, { 'if-match': ifMatch });

  it.each(['"7", "1"', '"7", "1-2026-11-24"', '"1","9"', ' "1" ', '*', '"x", "1"'])(
    'matches any of a list: %s',
    async (ifMatch) => {
      expect(await comment(await issueRecord(), ifMatch)).toMatchObject({ status: 200 });
    },
  );

  it.each([
    'W/"1"',
    'W/"1-2026-11-24"',
    '"1-soon"',
    '"01"',
    '"abc"',
    '""',
    '"2", W/"1"',
    '"99999999999999999999"',
  ])('does not match by a weak or a foreign tag: %s', async (ifMatch) => {
    expect(await comment(await issueRecord(), ifMatch)).toMatchObject(
      refusal(412, 'version-mismatch', { currentVersion: 1 }),
    );
  });

  it.each(['1', 'w/"1"', '"1', '"1" "2"', '1, 2'])('is refused if it is malformed: %s', async (ifMatch) => {
    expect(await comment(await issueRecord(), ifMatch)).toMatchObject(refusal(400, 'invalid-header'));
  });
});
