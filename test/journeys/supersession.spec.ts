import { beforeAll, describe, expect, it } from '@jest/globals';
import { startService } from '../support/service.ts';
import type { Client, RunningService } from '../support/service.ts';

let service: RunningService;
let inspector: Client;
let approver: Client;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
  approver = service.as('approver');
});

const issueRecord = async (): Promise<string> =>
  (await inspector.issue()).json.recommendations[0]?.id as string;

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

describe('a record that another one supersedes', () => {
  it('is closed, names its successor, and the successor names its predecessor', async () => {
    const [old, successor] = [await issueRecord(), await issueRecord()];
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
    // The successor is unchanged.
    expect(await inspector.command(successor, 'start-progress')).toMatchObject({
      status: 200,
      json: { version: 3 },
    });
  });
});

describe('records that supersede each other at the same moment', () => {
  it('never make a cycle, whichever wins', async () => {
    for (let round = 0; round < 10; round++) {
      const ring = [await issueRecord(), await issueRecord(), await issueRecord()];
      for (const [index, id] of ring.entries()) await request(id, ring[(index + 1) % ring.length] as string);
      const answers = await Promise.all(
        ring.map((id, index) => supersede(id, ring[(index + 1) % ring.length] as string)),
      );
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([200, 200, 422]);
    }
  });
});
