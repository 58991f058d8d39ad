import { beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { refusal, startService } from '../support/service.ts';
import type { AnswerItem, Client, RunningService } from '../support/service.ts';
import { JOURNEY_STORE } from '../support/journey-store.ts';
import { placesInStore } from '../support/stored-events.ts';

/** How long a text can still be found in the store's files, by kind of store. */
const REMAINS: Readonly<Record<string, string>> = {
  sqlite: 'nowhere',
  postgresql: 'until-vacuum',
  kurrentdb: 'until-scavenge',
};
const SAID = 'Quillfeather Brackenbury rang on Tuesday';

let service: RunningService;
let inspector: Client;
let approver: Client;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
  approver = service.as('approver');
});

const eventsOf = async (id: string): Promise<readonly AnswerItem[]> =>
  (await inspector.get(`/api/recommendations/${id}/events`)).json.items;

const eventOf = async (id: string, type: string): Promise<AnswerItem> =>
  (await eventsOf(id)).find((event) => event.type === type) as AnswerItem;

const redact = async (id: string, type: string, more: object = {}) =>
  approver.command(id, 'redact-comment', {
    eventId: (await eventOf(id, type)).eventId,
    reason: 'Names a person.',
    ...more,
  });

/**
 * Returns the folder's files, or the server's rows, that contain a text, also in the lower case of the search index.
 */
const placesWith = async (text: string, folder = service.folder): Promise<string[]> => {
  const files = readdirSync(folder).filter((file) => {
    const bytes = readFileSync(join(folder, file)).toString('latin1').toLowerCase();
    return bytes.includes(text.toLowerCase());
  });
  return [...files, ...(await placesInStore(folder, text))];
};

const addComment = async (text = SAID, headers: Record<string, string> = {}): Promise<string> => {
  const { json } = await inspector.issue();
  const id = json.recommendations[0]?.id as string;
  expect(await inspector.command(id, 'add-comment', { text, visibility: 'public' }, headers)).toMatchObject({
    status: 200,
  });
  return id;
};

