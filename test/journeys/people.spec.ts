import { beforeAll, describe, expect, it } from '@jest/globals';
import ICAL from 'ical.js';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { addDays } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { removeReadModels } from '../support/journey-store.ts';
import { eventually } from '../support/service-child.ts';
import { placesInStore } from '../support/stored-events.ts';
import { claimsOf, refusal, signToken, startService } from '../support/service.ts';
import type { Answer, AnswerItem, Client, RunningService } from '../support/service.ts';

const TODAY = londonDate(Date.now());
const NOW_S = Math.floor(Date.now() / 1_000);

let service: RunningService;
let administrator: Client;
let auditor: Client;

interface LinkBody {
  readonly id: string;
  readonly url: string;
  readonly path: string;
  readonly expiresOn: string;
  readonly recipient: string | null;
}

/** Returns a token as a provider issues it, with a name, issued this many seconds ago. */
const tokenOf = (subject: string, claims: object = {}, secondsAgo = 0): string =>
  signToken(
    { ...claimsOf(['force-lead'], { subject, organisations: ['kent'] }), iat: NOW_S - secondsAgo, ...claims },
    service.secret,
  );

const send = (
  token: string,
  method = 'GET',
  path = '/api/recommendations',
  body?: unknown,
): Promise<Answer> => service.request(method, path, { token, body });

async function streamOf(subject: string): Promise<AnswerItem[]> {
  const { json } = await auditor.get('/api/events?limit=10000');
  return json.items.filter(({ streamId }) => streamId === `person-${subject}`);
}

const makeLink = async (token: string, body: object = {}): Promise<LinkBody> => {
  const answer = await send(token, 'POST', '/api/calendar-links', body);
  expect(answer).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' } });
  return answer.json as unknown as LinkBody;
};

/** Requests the address without any headers, as a calendar program does. */
const open = (url: string, headers = {}): Promise<Answer> => {
  const { pathname, search } = new URL(url);
  return service.request('GET', pathname + search, { headers });
};

const keyOf = (url: string): string => new URL(url).searchParams.get('key') ?? '';

const summaries = ({ text }: Answer): string[] =>
  new ICAL.Component(ICAL.parse(text) as unknown[])
    .getAllSubcomponents('vevent')
    .map((event) => String(event.getFirstPropertyValue('summary')));

beforeAll(async () => {
  service = await startService({ env: { DOCKET_SWEEP: 'off' } });
  administrator = service.as('administrator');
  auditor = service.as('auditor');
  const inspector = service.as('inspector');
  const dueOn = addDays(TODAY, 9);
  await inspector.issue({ id: 'kent-1', title: 'Kent', recipients: ['kent'], deadlines: [{ dueOn }] });
  const { json } = await inspector.issue({
    id: 'avon-1',
    title: 'Avon',
    recipients: ['avon'],
    deadlines: [{ dueOn }],
  });
  await inspector.get(`/api/deadlines?minPosition=${json.position}`);
});

describe('a name in a token', () => {
  it('is erased by an administrator from everywhere, and an old token does not bring it back', async () => {
    await send(tokenOf('dan', { name: 'Dan Quillfeather' }, 60));
    await send(tokenOf('dan', { name: 'Dan Quillfeather-Moss' }, 30));
    expect(await send(administrator.token, 'DELETE', '/api/people/dan/name')).toMatchObject({
      status: 200,
      json: { subject: 'dan' },
    });
    await send(tokenOf('dan', { name: 'Dan Quillfeather', organisations: ['avon'] }, 10));

    const events = await streamOf('dan');
    expect(events.map(({ type }) => type)).toEqual([
      'PersonSeen',
      'PersonSeen',
      'CommentRedacted',
      'CommentRedacted',
      'PersonSeen',
    ]);
    for (const { data } of events) expect(data).not.toHaveProperty('name');
    const files = readdirSync(service.folder).filter((file) =>
      readFileSync(join(service.folder, file)).includes('Quillfeather'),
    );
    expect([...files, ...(await placesInStore(service.folder, 'Quillfeather'))]).toEqual([]);
    expect(await runDocket(['verify'], service)).toMatchObject({ code: 0 });
    // A repeated request changes nothing.
    expect(await send(administrator.token, 'DELETE', '/api/people/dan/name')).toMatchObject({ status: 200 });
    expect(await streamOf('dan')).toEqual(events);
  });
});

