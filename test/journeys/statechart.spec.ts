import { beforeAll, describe, expect, it } from '@jest/globals';
import { createActor } from 'xstate';
import type { Snapshot } from 'xstate';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { refusal, startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';
import { jsonLines, runDocket } from '../support/command-line.ts';
import type { RecordChart } from '#lifecycle/travelled-chart';

const SVG = { accept: 'image/svg+xml' };
const MERMAID = { accept: 'text/vnd.mermaid' };

let service: RunningService;
let inspector: Client;
let approver: Client;
/** The id of a record that was closed, reopened, and closed again. */
let id: string;

const address = (query = ''): string => `/api/recommendations/${id}/statechart${query}`;
const chartIn = ({ text }: Answer): RecordChart => JSON.parse(text) as RecordChart;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
  approver = service.as('approver');
  id = (await inspector.issue()).json.recommendations[0]?.id as string;
  const close = async (requestedOn: string, agreed: string) => {
    await inspector.command(id, 'request-closure', { statement: 'Done.', effectiveOn: requestedOn });
    await approver.command(id, 'approve-closure', { statement: 'Agreed.', effectiveOn: agreed });
  };
  await inspector.command(id, 'start-progress', { effectiveOn: '2020-02-01' });
  await close('2020-03-01', '2020-03-11');
  await approver.command(id, 'reopen', { reason: 'It came back.', effectiveOn: '2020-06-01' });
  await close('2020-07-01', '2020-07-02');
});

