import { beforeAll, describe, expect, it } from '@jest/globals';
import { DOCUMENTED } from '../support/documented-commands.ts';
import { recommendation, refusal, startService } from '../support/service.ts';
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

  it('gets an id by default', async () => {
    const { id: _id, ...sent } = recommendation();
    const answer = await inspector.post('/api/recommendations', sent);
    const id = answer.json.recommendations[0]?.id as string;
    expect(id).not.toBe('');
    expect(answer.headers.location).toBe(`/api/recommendations/${id}`);
    expect(await inspector.get(`/api/recommendations/${id}`)).toMatchObject({ status: 200 });
  });

  it('has the requested deadlines, and one for the response, 55 days after publication', async () => {
    const id = await issueRecord({
      deadlines: [{ dueOn: '2020-06-30' }, { dueOn: '2020-09-30' }],
      responseRequired: true,
      lifecycle: 'inspection-recommendation',
    });
    expect((await inspector.get(`/api/recommendations/${id}`)).json).toMatchObject({
      version: 5,
      state: { response: 'due', deadline: 'escalated' },
      deadlines: [
        { kind: 'action', dueOn: '2020-06-30', firstDueOn: '2020-06-30', state: 'escalated' },
        { kind: 'action', dueOn: '2020-09-30', firstDueOn: '2020-09-30', state: 'escalated' },
        { kind: 'response', dueOn: '2020-03-01', firstDueOn: '2020-03-01', state: 'escalated' },
      ],
    });
  });

  it('is effective today where its report is still to be published', async () => {
    const today = Temporal.Now.plainDateISO('Europe/London');
    const publishedOn = today.add({ days: 40 }).toString();
    const id = await issueRecord({ report: { name: 'Next year', publishedOn } });
    const { items } = (await inspector.get(`/api/recommendations/${id}/events`)).json;
    // The day may have changed since it was read.
    expect([today.toString(), today.add({ days: 1 }).toString()]).toContain(items[0]?.effectiveOn);
  });

  it('cannot be issued twice under one id, and the refusal says where the first one is', async () => {
    const id = await issueRecord();
    expect(await inspector.post('/api/recommendations', recommendation({ id }))).toMatchObject(
      refusal(409, 'id-already-used', { location: `/api/recommendations/${id}` }),
    );
    expect((await inspector.get(`/api/recommendations/${id}`)).json.version).toBe(1);
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

  it('lives a life of its own in each of its records', async () => {
    await inspector.issue({ id: 'apart', recipients: ['avon', 'dorset'] });
    await inspector.command('apart.avon', 'start-progress');
    expect((await inspector.get('/api/recommendations/apart.avon')).json.status).toBe('being-progressed');
    expect((await inspector.get('/api/recommendations/apart.dorset')).json.status).toBe('awaiting-review');
  });

  it('uses its own id up, though no record has it', async () => {
    await inspector.issue({ id: 'held', recipients: ['avon', 'dorset'] });
    expect(await inspector.get('/api/recommendations/held')).toMatchObject(refusal(404, 'not-found'));
    expect(await inspector.post('/api/recommendations', recommendation({ id: 'held' }))).toMatchObject(
      refusal(409, 'id-already-used', { location: '/api/recommendations?issue=held' }),
    );
    const again = recommendation({ id: 'held', recipients: ['essex', 'kent'] });
    expect(await inspector.post('/api/recommendations', again)).toMatchObject(
      refusal(409, 'id-already-used'),
    );
  });

  it('is issued to none of them if one of its records already exists', async () => {
    await inspector.issue({ id: 'taken.dorset' });
    const answer = await inspector.post(
      '/api/recommendations',
      recommendation({ id: 'taken', recipients: ['avon', 'dorset', 'kent'] }),
    );
    expect(answer).toMatchObject(
      refusal(409, 'id-already-used', { location: '/api/recommendations/taken.dorset' }),
    );
    expect(await inspector.get('/api/recommendations/taken.avon')).toMatchObject({ status: 404 });
    expect(await inspector.get('/api/recommendations/taken.kent')).toMatchObject({ status: 404 });
  });

  it('is not issued under the id of a record', async () => {
    const id = await issueRecord();
    const several = recommendation({ id, recipients: ['avon', 'dorset'] });
    expect(await inspector.post('/api/recommendations', several)).toMatchObject(
      refusal(409, 'id-already-used', { location: `/api/recommendations/${id}` }),
    );
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

  it('is seen at once by readers of the record, its events, its timeline and its commands', async () => {
    const id = await issueRecord();
    for (let version = 2; version < 12; version += 1) {
      await inspector.command(id, 'add-comment', { text: `Comment ${version}` });
      const [record, events, timeline] = await Promise.all([
        inspector.get(`/api/recommendations/${id}`),
        inspector.get(`/api/recommendations/${id}/events`),
        inspector.get(`/api/recommendations/${id}/timeline`),
      ]);
      expect(record.json.version).toBe(version);
      expect(events.json.items).toHaveLength(version);
      expect(timeline.json.items).toHaveLength(version);
    }
    await inspector.command(id, 'start-progress');
    const { commands } = (await inspector.get(`/api/recommendations/${id}/commands`)).json;
    expect(commands.find(({ command }) => command === 'start-progress')?.allowed).toBe(false);
  });

  it('uses the date on which its fact takes effect', async () => {
    const id = await issueRecord();
    await inspector.command(id, 'start-progress', { effectiveOn: '2020-02-29' });
    const { items } = (await inspector.get(`/api/recommendations/${id}/events`)).json;
    expect(items.at(-1)).toMatchObject({ type: 'ProgressStarted', effectiveOn: '2020-02-29' });
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