describe('a calendar link', () => {
  it("shows its person's deadlines, without a token, and reports changes", async () => {
    const link = await makeLink(tokenOf('fay'));
    expect(link).toMatchObject({ expiresOn: addDays(TODAY, 365), recipient: null, kind: null, state: null });
    const answer = await open(link.url);
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/calendar; charset=utf-8' },
    });
    expect(summaries(answer)).toEqual(['kent-1: Kent']);
    expect(await open(link.url, { 'if-none-match': answer.headers.etag })).toMatchObject({ status: 304 });
    // No file and no event contains the secret.
    const { searchParams } = new URL(link.url);
    const secret = searchParams.get('key')?.split('.')[1] ?? '';
    expect(secret.length).toBeGreaterThan(40);
    expect(JSON.stringify(await streamOf('fay'))).not.toContain(secret);
    expect(service.stderr()).not.toContain(secret);
  });

  it('begins with the configured address, for any host that the caller names', async () => {
    const own = await startService({ env: { DOCKET_PUBLIC_URL: 'https://docket.example/north/' } });
    const headers = { host: 'localhost:1' };
    const make = (at: RunningService) =>
      at.request('POST', '/api/calendar-links', { token: at.token('inspector'), body: {}, headers });
    const made = (await make(own)).json as unknown as LinkBody;
    expect(made.url).toBe(`https://docket.example/north${made.path}`);
    const report = { name: 'A report', publishedOn: TODAY };
    await own.as('inspector').issue({ id: 'own-1', report, deadlines: [{ dueOn: addDays(TODAY, 7) }] });
    // The calendar does not contain it either; it may be behind the issue.
    const shown = await eventually(
      () => own.request('GET', made.path, { headers }),
      ({ text }) => text.includes('BEGIN:VEVENT'),
    );
    const unfolded = shown.text.replaceAll('\r\n ', '');
    expect(unfolded).toContain('URL;VALUE=URI:https://docket.example/north/recommendations/own-1\r\n');
    expect(unfolded).not.toContain('localhost:1');
    expect(await own.stop()).toMatchObject({ code: 0 });
    // Without the setting no link contains a host. The path is valid wherever the service is reached.
    const unset = (await make(service)).json as unknown as LinkBody;
    expect(unset.url).toBe(`http://localhost:1${unset.path}`);
    expect(await service.request('GET', unset.path)).toMatchObject({ status: 200 });
  });

  it('can be narrowed, and not to a body that is not its person’s', async () => {
    const token = tokenOf('gus');
    expect(summaries(await open((await makeLink(token, { recipient: 'kent' })).url))).toHaveLength(1);
    expect(summaries(await open((await makeLink(token, { kind: 'response' })).url))).toEqual([]);
    expect(summaries(await open((await makeLink(token, { state: 'escalated' })).url))).toEqual([]);
    const before = await streamOf('gus');
    expect(await send(token, 'POST', '/api/calendar-links', { recipient: 'avon' })).toMatchObject(
      refusal(403, 'other-organisation'),
    );
    for (const [body, pointer] of [
      [{ recipient: 'Not A Slug' }, '/recipient'],
      [{ state: 'late' }, '/state'],
      [{ until: TODAY }, '/until'],
    ] as const) {
      expect(await send(token, 'POST', '/api/calendar-links', body)).toMatchObject(
        refusal(400, 'invalid-payload', { errors: [{ pointer }] }),
      );
    }
    expect(await streamOf('gus')).toEqual(before);
  });

  it('opens nothing else, and not with another secret', async () => {
    const [mine, theirs] = [await makeLink(tokenOf('kim')), await makeLink(tokenOf('leo'))];
    const key = new URL(theirs.url).search;
    for (const address of [
      `/api/calendar-links/${mine.id}/deadlines.ics${key}`,
      `/api/calendar-links/${mine.id}/deadlines.ics`,
      `/api/calendar-links/${mine.id}/deadlines.ics?key=`,
      `/api/calendar-links/${mine.id}/deadlines.ics?key=${keyOf(mine.url).split('.')[1]}`,
      `/api/calendar-links/${mine.id}/deadlines.ics?key=${keyOf(theirs.url).split('.')[0]}.${keyOf(mine.url).split('.')[1]}`,
      `/api/calendar-links/${mine.id}/deadlines.ics?key=${keyOf(mine.url).split('.')[0]}.${keyOf(theirs.url).split('.')[1]}`,
      `/api/calendar-links/${mine.id}/deadlines.ics?key=AA.${keyOf(mine.url).split('.')[1]}`,
      `/api/calendar-links/${mine.id}/deadlines.ics${new URL(mine.url).search}&${key.slice(1)}`,
      `/api/calendar-links/00000000-0000-4000-8000-000000000000/deadlines.ics${key}`,
      `/api/calendar-links/unknown/deadlines.ics${key}`,
    ]) {
      expect(await service.request('GET', address)).toMatchObject(refusal(404, 'not-found'));
    }
    for (const path of ['/api/deadlines.ics', '/api/deadlines', '/api/recommendations']) {
      expect(await service.request('GET', path + new URL(mine.url).search)).toMatchObject({ status: 401 });
    }
    expect(await service.request('POST', `/api/calendar-links/${mine.id}/deadlines.ics`)).toMatchObject({
      status: 401,
    });
  });

  it('remains after a restart, and after a rebuild of the read models', async () => {
    const { url } = await makeLink(tokenOf('ned'));
    const { folder } = service;
    await service.stop();
    await removeReadModels(folder);
    service = await startService({ env: { DOCKET_SWEEP: 'off' }, folder });
    expect(summaries(await open(url))).toEqual(['kent-1: Kent']);
  });
});