describe('a comment that is redacted', () => {
  it('is gone from every answer, every file, and the search, when the redaction is answered', async () => {
    const key = { 'idempotency-key': 'k-redacted' };
    const id = await addComment(SAID, key);
    const digest = (await eventOf(id, 'CommentAdded')).commitments['/data/text'];
    expect((await placesWith('Brackenbury')).length).toBeGreaterThan(0);
    const answer = await redact(id, 'CommentAdded');
    expect(answer).toMatchObject({
      status: 200,
      json: { events: [{ type: 'CommentRedacted' }], erased: { remains: REMAINS[JOURNEY_STORE] } },
    });

    expect(await placesWith('Brackenbury')).toEqual([]);
    const comment = await eventOf(id, 'CommentAdded');
    expect(comment.data).toEqual({ visibility: 'public' });
    expect(comment.salts).toEqual({});
    expect(comment.commitments['/data/text']).toBe(digest);
    const timeline = (await inspector.get(`/api/recommendations/${id}/timeline`)).json.items;
    expect(timeline.find(({ type }) => type === 'CommentAdded')?.text).toBeNull();
    const found = await inspector.get(
      `/api/recommendations?q=Brackenbury&minPosition=${answer.json.position}`,
    );
    expect(found.json.items).toEqual([]);
    expect(await runDocket(['verify', id], service)).toMatchObject({ code: 0 });
    // The first request cannot be compared any more. Accepting another one as a repetition would lose it.
    const before = await eventsOf(id);
    expect(
      await inspector.command(id, 'add-comment', { text: 'Another', visibility: 'public' }, key),
    ).toMatchObject(refusal(422, 'idempotency-key-reused'));
    expect(await eventsOf(id)).toEqual(before);
  });

  it('can be any free text of any event, one of several', async () => {
    const id = await addComment();
    const answer = await redact(id, 'RecommendationIssued', { pointers: ['/data/title'] });
    expect(answer).toMatchObject({ status: 200 });
    expect((await inspector.get(`/api/recommendations/${id}`)).json).toMatchObject({
      title: null,
      text: 'Every force should publish an action plan.',
    });
    expect(await redact(id, 'RecommendationIssued', { pointers: ['/data/title'] })).toMatchObject(
      refusal(409, 'command-not-allowed', { guard: 'not-yet-redacted' }),
    );
    expect(await redact(id, 'RecommendationIssued')).toMatchObject({ status: 200 });
  });

  it('must be named correctly; otherwise the refusal names the right id, and nothing is appended', async () => {
    const id = await addComment();
    const before = await eventsOf(id);
    const { eventId } = await eventOf(id, 'CommentAdded');
    const redactNow = (body: object) =>
      approver.command(id, 'redact-comment', { reason: 'Because.', ...body });
    expect(await redactNow({ eventId: '6f9619ff-8b86-5011-b42d-00c04fc964ff' })).toMatchObject(
      refusal(422, 'event-not-found'),
    );
    expect(await redactNow({ eventId, pointers: ['/data/visibility'] })).toMatchObject(
      refusal(422, 'not-redactable'),
    );
    expect(await redactNow({ eventId: 'the last one' })).toMatchObject(
      refusal(400, 'invalid-payload', { errors: [{ pointer: '/eventId' }] }),
    );
    expect(await redactNow({ eventId, pointers: ['text'] })).toMatchObject(
      refusal(400, 'invalid-payload', { errors: [{ pointer: '/pointers' }] }),
    );
    expect(await inspector.command(id, 'redact-comment', { eventId, reason: 'Because.' })).toMatchObject(
      // An inspector may redact only events from which every approver is excluded.
      refusal(403, 'separation-of-duties'),
    );
    expect(await eventsOf(id)).toEqual(before);
  });

  it('cannot be guessed from the request any more, on whichever record the command left an event', async () => {
    const [old, successor] = [await addComment(), await addComment()];
    const key = { 'idempotency-key': 'k-guess' };
    const body = { by: successor, statement: 'Yes.' };
    const request = { outcome: 'superseded', supersededBy: successor, statement: 'Yes.' };
    await inspector.command(old, 'request-closure', request);
    expect(await approver.command(old, 'supersede', body, key)).toMatchObject({ status: 200 });
    const saltOf = async (id: string, type: string) => (await eventOf(id, type)).salts['/command/digest'];
    expect(await saltOf(successor, 'SupersedesRecorded')).toMatch(/^[0-9a-f]{32}$/);
    // A person cannot erase the grounds of their own decision.
    expect(await redact(old, 'NoFurtherActionDecided')).toMatchObject(refusal(403, 'separation-of-duties'));
    const { eventId } = await eventOf(old, 'NoFurtherActionDecided');
    const another = service.as('approver', { subject: 'another-approver' });
    expect(await another.command(old, 'redact-comment', { eventId, reason: 'r' })).toMatchObject({
      status: 200,
    });
    expect(await saltOf(old, 'NoFurtherActionDecided')).toBeUndefined();
    expect(await saltOf(successor, 'SupersedesRecorded')).toBeUndefined();
    expect(await runDocket(['verify', old, successor], service)).toMatchObject({ code: 0 });
  });

  it('hides its reason from users who do not read internal comments', async () => {
    const id = await addComment();
    await redact(id, 'CommentAdded', { reason: 'It named a witness.' });
    const forceLead = service.as('force-lead', { organisations: ['wiltshire'] });
    const { items } = (await forceLead.get(`/api/recommendations/${id}/events`)).json;
    const redaction = items.find(({ type }) => type === 'CommentRedacted');
    expect(Object.keys(redaction?.data ?? {}).sort()).toEqual(['erased', 'eventId']);
    expect(redaction?.salts).toEqual({});
  });

  it('of another record is not found', async () => {
    const id = await addComment();
    const another = await addComment();
    const { eventId } = await eventOf(another, 'CommentAdded');
    expect(await approver.command(id, 'redact-comment', { eventId, reason: 'Because.' })).toMatchObject(
      refusal(422, 'event-not-found'),
    );
  });
});

