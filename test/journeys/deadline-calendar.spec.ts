import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeWithoutAction } from '../support/closing.ts';
import ICAL from 'ical.js';
import type { OutgoingHttpHeaders } from 'node:http';
import { addDays } from '#lifecycle/plain-date';
import { longDate } from '#server/web/dates';
import { londonDate } from '#state-machines/london';
import { eventually } from '../support/service-child.ts';
import { refusal, startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';

const TODAY = londonDate(Date.now());
const inDays = (days: number): string => addDays(TODAY, days);
/** A title with all characters that must be escaped in a calendar. */
const HARD_TITLE = 'Zürich, „custody“; a \\ backslash 🚓 '.repeat(4).trim();

let service: RunningService;
let inspector: Client;
let position: string;

beforeAll(async () => {
  service = await startService({ env: { DOCKET_SWEEP: 'off' } });
  inspector = service.as('inspector');
  await inspector.issue({
    id: 'hard',
    title: HARD_TITLE,
    recipients: ['avon'],
    deadlines: [{ dueOn: '2028-02-29' }, { dueOn: inDays(-40) }],
  });
  await inspector.issue({
    id: 'kent-1',
    title: 'Publish a plan',
    recipients: ['kent'],
    report: { name: 'Report', publishedOn: inDays(-50) },
    responseRequired: true,
  });
  await inspector.issue({ id: 'done', recipients: ['kent'], deadlines: [{ dueOn: inDays(3) }] });
  ({ position } = (await closeWithoutAction(inspector, service.as('approver'), 'done')).json);
});

const basic = (token: string, user = 'anyone'): OutgoingHttpHeaders => ({
  authorization: `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`,
});
const calendar = (query = '', headers = basic(inspector.token)): Promise<Answer> =>
  // Clients retry while a read model is behind.
  eventually(
    () =>
      service.request('GET', `/api/deadlines.ics?minPosition=${position}${query && `&${query}`}`, {
        headers,
      }),
    ({ status }) => status !== 503,
    30_000,
  );

/** Returns the parsed events of the calendar. */
function eventsOf({ text }: Answer) {
  const component = new ICAL.Component(ICAL.parse(text) as unknown[]);
  return component.getAllSubcomponents('vevent').map((vevent) => {
    const event = new ICAL.Event(vevent);
    return {
      uid: event.uid,
      on: event.startDate.toString(),
      isAllDay: event.startDate.isDate,
      days: event.duration.toSeconds() / 86_400,
      summary: event.summary,
      description: event.description,
      sequence: event.sequence,
      url: String(vevent.getFirstPropertyValue('url')),
      changed: String(vevent.getFirstPropertyValue('last-modified')),
    };
  });
}
const only = async (query: string) => {
  const events = eventsOf(await calendar(query));
  expect(events).toHaveLength(1);
  return events[0] as (typeof events)[number];
};

describe('the calendar', () => {
  it('has an event of a whole day for each deadline that is not settled, the earliest first', async () => {
    const events = eventsOf(await calendar());
    expect(events.map(({ uid, on }) => [uid, on])).toEqual([
      ['hard.d2@docket', inDays(-40)],
      ['kent-1.d1@docket', inDays(5)],
      ['hard.d1@docket', '2028-02-29'],
    ]);
    for (const { isAllDay, days } of events) expect({ isAllDay, days }).toEqual({ isAllDay: true, days: 1 });
  });

  it('names its record, its state, and its address', async () => {
    expect(await only('recipient=kent')).toMatchObject({
      summary: 'kent-1 (response): Publish a plan',
      description: `Deadline: Approaching\nStatus: Awaiting review\nBody: kent\n${service.address}/recommendations/kent-1`,
      url: `${service.address}/recommendations/kent-1`,
    });
    const { url } = await only('recipient=kent');
    // A browser gets a page, which may be the sign-in page.
    expect((await fetch(url)).headers.get('content-type')).toContain('text/html');
  });

  it('keeps a title’s characters, of any kind, on one line', async () => {
    const { summary } = await only('from=2028-02-29&to=2028-02-29');
    expect(summary).toBe(`hard: ${HARD_TITLE}`);
  });

  it('is written as RFC 5545 wants it: CRLF, lines of 75 bytes at most, and every line ended', async () => {
    const { text, headers } = await calendar();
    expect(headers['content-type']).toBe('text/calendar; charset=utf-8');
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(text).toMatch(/END:VCALENDAR\r\n$/);
    const lines = text.split('\r\n');
    expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
    expect(lines.filter((line) => line.startsWith(' ')).length).toBeGreaterThan(0);
    expect(text).not.toContain('\u{fffd}');
    for (const wanted of ['VERSION:2.0', 'PRODID:-//Docket//Deadlines//EN', 'DTSTART;VALUE=DATE:20280229'])
      expect(lines).toContain(wanted);
  });

  it('requests a refresh in an hour, and has a name that says whose it is', async () => {
    const { text } = await calendar();
    expect(text).toContain('REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n');
    expect(text).toContain('X-PUBLISHED-TTL:PT1H\r\n');
    expect(text).toContain('X-WR-CALNAME:Docket deadlines\r\n');
    expect((await calendar('recipient=kent')).text).toContain('X-WR-CALNAME:Docket deadlines: kent\r\n');
  });

  it('is empty where nothing is due', async () => {
    const answer = await calendar('recipient=nobody');
    expect(answer.status).toBe(200);
    expect(eventsOf(answer)).toEqual([]);
  });

  it.each([
    ['state=escalated', ['hard.d2']],
    ['kind=response', ['kent-1.d1']],
    [`from=${inDays(0)}`, ['kent-1.d1', 'hard.d1']],
    [`to=${inDays(0)}`, ['hard.d2']],
  ])('is narrowed by %s', async (query, expected) => {
    expect(eventsOf(await calendar(query)).map(({ uid }) => uid.replace('@docket', ''))).toEqual(expected);
  });

  it.each(['state=settled', 'limit=10', 'cursor=x', 'from=2026-02-30'])('refuses %s', async (query) => {
    expect(await calendar(query)).toMatchObject(refusal(400, 'invalid-parameter'));
  });

  it('shows a body its own deadlines alone', async () => {
    const forceLead = service.token('force-lead', { organisations: ['kent'] });
    expect(eventsOf(await calendar('', basic(forceLead)))).toMatchObject([
      {
        uid: 'kent-1.d1@docket',
        summary: 'kent-1 (response): Publish a plan',
        url: `${service.address}/recommendations/kent-1`,
      },
    ]);
    expect(await calendar('recipient=avon', basic(forceLead))).toMatchObject(
      refusal(403, 'other-organisation'),
    );
  });
});

describe('a subscriber', () => {
  const getCalendar = (headers: OutgoingHttpHeaders, path = '/api/deadlines.ics') =>
    service.request('GET', path, { headers });

  it('sends a token as the password, with any user name or none, or as a bearer token', async () => {
    for (const user of ['anyone', '', 'a name']) {
      expect(await getCalendar(basic(inspector.token, user))).toMatchObject({ status: 200 });
    }
    expect(
      await getCalendar({ authorization: `basic ${basic(inspector.token).authorization?.slice(6)}` }),
    ).toMatchObject({
      status: 200,
    });
    expect(await getCalendar({ authorization: `Bearer ${inspector.token}` })).toMatchObject({ status: 200 });
  });

  it('requires a password where none is valid', async () => {
    const wrong: OutgoingHttpHeaders[] = [
      {},
      basic('wrong'),
      basic(''),
      { authorization: 'Basic' },
      { authorization: 'Basic ???' },
      { authorization: `Basic ${Buffer.from(inspector.token).toString('base64')}` },
      basic(`${inspector.token}x`),
      { authorization: `Digest ${inspector.token}` },
    ];
    for (const headers of wrong) {
      const refused = await getCalendar(headers);
      expect(refused).toMatchObject(refusal(401, 'unauthenticated'));
      expect(refused.headers['www-authenticate']).toBe('Bearer, Basic realm="docket"');
    }
  });

  it('sends it here and nowhere else', async () => {
    for (const path of ['/api/recommendations', '/api/deadlines', '/api/deadlines.icsx', '/api/statistics']) {
      const refused = await getCalendar(basic(inspector.token), path);
      expect(refused).toMatchObject(refusal(401, 'unauthenticated'));
      expect(refused.headers['www-authenticate']).toBe('Bearer realm="docket"');
    }
  });
});

describe('a program that looks again', () => {
  it('gets a 304 response without a body', async () => {
    const first = await calendar();
    const tag = first.headers.etag as string;
    expect(tag).toMatch(/^"[\w-]{43}"$/);
    expect(first.headers['cache-control']).toBe('private, no-cache');
    for (const seen of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await calendar('', { ...basic(inspector.token), 'if-none-match': seen });
      expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' });
      expect(again.headers.etag).toBe(tag);
    }
    expect(await calendar('', { ...basic(inspector.token), 'if-none-match': '"other"' })).toMatchObject({
      status: 200,
      text: first.text,
    });
  });

  it('finds an extended deadline under the same UID, on its new day, as a later revision', async () => {
    const query = 'recipient=avon&state=escalated';
    const before = await only(query);
    const forceLead = service.as('force-lead', { organisations: ['avon'] });
    const extension = { deadlineId: 'd2', dueOn: inDays(20), reason: 'More time.' };
    expect(await forceLead.command('hard', 'request-extension', extension)).toMatchObject({ status: 200 });
    const granted = await inspector.command('hard', 'grant-extension', { deadlineId: 'd2' });
    ({ position } = granted.json);
    const seen = { ...basic(inspector.token), 'if-none-match': (await calendar()).headers.etag };
    expect(eventsOf(await calendar(query))).toEqual([]);
    const after = await only(`recipient=avon&from=${inDays(20)}&to=${inDays(20)}`);
    expect(after).toMatchObject({ uid: before.uid, on: inDays(20) });
    expect(after.description).toContain(`First due on ${longDate(inDays(-40))}`);
    expect(after.sequence).toBeGreaterThan(before.sequence);
    expect(after.changed >= before.changed).toBe(true);
    expect(await calendar('', seen)).toMatchObject({ status: 304 });

    // A comment does not change the calendar.
    ({ position } = (
      await inspector.command('hard', 'add-comment', { text: 'A remark.', visibility: 'public' })
    ).json);
    expect(await calendar('', seen)).toMatchObject({ status: 304 });
  });

  it('no longer finds a deadline once it is settled, and finds it again when the record is reopened', async () => {
    const approver = service.as('approver');
    const before = eventsOf(await calendar('recipient=avon'));
    ({ position } = (await closeWithoutAction(inspector, approver, 'hard')).json);
    expect(eventsOf(await calendar('recipient=avon'))).toEqual([]);
    ({ position } = (await approver.command('hard', 'reopen', { reason: 'Not merged.' })).json);
    const after = eventsOf(await calendar('recipient=avon'));
    expect(after.map(({ uid }) => uid)).toEqual(before.map(({ uid }) => uid));
    for (const [index, { sequence }] of after.entries()) {
      expect(sequence).toBeGreaterThan(before[index]?.sequence ?? Infinity);
    }
  });
});

describe('more deadlines than a calendar can contain', () => {
  it('are refused, with a hint how to request fewer', async () => {
    const bodies = Array.from({ length: 21 }, (_, index) => `body-${index}`);
    const deadlines = Array.from({ length: 20 }, (_, index) => ({ dueOn: inDays(100 + index) }));
    for (let index = 0; index < 5; index += 1) {
      ({ position } = (await inspector.issue({ id: `many-${index}`, recipients: bodies, deadlines })).json);
    }
    const refused = await calendar();
    expect(refused).toMatchObject(refusal(400, 'invalid-parameter'));
    expect(refused.json.detail).toMatch(/2000 .*recipient/);
    const part = await calendar('recipient=body-0');
    expect(eventsOf(part)).toHaveLength(100);
  });
});

// This test is last, because it adds a record to the lists of others.
describe('an imported title', () => {
  it('is shown without control characters', async () => {
    const title = 'Odd\ttitle\u0007 of\u2028two\u0085lines, \u202eturned\u2066 (odd-1)';
    const source = `${title}\n\nBy 31 March 2029 the force should publish a plan.\n[on]1st May 2026 [status]awaiting review[/status][/on]`;
    ({ position } = (await inspector.import(source)).json);
    const { summary } = await only('from=2029-03-31&to=2029-03-31');
    expect(summary).toBe('odd-1: Odd title of two lines, turned');
  });
});
