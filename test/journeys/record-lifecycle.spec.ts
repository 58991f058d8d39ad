import { beforeAll, describe, expect, it } from '@jest/globals';
import { DOCUMENTED } from '../support/documented-commands.ts';
import { recommendation, startService } from '../support/service.ts';
import type { Client, RunningService } from '../support/service.ts';

let service: RunningService;
let inspector: Client;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
  const owner = { subject: 'o', name: 'Olive Oakes', organisations: ['wiltshire', 'kent'] };
  await service.as('administrator').post('/api/people', owner);
});

const issueRecord = async (more?: object): Promise<string> =>
  (await inspector.issue(more)).json.recommendations[0]?.id as string;

describe('a recommendation to one body', () => {
  it('is issued under the requested id, and found at its Location', async () => {
    const sent = recommendation({ id: 'R.one_1' });
    const answer = await inspector.post('/api/recommendations', sent);
    expect(answer).toMatchObject({
      status: 201,
      headers: { location: '/api/recommendations/R.one_1' },
      json: { recommendations: [{ id: 'R.one_1', version: 1, status: 'awaiting-review' }] },
    });
    const record = await inspector.get(answer.headers.location as string);
    expect(record).toMatchObject({
      status: 200,
      headers: { etag: expect.stringMatching(/^"1-\d{4}-\d{2}-\d{2}"$/) },
      json: {
        id: 'R.one_1',
        title: sent.title,
        text: sent.text,
        recipient: 'wiltshire',
        status: 'awaiting-review',
        state: {
          progress: 'awaiting-review',
          closure: 'none',
          evidence: 'none',
          response: 'not-required',
          deadline: 'none',
        },
        version: 1,
        lifecycle: { name: 'inspection-recommendation', version: 1 },
        report: sent.report,
        deadlines: [],
        owner: null,
        anomalies: [],
      },
    });
  });
});

describe('a recommendation to several bodies', () => {
  it('becomes a record each, found together at its Location', async () => {
    const answer = await inspector.issue({ id: 'joint', recipients: ['avon', 'dorset', 'wiltshire'] });
    expect(answer.json.recommendations).toEqual([
      { id: 'joint.avon', version: 1, status: 'awaiting-review' },
      { id: 'joint.dorset', version: 1, status: 'awaiting-review' },
      { id: 'joint.wiltshire', version: 1, status: 'awaiting-review' },
    ]);
    expect(answer.headers.location).toBe('/api/recommendations?issue=joint');
    const list = await inspector.get(`/api/recommendations?issue=joint&minPosition=${answer.json.position}`);
    expect(list.json.items.map(({ id }) => id).sort()).toEqual([
      'joint.avon',
      'joint.dorset',
      'joint.wiltshire',
    ]);
  });
});

describe('a command', () => {
  it('returns its events, the state of the record, and its new ETag', async () => {
    const id = await issueRecord();
    const answer = await inspector.command(id, 'start-progress');
    expect(answer).toMatchObject({
      status: 200,
      headers: { etag: expect.stringMatching(/^"2-\d{4}-\d{2}-\d{2}"$/) },
      json: {
        id,
        version: 2,
        status: 'being-progressed',
        state: { progress: 'being-progressed', closure: 'none', deadline: 'none' },
        events: [{ type: 'ProgressStarted', version: 2 }],
      },
    });
    const { items } = (await inspector.get(`/api/recommendations/${id}/events`)).json;
    expect(items.map(({ eventId }) => eventId)).toContain(answer.json.events[0]?.eventId);
    expect(items.at(-1)?.position).toBe(answer.json.position);
  });

  it('may come without a body where its payload is empty', async () => {
    const id = await issueRecord();
    const empty = await inspector.post(`/api/recommendations/${id}/commands/start-progress`, '', {
      'content-type': 'application/json',
    });
    expect(empty).toMatchObject({ status: 200, json: { version: 2 } });
  });

  it('carries the correlation id of its request into the event and the answer', async () => {
    const id = await issueRecord();
    const correlationId = '5d3f1b0c-8a52-4f57-9d0c-3c0f4a2d9b11';
    const answer = await inspector.command(id, 'start-progress', {}, { 'x-correlation-id': correlationId });
    expect(answer.headers['x-correlation-id']).toBe(correlationId);
    const { items } = (await inspector.get(`/api/recommendations/${id}/events`)).json;
    expect(items.at(-1)).toMatchObject({ correlationId });
  });
});

describe('the list of commands of a record', () => {
  it('has every command, with all reasons against it, the role first', async () => {
    const id = await issueRecord();
    const { commands } = (await service.as('auditor').get(`/api/recommendations/${id}/commands`)).json;
    expect(commands.map(({ command }) => command)).toEqual(expect.arrayContaining(Object.keys(DOCUMENTED)));
    expect(commands.every(({ allowed }) => !allowed)).toBe(true);
    const codes = Object.fromEntries(
      commands.map(({ command, because }) => [command, because.map(({ code }) => code)]),
    );
    expect(codes).toMatchObject({
      'start-progress': ['role-not-permitted'],
      'return-to-review': ['role-not-permitted', 'command-not-allowed'],
      'add-comment': ['role-not-permitted'],
      'approve-closure': ['role-not-permitted', 'command-not-allowed'],
    });
  });
});
