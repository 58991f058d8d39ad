import { beforeAll, describe, expect, it } from '@jest/globals';
import { refusal, startService } from '../support/service.ts';
import type { Client, RunningService } from '../support/service.ts';

let service: RunningService;
let inspector: Client;
let approver: Client;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
  approver = service.as('approver');
});

const issued = async (): Promise<string> => (await inspector.issue()).json.recommendations[0]?.id as string;

const request = (id: string, supersededBy: string) =>
  inspector.command(id, 'request-closure', {
    outcome: 'superseded',
    supersededBy,
    statement: 'The newer one covers it.',
  });

const supersede = (id: string, by: string, headers: Record<string, string> = {}) =>
  approver.command(id, 'supersede', { by, statement: 'Covered by the newer one.' }, headers);

const typesOf = async (id: string): Promise<string[]> =>
  (await inspector.get(`/api/recommendations/${id}/events`)).json.items.map(({ type }) => type);

describe('a record that another one takes the place of', () => {
  it('is closed, names its successor, and the successor says whose place it takes', async () => {
    const [old, successor] = [await issued(), await issued()];
    await request(old, successor);
    const answer = await supersede(old, successor);
    expect(answer).toMatchObject({
      status: 200,
      json: { version: 3, status: 'no-further-action-needed', events: [{ type: 'NoFurtherActionDecided' }] },
    });
    expect((await inspector.get(`/api/recommendations/${old}`)).json).toMatchObject({
      supersededBy: successor,
    });
    expect(await typesOf(successor)).toEqual(['RecommendationIssued', 'SupersedesRecorded']);
    const { items } = (await inspector.get(`/api/recommendations/${successor}/events`)).json;
    expect(items[1]).toMatchObject({ data: { supersedes: old }, position: answer.json.position });
    // The successor goes on as it was.
    expect(await inspector.command(successor, 'start-progress')).toMatchObject({
      status: 200,
      json: { version: 3 },
    });
  });

  it('is told the same again under the same Idempotency-Key', async () => {
    const [old, successor] = [await issued(), await issued()];
    const key = { 'idempotency-key': `supersede-${old}` };
    await request(old, successor);
    const answer = await supersede(old, successor, key);
    expect((await supersede(old, successor, key)).json).toEqual(answer.json);
    expect(await typesOf(successor)).toEqual(['RecommendationIssued', 'SupersedesRecorded']);
  });

  it('is not closed for itself, for one that is not there, or for one that it takes the place of', async () => {
    const [a, b, c] = [await issued(), await issued(), await issued()];
    expect(await request(a, a)).toMatchObject(refusal(422, 'successor-is-itself'));
    expect(await request(a, 'nobody-knows-it')).toMatchObject(refusal(422, 'successor-not-found'));
    expect(await supersede(a, b)).toMatchObject(refusal(409, 'closure-request-needed'));
    await request(a, b);
    await request(c, a);
    expect(await supersede(a, b)).toMatchObject({ status: 200 });
    await request(b, c);
    expect(await supersede(b, c)).toMatchObject({ status: 200 });
    // The chain leads back since it was requested.
    expect(await supersede(c, a)).toMatchObject(refusal(422, 'supersede-cycle'));
    expect(await typesOf(c)).toEqual(['RecommendationIssued', 'ClosureRequested', 'SupersedesRecorded']);
    expect(await approver.command(a, 'reopen', { reason: 'It counts after all.' })).toMatchObject({
      status: 200,
    });
    expect((await inspector.get(`/api/recommendations/${a}`)).json).toMatchObject({ supersededBy: null });
    expect(await supersede(c, a)).toMatchObject({ status: 200 });
  });

  it('is not closed while a deadline of its successor was moved after the request, unless that is named', async () => {
    const [old, successor] = [await issued(), await issued()];
    await request(old, successor);
    const moved = await inspector.command(successor, 'set-deadline', { dueOn: '2099-12-31' });
    const outdated = await supersede(old, successor);
    const events = [expect.any(String), moved.json.events[0]?.eventId];
    expect(outdated).toMatchObject(refusal(409, 'decides-outdated'));
    expect(outdated.json).toMatchObject({ events });
    expect(await typesOf(successor)).toEqual(['RecommendationIssued', 'DeadlineSet']);
    const body = { by: successor, statement: 'Covered, and seen.', decides: outdated.json['events'] };
    expect(await approver.command(old, 'supersede', body)).toMatchObject({ status: 200 });
  });

  it('is asked for by an approver alone', async () => {
    const [old, successor] = [await issued(), await issued()];
    const body = { by: successor, statement: 'Covered.' };
    expect(await inspector.command(old, 'supersede', body)).toMatchObject(refusal(403, 'role-not-permitted'));
    expect(await typesOf(successor)).toEqual(['RecommendationIssued']);
  });
});

describe('records that supersede each other at the same moment', () => {
  it('never make a cycle, whichever wins', async () => {
    for (let round = 0; round < 10; round++) {
      const ring = [await issued(), await issued(), await issued()];
      for (const [index, id] of ring.entries()) await request(id, ring[(index + 1) % ring.length] as string);
      const answers = await Promise.all(
        ring.map((id, index) => supersede(id, ring[(index + 1) % ring.length] as string)),
      );
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([200, 200, 422]);
    }
  });
});