describe('a text that is also in an imported file', () => {
  const record = (reference: string): string =>
    `A plan (${reference})\n\nEvery force should have one.\n\n` +
    `[on]1st June 2016 [status]being-progressed[/status][/on]` +
    `[on]2nd June 2016 [comment]Mordaunt Peverell\nsaw to it.[/comment][/on]`;

  it('erases the file with it; the export is printed from the events, and erased texts stay away', async () => {
    const file = record('E-1');
    await inspector.import(file);
    const answer = await redact('E-1', 'CommentAdded');
    expect(answer.json.events.map(({ type }) => type)).toEqual(['CommentRedacted', 'CommentRedacted']);
    expect(await placesWith('Peverell')).toEqual([]);
    expect(await placesWith(Buffer.from(file).toString('base64').slice(0, 60))).toEqual([]);
    const exported = await runDocket(['export', 'E-1'], service);
    expect(exported.stdout).toMatch(/\[comment\]\s*\[redacted\]\s*\[\/comment\]/);
    expect(exported.stdout).not.toContain('Peverell');

    // A later import, of this file or with more history, does not bring the text back.
    for (const [source, outcome] of [
      [file, 'unchanged'],
      [`${file}[on]1st June 2017 [status]complete[/status][/on]`, 'differs'],
    ])
      expect(await inspector.post('/api/imports', source, { 'content-type': 'text/plain' })).toMatchObject({
        status: 200,
        json: { outcome, events: 0 },
      });
    expect(await placesWith('Peverell')).toEqual([]);
    expect(await placesWith(Buffer.from(file).toString('base64').slice(0, 60))).toEqual([]);
    expect(await runDocket(['verify', 'E-1'], service)).toMatchObject({ code: 0 });
  });
});

describe('a server that dies after a redaction was recorded', () => {
  it('erases the rest when it starts again, also where its read models are missing', async () => {
    const first = await startService();
    const person = first.as('inspector');
    const redactor = (running: RunningService) => running.as('approver');
    const { json } = await person.issue({ id: 'R-1' });
    expect(json.recommendations).toHaveLength(1);
    const texts = Array.from({ length: 20 }, (_, number) => `Ottoline Featherstone number ${number}`);
    for (const text of texts) await person.command('R-1', 'add-comment', { text, visibility: 'public' });
    const { items } = (await person.get('/api/recommendations/R-1/events')).json;
    const comments = items.filter(({ type }) => type === 'CommentAdded');
    // The process is killed while erasures are pending, so some requests have no response.
    const requests = comments.map(({ eventId }) =>
      redactor(first)
        .command('R-1', 'redact-comment', { eventId, reason: 'r' })
        .catch(() => null),
    );
    await requests[0];
    await first.kill9();
    await Promise.all(requests);

    const second = await startService({ folder: first.folder });
    const again = redactor(second);
    for (const { eventId } of comments) {
      const answer = await again.command('R-1', 'redact-comment', { eventId, reason: 'r' });
      // The redaction was recorded before, or is recorded now.
      expect([200, 409]).toContain(answer.status);
    }
    const probe = comments[0] as AnswerItem;
    const last = await second
      .as('inspector')
      .command('R-1', 'add-comment', { text: 'The last one.', visibility: 'public' });
    expect(last).toMatchObject({ status: 200 });
    await again.command('R-1', 'redact-comment', {
      eventId: last.json.events[0]?.eventId,
      reason: 'Waits for those before it.',
    });
    expect(await placesWith('Featherstone', first.folder)).toEqual([]);
    const verified = await runDocket(['verify', '--json'], second);
    expect(jsonLines(verified).at(-1)).toMatchObject({ ok: true });
    expect(probe.commitments['/data/text']).toMatch(/^[0-9a-f]{64}$/);
    await second.stop();
  });
});
