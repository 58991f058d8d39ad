import { beforeAll, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runDocket } from '../support/command-line.ts';
import { recommendation, startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';

let service: RunningService;
let inspector: Client;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
});

const issued = async (): Promise<string> => (await inspector.issue()).json.recommendations[0]?.id as string;

const times = <Result>(count: number, action: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => action(index)));

const countsByStatus = (answers: readonly Answer[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, all]) => [status, all.length]),
  );

const eventsOf = async (id: string) => (await inspector.get(`/api/recommendations/${id}/events`)).json.items;

describe('many at once', () => {
  it('of 40 commands that exclude each other, one is carried out and 39 are refused', async () => {
    const id = await issued();
    const answers = await times(40, (index) =>
      service.as('inspector', { subject: `inspector-${index}` }).command(id, 'start-progress'),
    );
    expect(countsByStatus(answers)).toEqual({ 200: 1, 409: 39 });
    for (const { json } of answers.filter(({ status }) => status === 409)) {
      expect(json).toMatchObject({ type: 'urn:docket:problem:command-not-allowed', currentVersion: 2 });
      expect(json.allowedCommands).toContain('return-to-review');
    }
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['RecommendationIssued', 'ProgressStarted']);
  });

  it('of 60 comments on one record, each lands, with a version of its own', async () => {
    const id = await issued();
    const answers = await times(60, (index) =>
      inspector.command(id, 'add-comment', { text: `Comment ${index}` }),
    );
    expect(countsByStatus(answers)).toEqual({ 200: 60 });
    expect(new Set(answers.map(({ json }) => json.version)).size).toBe(60);
    const events = await eventsOf(id);
    expect(events.map(({ version }) => version)).toEqual(Array.from({ length: 61 }, (_, index) => index + 1));
    const texts = new Set(events.slice(1).map(({ data }) => data['text']));
    expect(texts).toEqual(new Set(Array.from({ length: 60 }, (_, index) => `Comment ${index}`)));
    for (const { json } of answers) {
      expect(events[json.version - 1]?.eventId).toBe(json.events[0]?.eventId);
    }
  });

  it('of 30 comments that name one version, one lands', async () => {
    const id = await issued();
    const answers = await times(30, () =>
      inspector.command(id, 'add-comment', { text: 'First!' }, { 'if-match': '"1"' }),
    );
    expect(countsByStatus(answers)).toEqual({ 200: 1, 412: 29 });
    expect(await eventsOf(id)).toHaveLength(2);
  });

  it('of 30 retries under one key, all have the one answer', async () => {
    const id = await issued();
    const key = { 'idempotency-key': 'retried' };
    const answers = await times(30, () => inspector.command(id, 'add-comment', { text: 'Once.' }, key));
    expect(countsByStatus(answers)).toEqual({ 200: 30 });
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await eventsOf(id)).toHaveLength(2);
  });

  it('of 20 requests that share a key and nothing else, one is carried out', async () => {
    const id = await issued();
    const key = { 'idempotency-key': 'shared' };
    const answers = await times(20, (index) =>
      inspector.command(id, 'add-comment', { text: `${index}` }, key),
    );
    expect(countsByStatus(answers)).toEqual({ 200: 1, 422: 19 });
    expect(await eventsOf(id)).toHaveLength(2);
  });

  it('of 20 issues under one id, one is carried out, whole', async () => {
    const bodies = ['avon', 'dorset', 'kent', 'surrey'];
    const answers = await times(20, (index) =>
      inspector.post(
        '/api/recommendations',
        recommendation({ id: 'contested', recipients: bodies.slice(0, 1 + (index % 4)) }),
      ),
    );
    expect(countsByStatus(answers)).toEqual({ 201: 1, 409: 19 });
    const won = answers.find(({ status }) => status === 201)?.json.recommendations.map(({ id }) => id) ?? [];
    const all = ['contested', ...bodies.map((body) => `contested.${body}`)];
    const found = await Promise.all(all.map((id) => inspector.get(`/api/recommendations/${id}`)));
    expect(all.filter((_, index) => found[index]?.status === 200)).toEqual(won);
  });

  it('of 20 imports of one file, one creates the record and the others find it unchanged', async () => {
    const source = 'Contested (imp-1)\n\nText.\n\n[on]1st June 2016 [status]being-progressed[/status][/on]';
    const answers = await times(20, () => inspector.import(source));
    const outcomes = answers.map(({ json }) => json.outcome);
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'unchanged')).toHaveLength(19);
  });

  it('of closures decided by many, one is', async () => {
    const id = await issued();
    await inspector.command(id, 'request-closure', { statement: 'Done.' });
    const answers = await times(24, (index) => {
      const approver = service.as('approver', { subject: `approver-${index}` });
      return index % 2 === 0
        ? approver.command(id, 'approve-closure', { statement: 'Agreed.' })
        : approver.command(id, 'refuse-closure', { reason: 'No.' });
    });
    expect(countsByStatus(answers)).toEqual({ 200: 1, 409: 23 });
    expect(await eventsOf(id)).toHaveLength(3);
  });
});

