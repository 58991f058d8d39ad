import { beforeAll, describe, expect, it } from '@jest/globals';
import { runDocket } from '../support/command-line.ts';
import { recommendation, refusal, startService } from '../support/service.ts';
import type { AnswerBody, AnswerItem, Client, RunningService } from '../support/service.ts';
import { whileLocked } from '../support/stored-events.ts';

interface RefusalItem {
  readonly position: string;
  readonly actor: { readonly subject: string; readonly roles: readonly string[] };
  readonly command: string | null;
  readonly code: string;
  readonly guard: string | null;
  readonly record: string | null;
  readonly seenVersion: number | null;
  readonly correlationId: string;
}

let service: RunningService;
let inspector: Client;
let auditor: Client;

beforeAll(async () => {
  service = await startService({ env: { DOCKET_LOG_LEVEL: 'trace' } });
  meet();
});

function meet(): void {
  inspector = service.as('inspector');
  auditor = service.as('auditor');
}

const issueRecord = async (more?: object): Promise<string> =>
  (await inspector.issue(more)).json.recommendations[0]?.id as string;

const log = async (): Promise<readonly AnswerItem[]> => {
  const items: AnswerItem[] = [];
  let after: string | number | null = '0';
  while (after !== null) {
    const page: AnswerBody = (await auditor.get(`/api/events?limit=10000&after=${after}`)).json;
    items.push(...page.items);
    after = page.next;
  }
  return items;
};

/** Returns the refusals recorded so far. */
async function refusals(query = ''): Promise<readonly RefusalItem[]> {
  const end = (await log()).at(-1)?.position ?? '0';
  const { json } = await auditor.get(`/api/refusals?minPosition=${end}&limit=200${query}`);
  return json.items as unknown as readonly RefusalItem[];
}