describe('a person entered at the command line', () => {
  const enter = (...words: string[]) => runDocket(['--as', 'ann', 'people', 'enter', ...words], service);
  const enteredEvents = async () =>
    (await service.as('auditor').get('/api/events?type=PersonEntered')).json.items;

  it('can be named as an owner before their first sign-in, and is entered once', async () => {
    const words = ['dee', 'Dee Doe', '--role', 'inspector'];
    const first = await enter(...words, '--json');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const person = { subject: 'dee', name: 'Dee Doe', roles: ['inspector'], organisations: [] };
    expect(jsonLines(first)).toEqual([{ outcome: 'entered', ...person }]);
    expect(await enter(...words)).toMatchObject({ code: 0, stdout: 'dee: already known as Dee Doe\n' });
    expect(await enteredEvents()).toMatchObject([{ streamId: 'person-dee', actor: { subject: 'cli:ann' } }]);

    const inspector = service.as('inspector');
    const id = (await inspector.issue()).json.recommendations[0]!.id;
    const answer = await eventually(
      () => inspector.command(id, 'assign-owner', { owner: 'Dee Doe' }),
      ({ status }) => status === 200,
    );
    expect(answer.json).toMatchObject({ events: [{ type: 'OwnerAssigned' }] });
  });

  it.each([
    [['dora', ' '], 2, /name must not be blank/],
    [['dora', ''], 2, /name must not be blank/],
    [['dora', 'Dora', '--organisation', 'Kent Police'], 2, /is not the slug of a body/],
    [['dora', 'Dora', '--role', 'king'], 2, /inspector/],
  ])('is refused with %j, and nothing is recorded', async (words, code, message) => {
    const before = await enteredEvents();
    const run = await enter(...words);
    expect(run).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
    expect(await enteredEvents()).toEqual(before);
  });
});