describe('beside another process on the same store', () => {
  const history = (...blocks: string[]) => ['Shared (shared-1)', '', 'Text.', '', blocks.join('')].join('\n');
  const started = '[on]1st June 2016 [status]being-progressed[/status][/on]';
  const completed = '[on]1st June 2017 [status]complete[/status][/on]';

  const importFile = (source: string) => {
    const file = join(service.folder, 'shared.txt');
    writeFileSync(file, source);
    return runDocket(['import', file], { folder: service.folder });
  };

  it('the server knows at once what the other appended, and refuses and allows by it', async () => {
    await inspector.import(history(started));
    expect((await inspector.get('/api/recommendations/shared-1')).json.status).toBe('being-progressed');
    expect(await importFile(history(started, completed))).toMatchObject({ code: 0 });
    const approver = service.as('approver');
    expect(await approver.command('shared-1', 'reopen', { reason: 'Again.' })).toMatchObject({
      status: 200,
      json: { status: 'being-progressed' },
    });
  });

  it('comments go on landing while the other imports', async () => {
    await inspector.issue({ id: 'busy' });
    const files = Array.from({ length: 40 }, (_, index) => {
      const file = join(service.folder, `beside-${index}.txt`);
      writeFileSync(file, `Beside ${index} (beside-${index})\n\nText.\n\n${started}`);
      return file;
    });
    const importing = runDocket(['import', ...files], { folder: service.folder });
    const state = { isImporting: true };
    void importing.finally(() => {
      state.isImporting = false;
    });
    let comments = 0;
    while (state.isImporting) {
      const answers = await times(4, () => inspector.command('busy', 'add-comment', { text: 'Beside.' }));
      expect(countsByStatus(answers)).toEqual({ 200: 4 });
      comments += 4;
    }
    expect(await importing).toMatchObject({ code: 0 });
    expect(await eventsOf('busy')).toHaveLength(1 + comments);
    expect((await inspector.get('/api/recommendations/beside-39')).json.status).toBe('being-progressed');
  });
});

describe('beside another server on the same store', () => {
  let other: RunningService;
  /** One person, now at the one, now at the other. */
  let both: readonly [Client, Client];

  const atEither = (index: number): Client => both[index % 2] as Client;

  beforeAll(async () => {
    other = await startService({ folder: service.folder });
    both = [inspector, other.as('inspector')];
  });

  it('of 40 commands that exclude each other, one is carried out', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await issued();
      const answers = await times(40, (index) => atEither(index).command(id, 'start-progress'));
      expect(countsByStatus(answers)).toEqual({ 200: 1, 409: 39 });
      expect(await eventsOf(id)).toHaveLength(2);
    }
  });

  it('of 60 comments on one record, each lands, with a version of its own', async () => {
    const id = await issued();
    const answers = await times(60, (index) =>
      atEither(index).command(id, 'add-comment', { text: `${index}` }),
    );
    expect(countsByStatus(answers)).toEqual({ 200: 60 });
    expect(new Set(answers.map(({ json }) => json.version)).size).toBe(60);
    expect(await eventsOf(id)).toHaveLength(61);
  });

  it('of retries under one key at both, all have the one answer', async () => {
    const id = await issued();
    const key = { 'idempotency-key': 'at either' };
    const answers = await times(20, (index) =>
      atEither(index).command(id, 'add-comment', { text: 'Once.' }, key),
    );
    expect(countsByStatus(answers)).toEqual({ 200: 20 });
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await eventsOf(id)).toHaveLength(2);
  });

  it('what the one answered, the other reads, refuses and allows by', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await issued();
      await atEither(round + 1).get(`/api/recommendations/${id}`);
      const done = await atEither(round).command(id, 'start-progress');
      const there = atEither(round + 1);
      expect(await there.get(`/api/recommendations/${id}`)).toMatchObject({
        headers: { etag: expect.stringMatching(/^"2-/) },
      });
      expect(await there.command(id, 'start-progress')).toMatchObject({ status: 409 });
      const { etag = '' } = done.headers;
      expect(
        await there.command(id, 'return-to-review', { reason: 'r' }, { 'if-match': etag }),
      ).toMatchObject({
        status: 200,
        json: { version: 3 },
      });
      const list = await there.get(`/api/recommendations?limit=200&minPosition=${done.json.position}`);
      expect(list.json.items.map((item) => item.id)).toContain(id);
    }
  });

  it('the one goes on where the other is killed', async () => {
    const id = await issued();
    await times(10, (index) => atEither(index).command(id, 'add-comment', { text: 'Before.' }));
    await other.kill9();
    const answers = await times(10, () => inspector.command(id, 'add-comment', { text: 'After.' }));
    expect(countsByStatus(answers)).toEqual({ 200: 10 });
    expect(await eventsOf(id)).toHaveLength(21);
  });
});
