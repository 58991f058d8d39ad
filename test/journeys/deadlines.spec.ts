import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeWithoutAction } from '../support/closing.ts';
import { addDays } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { refusal, startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';

const TODAY = londonDate(Date.now());
const inDays = (days: number): string => addDays(TODAY, days);

let service: RunningService;
let inspector: Client;
let position: string;

beforeAll(async () => {
  service = await startService({ env: { DOCKET_SWEEP: 'off' } });
  inspector = service.as('inspector');
  const approver = service.as('approver');
  await inspector.issue({
    id: 'a',
    recipients: ['avon'],
    deadlines: [{ dueOn: inDays(-60) }, { dueOn: inDays(7) }],
  });
  await inspector.issue({ id: 'b', recipients: ['kent'], deadlines: [{ dueOn: inDays(-5) }] });
  await inspector.issue({
    id: 'c',
    recipients: ['kent'],
    deadlines: [{ dueOn: inDays(400) }],
    responseRequired: true,
    report: { name: 'Report', publishedOn: inDays(-40) },
  });
  await inspector.issue({ id: 'd', recipients: ['avon'], deadlines: [{ dueOn: inDays(-3) }] });
  await closeWithoutAction(inspector, approver, 'd');
  ({ position } = (await inspector.command('b', 'add-comment', { text: 'A remark.' })).json);
});

const list = (query = '', person: Client = inspector): Promise<Answer> =>
  person.get(`/api/deadlines?minPosition=${position}${query && `&${query}`}`);
const keysOf = ({ json }: Answer): string[] => json.items.map(({ id, deadlineId }) => `${id}/${deadlineId}`);

const ALL = ['a/d1', 'b/d1', 'd/d1', 'a/d2', 'c/d2', 'c/d1'];

describe('the deadlines', () => {
  it('are listed with their records, the earliest date first, with the days left or over', async () => {
    const answer = await list();
    expect(answer.status).toBe(200);
    expect(answer.json.nextCursor).toBeNull();
    expect(Number(answer.json.position)).toBeGreaterThanOrEqual(Number(position));
    const rows = answer.json.items.map(({ id, deadlineId, dueOn, state, daysLeft, status }) => [
      `${id}/${deadlineId}`,
      dueOn,
      state,
      daysLeft,
      status,
    ]);
    expect(rows).toEqual([
      ['a/d1', inDays(-60), 'escalated', -60, 'awaiting-review'],
      ['b/d1', inDays(-5), 'overdue', -5, 'awaiting-review'],
      ['d/d1', inDays(-3), 'settled', null, 'no-further-action-needed'],
      ['a/d2', inDays(7), 'approaching', 7, 'awaiting-review'],
      // 55 days after publication.
      ['c/d2', inDays(15), 'on-track', 15, 'awaiting-review'],
      ['c/d1', inDays(400), 'on-track', 400, 'awaiting-review'],
    ]);
    expect(answer.json.items[0]).toMatchObject({
      title: expect.stringContaining('Recommendation'),
      recipient: 'avon',
    });
  });

  it.each([
    ['state=overdue', ['a/d1', 'b/d1']],
    ['kind=action&recipient=kent', ['b/d1', 'c/d1']],
    [`from=${inDays(-5)}&to=${inDays(7)}`, ['b/d1', 'd/d1', 'a/d2']],
  ])('are narrowed by %s', async (query, expected) => {
    expect(keysOf(await list(query))).toEqual(expected);
  });

  it('are those of the caller’s bodies alone, if the caller sees no others', async () => {
    const forceLead = service.as('force-lead', { organisations: ['kent'] });
    expect(keysOf(await list('', forceLead))).toEqual(['b/d1', 'c/d2', 'c/d1']);
    expect(await list('recipient=avon', forceLead)).toMatchObject(refusal(403, 'other-organisation'));
    expect(keysOf(await list('recipient=kent', forceLead))).toEqual(['b/d1', 'c/d2', 'c/d1']);
    expect(keysOf(await list('', service.as('commissioner')))).toEqual([]);
    expect(keysOf(await list('', service.as('auditor')))).toEqual(ALL);
  });

  it.each([
    ['kind=other', '/kind'],
    ['from=2026-03-01&to=2026-02-28', '/to'],
    ['cursor=abc', '/cursor'],
    ['state=overdue&state=settled', '/state'],
  ])('%s is refused, naming the parameter', async (query, pointer) => {
    expect(await list(query)).toMatchObject(
      refusal(400, 'invalid-parameter', { errors: [expect.objectContaining({ pointer })] }),
    );
  });

  it('accept a bearer token and nothing else', async () => {
    expect(await service.request('GET', '/api/deadlines')).toMatchObject(refusal(401, 'unauthenticated'));
    const basic = Buffer.from(`me:${inspector.token}`).toString('base64');
    const refused = await service.request('GET', '/api/deadlines', {
      headers: { authorization: `Basic ${basic}` },
    });
    expect(refused).toMatchObject(refusal(401, 'unauthenticated'));
    expect(refused.headers['www-authenticate']).toBe('Bearer realm="docket"');
  });

  it('show no title that was erased', async () => {
    const { json } = await inspector.issue({
      id: 'secret',
      recipients: ['avon'],
      deadlines: [{ dueOn: inDays(1) }],
    });
    const { items } = (await inspector.get('/api/recommendations/secret/events')).json;
    const body = { eventId: items[0]?.eventId, pointers: ['/data/title'], reason: 'It names a person.' };
    const redacted = await service.as('approver').command('secret', 'redact-comment', body);
    expect(redacted.status).toBe(200);
    const answer = await inspector.get(
      `/api/deadlines?from=${inDays(1)}&to=${inDays(1)}&minPosition=${redacted.json.position}`,
    );
    expect(answer.json.items).toMatchObject([{ id: 'secret', title: null }]);
    expect(Number(redacted.json.position)).toBeGreaterThan(Number(json.position));
  });

  it('are shown as the document says where an amended text no longer has their words', async () => {
    await inspector.issue({ id: 'amended', text: 'Within six months every force should publish a plan.' });
    const text = 'Every force should publish a plan.';
    await inspector.command('amended', 'amend-text', { text, reason: 'The time is left open.' });
    await inspector.command('amended', 'confirm-deadline', { deadlineId: 'd1', dueOn: inDays(30) });
    // The helper checks every response against the document.
    const { json } = await inspector.get('/api/recommendations/amended/events');
    expect(json.items.slice(-2)).toMatchObject([
      { type: 'TextAmended', data: { places: [{ deadlineId: 'd1', source: null }] } },
      { type: 'DeadlineSet', data: { deadlineId: 'd1', source: null } },
    ]);
  });
});