describe('the statechart of a record', () => {
  it('is data by default: its state, its path, the days, and the possible next events', async () => {
    const answer = await inspector.get(address('?effectiveOn=2020-08-01'));
    expect(answer).toMatchObject({ status: 200, headers: { vary: expect.stringMatching(/accept/i) } });
    const { regions, lifecycle, ...chart } = chartIn(answer);
    expect(chart).toMatchObject({ id, version: 7, status: 'complete', day: '2020-08-01' });
    expect(lifecycle).toMatchObject({ name: 'inspection-recommendation', version: 1 });
    const [progress, closure] = regions;
    expect(progress).toMatchObject({
      region: 'progress',
      current: 'complete',
      days: { 'awaiting-review': 26, 'being-progressed': 70, complete: 112, 'no-further-action-needed': 0 },
    });
    expect(progress?.path.map(({ state, from, days, version }) => [state, from, days, version])).toEqual([
      ['awaiting-review', '2020-01-06', 26, 1],
      ['being-progressed', '2020-02-01', 39, 2],
      ['complete', '2020-03-11', 82, 4],
      ['being-progressed', '2020-06-01', 31, 5],
      ['complete', '2020-07-02', 30, 7],
    ]);
    expect(progress?.next.map(({ event }) => event)).toContain('RecommendationReopened');
    expect(closure).toMatchObject({ current: 'none', next: [] });
  });

  it('contains a snapshot from which an xstate actor continues', async () => {
    const { snapshot } = chartIn(await inspector.get(address()));
    const { machine } = inspectionRecommendation;
    const actor = createActor(machine, { snapshot: snapshot as Snapshot<unknown> }).start();
    const standing = { closure: 'none', evidence: 'none', response: 'not-required' };
    expect(actor.getSnapshot().value).toEqual({ ...standing, progress: 'complete' });
    actor.send({ type: 'EvidenceSubmitted' });
    actor.send({ type: 'RecommendationReopened' });
    expect(actor.getSnapshot().value).toEqual({ ...standing, progress: 'being-progressed' });
  });

  it('is a picture for clients that request one', async () => {
    const { status, headers, text } = await inspector.get(address(), SVG);
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'image/svg+xml; charset=utf-8',
    });
    expect(text).toMatch(/^<svg [^>]*role="img"/);
    expect(text).toContain(`Record ${id}: complete`);
    expect(text).toContain('class="state visited current"');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('is Mermaid for clients that request that', async () => {
    const { status, headers, text } = await inspector.get(address(), MERMAID);
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'text/vnd.mermaid; charset=utf-8',
    });
    expect(text).toMatch(/^stateDiagram-v2\n/);
    expect(text).toContain('class in_progress__complete current');
  });

  it.each([
    ['*/*', 'application/json'],
    ['text/html, application/json;q=0.5', 'application/json'],
    ['image/avif,image/webp,image/*,*/*;q=0.8', 'image/svg+xml'],
    ['application/json;q=0.4, text/vnd.mermaid;q=0.6', 'text/vnd.mermaid'],
  ])('for %s is %s', async (accept, type) => {
    const { headers } = await inspector.get(address(), { accept });
    expect(headers['content-type']).toMatch(new RegExp(`^${type.replace('+', '\\+')};`));
  });

  it.each(['text/html', 'image/png', 'application/json;q=0'])('cannot be returned as %s', async (accept) => {
    const answer = await inspector.get(address(), { accept });
    expect(answer).toMatchObject(refusal(406, 'not-acceptable'));
    expect(answer.headers.vary).toMatch(/accept/i);
    expect(answer.text).toContain('text/vnd.mermaid');
  });

  it('is as it was on a day, and as known at an instant', async () => {
    expect(chartIn(await inspector.get(address('?effectiveOn=2020-05-01')))).toMatchObject({
      status: 'complete',
      version: 4,
      view: { effectiveOn: '2020-05-01', knownAt: null },
    });
    expect((await inspector.get(address('?effectiveOn=2020-02-15'), SVG)).text).toContain(
      `Record ${id}: being-progressed`,
    );
    expect(await inspector.get(address('?effectiveOn=2020-01-05'))).toMatchObject(refusal(404, 'not-found'));
    expect(await inspector.get(address('?knownAt=2020-01-01T00:00:00Z'), SVG)).toMatchObject(
      refusal(404, 'not-found'),
    );
    expect(await inspector.get(address('?effectiveOn=soon'))).toMatchObject(
      refusal(400, 'invalid-parameter'),
    );
  });

  it('is visible to users who see the record, and to no one else', async () => {
    const forceLead = service.as('force-lead', { organisations: ['wiltshire'] });
    const stranger = service.as('force-lead', { organisations: ['kent'] });
    for (const headers of [{}, SVG, MERMAID, { accept: 'text/html' }]) {
      expect(await stranger.get(address(), headers)).toMatchObject(refusal(404, 'not-found'));
    }
    expect(await forceLead.get(address(), SVG)).toMatchObject({ status: 200 });
    expect(await inspector.get('/api/recommendations/absent/statechart')).toMatchObject(
      refusal(404, 'not-found'),
    );
    expect(await service.request('GET', address())).toMatchObject(refusal(401, 'unauthenticated'));
  });

  it('is in the state into which a command has just moved it', async () => {
    const { recommendations } = (await inspector.issue()).json;
    const own = recommendations[0]?.id as string;
    await inspector.command(own, 'start-progress');
    expect(chartIn(await inspector.get(`/api/recommendations/${own}/statechart`))).toMatchObject({
      status: 'being-progressed',
      version: 2,
    });
  });
});

describe('why something was decided', () => {
  it('is printed by replay: in which role, after which guards, and under which lifecycle', async () => {
    const { folder } = service;
    const lines = jsonLines(await runDocket(['replay', id, '--json'], { folder }));
    expect(lines[3]).toMatchObject({
      type: 'RecommendationCompleted',
      actor: 'approver',
      role: 'approver',
      guards: expect.arrayContaining(['closure-to-complete', 'not-the-requester']),
      lifecycle: { name: 'inspection-recommendation', version: 1 },
    });
    const { stdout } = await runDocket(['replay', id], { folder });
    expect(stdout).toMatch(/RecommendationCompleted +complete.* v4, approver as approver$/m);
  });

  it('is shown by the timeline: in which role', async () => {
    const { items } = (await inspector.get(`/api/recommendations/${id}/timeline`)).json;
    expect(items[3]).toMatchObject({ type: 'RecommendationCompleted', role: 'approver' });
  });
});