describe('a refused attempt is recorded when it is answered', () => {
  it('of a command, an issue and an import, with person, command, reason and version', async () => {
    const id = await issueRecord();
    const forceLead = service.as('force-lead', { subject: 'lead', organisations: ['wiltshire'] });
    const plain = { 'content-type': 'text/plain' };
    const answers = [
      await forceLead.command(id, 'start-progress'),
      await inspector.post('/api/recommendations', recommendation({ id })),
      await forceLead.post('/api/imports?id=imp-9', 'A title (imp-9)\n', plain),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 409, 403]);
    const actor = { subject: 'lead', roles: ['force-lead'] };
    expect((await refusals()).toReversed()).toMatchObject(
      [
        {
          actor,
          command: 'start-progress',
          code: 'role-not-permitted',
          guard: null,
          record: id,
          seenVersion: 1,
        },
        { command: 'issue', code: 'id-already-used', record: id, seenVersion: 1 },
        { actor, command: 'import', record: null },
      ].map((entry, index) => ({
        ...entry,
        correlationId: answers[index]?.headers['x-correlation-id'],
      })),
    );
  });

  it("for ids, commands and correlation ids that contain a caller's text, without that text", async () => {
    const id = await issueRecord();
    const headers = { 'x-correlation-id': 'Jane-Doe-of-1-High-Street' };
    const plain = { ...headers, 'content-type': 'text/plain' };
    const forceLead = service.as('force-lead', { organisations: ['wiltshire'] });
    const answers = [
      await inspector.command('Jane-Doe-1', 'start-progress', {}, headers),
      await inspector.command(id, 'Jane-Doe-2', {}, headers),
      await forceLead.post('/api/recommendations', recommendation({ id: 'Jane-Doe-3' }), headers),
      await forceLead.post('/api/imports?id=Jane-Doe-4', 'A title (Jane-Doe-5)\n', plain),
      await inspector.get('/api/recommendations/Jane-Doe-6', headers),
      await inspector.get('/Jane-Doe-7', headers),
    ];
    for (const answer of answers) expect(answer.headers['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(await log())).not.toContain('Jane');
    expect((await service.request('GET', '/metrics')).text).not.toContain('Jane');
    expect(service.stderr()).not.toContain('Jane');
  });

  it('and nothing else is: no read, no dry run, no unknown caller, no slip of a form, nothing that was executed', async () => {
    const id = await issueRecord();
    const before = await log();
    const forceLead = service.as('force-lead', { organisations: ['wiltshire'] });
    const plain = { 'content-type': 'text/plain' };
    await forceLead.get('/api/events');
    await forceLead.get('/api/recommendations/nowhere-1');
    await service.request('POST', `/api/recommendations/${id}/commands/start-progress`);
    await inspector.post(`/api/recommendations/${id}/commands/add-comment`, '{"broken');
    await inspector.command(id, 'add-comment', { text: ' ', visibility: 'public' });
    await inspector.command(id, 'add-comment', '{"text":"a","text":"b"}');
    expect(await forceLead.post('/api/imports?dryRun=true', 'A title (x)\n', plain)).toMatchObject({
      status: 403,
    });
    expect(await log()).toEqual(before);
    await inspector.command(id, 'start-progress');
    expect(await log()).toHaveLength(before.length + 1);
  });
});

describe('the lists of the audit trail', () => {
  it('are filtered by members of their entries, and are CSV too', async () => {
    const id = await issueRecord();
    const ann = service.as('auditor', { subject: 'ann' });
    await ann.command(id, 'start-progress');
    await ann.command(id, 'approve-closure', { statement: 'Done.' });
    for (const format of ['json', 'register'])
      await ann.get(`/api/recommendations/${id}/export?format=${format}`);
    const cases: readonly (readonly [string, string, readonly string[]])[] = [
      ['refusals', '', ['approve-closure', 'start-progress']],
      ['refusals', '&subject=ann', ['approve-closure', 'start-progress']],
      ['refusals', '&subject=bob', []],
      ['refusals', '&command=start-progress', ['start-progress']],
      ['refusals', '&code=role-not-permitted', ['approve-closure', 'start-progress']],
      ['refusals', '&from=2020-01-01&to=2999-01-01', ['approve-closure', 'start-progress']],
      ['refusals', '&to=2020-01-01', []],
      ['accesses', '&subject=ann&kind=export', ['register', 'json']],
      ['accesses', '&kind=pack', []],
    ];
    for (const [list, query, expected] of cases) {
      const { json } = await auditor.get(`/api/${list}?recommendation=${id}${query}`);
      const items = json.items as unknown as readonly { command?: string; format?: string }[];
      expect(items.map(({ command, format }) => command ?? format)).toEqual(expected);
    }
    const { text } = await auditor.get(`/api/accesses?recommendation=${id}`, { accept: 'text/csv' });
    expect(text).toMatch(
      /^position,recordedAt,subject,roles,kind,record,version,format,withheld,correlationId/,
    );
  });

  it.each(['limit=0', 'limit=201', 'cursor=x', 'from=today', 'to=2026-02-30', 'code=nonsense', 'who=me'])(
    'refuse %s',
    async (query) => {
      expect(await auditor.get(`/api/refusals?${query}`)).toMatchObject(refusal(400, 'invalid-parameter'));
    },
  );

  it('survive a restart and a flood, of which the log says how much was not recorded', async () => {
    const before = await refusals();
    const flood = service.as('inspector', { subject: 'flood' });
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => flood.command('nowhere-3', 'start-progress')),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    expect(await service.stop()).toEqual({ code: 0, signal: null });
    const log = service.stderr();
    expect(await runDocket(['verify'], { folder: service.folder })).toMatchObject({ code: 0 });
    service = await startService({ folder: service.folder });
    meet();
    const { items } = (await auditor.get('/api/refusals?subject=flood&limit=200')).json;
    // On a slow machine the flood may last more than a minute.
    const leftOut = [...log.matchAll(/(\d+) refusals were not recorded/g)].map(([, count]) => Number(count));
    expect(items.length).toBeLessThan(200);
    expect(items.length + leftOut.reduce((sum, count) => sum + count, 0)).toBe(300);
    expect((await refusals()).filter(({ actor }) => actor.subject !== 'flood')).toEqual(before);
  });
});

describe('a store that cannot be written', () => {
  it('answers no refusal that is not recorded', async () => {
    const id = await issueRecord();
    await inspector.command(id, 'start-progress');
    const before = await log();
    await whileLocked(service.folder, async () => {
      const answer = await inspector.command(id, 'start-progress');
      expect(answer).toMatchObject(refusal(503, 'store-unavailable'));
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    });
    expect(await log()).toEqual(before);
    expect(await inspector.command(id, 'start-progress')).toMatchObject({ status: 409 });
    expect(await log()).toHaveLength(before.length + 1);
  });
});
