import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runDocket } from '../support/command-line.ts';
import { recommendation, refusal, startService } from '../support/service.ts';
import type { Answer, AnswerBody, AnswerItem, Client, RunningService } from '../support/service.ts';
import { whileLocked } from '../support/stored-events.ts';

interface RefusalItem {
  readonly position: string;
  readonly actor: { readonly subject: string; readonly roles: readonly string[] } | null;
  readonly command: string | null;
  readonly code: string;
  readonly guard: string | null;
  readonly record: string | null;
  readonly seenVersion: number | null;
  readonly count: number;
  readonly correlationId: string | null;
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

const issued = async (given?: object): Promise<string> =>
  (await inspector.issue(given)).json.recommendations[0]?.id as string;

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

/** What is on record at this moment: everything that has been answered. */
async function refusals(query = ''): Promise<readonly RefusalItem[]> {
  const end = (await log()).at(-1)?.position ?? '0';
  const { json } = await auditor.get(`/api/refusals?minPosition=${end}&limit=200${query}`);
  return json.items as unknown as readonly RefusalItem[];
}

/** The one refusal that was answered last, and what it says. */
async function onRecord(answer: Answer): Promise<RefusalItem | undefined> {
  const [latest] = await refusals();
  expect(latest?.correlationId).toBe(answer.headers['x-correlation-id']);
  return latest;
}

describe('a refused attempt is on record when it is answered', () => {
  it('for the role', async () => {
    const id = await issued();
    const lead = service.as('force-lead', { subject: 'lead-1', organisations: ['wiltshire'] });
    const answer = await lead.command(id, 'start-progress');
    expect(answer).toMatchObject(refusal(403, 'role-not-permitted'));
    expect(await onRecord(answer)).toMatchObject({
      actor: { subject: 'lead-1', roles: ['force-lead'] },
      command: 'start-progress',
      code: 'role-not-permitted',
      guard: null,
      record: id,
      seenVersion: 1,
      count: 1,
    });
  });

  it('for the second person', async () => {
    const id = await issued();
    const both = service.as(['inspector', 'approver'], { subject: 'both' });
    await both.command(id, 'request-closure', { statement: 'Done.' });
    const answer = await both.command(id, 'approve-closure', { statement: 'Agreed.' });
    expect(answer).toMatchObject(refusal(403, 'separation-of-duties'));
    expect(await onRecord(answer)).toMatchObject({
      actor: { subject: 'both', roles: ['inspector', 'approver'] },
      command: 'approve-closure',
      code: 'separation-of-duties',
      record: id,
      seenVersion: 2,
    });
  });

  it('for the state, the version and a rule', async () => {
    const id = await issued();
    await inspector.command(id, 'start-progress');
    const state = await inspector.command(id, 'start-progress');
    expect(state).toMatchObject(refusal(409, 'command-not-allowed', { currentVersion: 2 }));
    expect(await onRecord(state)).toMatchObject({
      code: 'command-not-allowed',
      guard: null,
      seenVersion: 2,
    });
    const version = await inspector.command(id, 'add-comment', { text: 'Late.' }, { 'if-match': '"1"' });
    expect(version).toMatchObject(refusal(412, 'version-mismatch'));
    expect(await onRecord(version)).toMatchObject({ code: 'version-mismatch', record: id, seenVersion: 2 });
    const rule = await inspector.command(id, 'add-comment', { text: 'Soon.', effectiveOn: '2999-01-01' });
    expect(rule).toMatchObject(refusal(422, 'effective-date-in-future'));
    expect(await onRecord(rule)).toMatchObject({ code: 'effective-date-in-future', seenVersion: 2 });
  });

  it('for what is not there, or not for this person', async () => {
    const unknown = await inspector.command('nowhere-1', 'start-progress');
    expect(unknown).toMatchObject(refusal(404, 'not-found'));
    expect(await onRecord(unknown)).toMatchObject({
      actor: { subject: 'inspector', roles: ['inspector'] },
      code: 'not-found',
      record: null,
      seenVersion: null,
    });
    const id = await issued();
    const stranger = service.as('force-lead', { subject: 'stranger', organisations: ['kent'] });
    const hidden = await stranger.command(id, 'add-comment', { text: 'Mine?' });
    expect(hidden).toMatchObject(refusal(404, 'not-found'));
    expect(await onRecord(hidden)).toMatchObject({
      actor: { subject: 'stranger' },
      code: 'not-found',
      record: id,
      seenVersion: null,
    });
    const command = await inspector.command(id, 'delete-everything');
    expect(command).toMatchObject(refusal(404, 'unknown-command'));
    expect(await onRecord(command)).toMatchObject({ command: null, record: id, code: 'unknown-command' });
  });

  it('for the payload, of which nothing is kept', async () => {
    const id = await issued();
    const body = { text: ' ', 'Jane Doe': 'of 1 High Street' };
    const answer = await inspector.command(id, 'add-comment', body, { 'idempotency-key': 'Jane Doe' });
    expect(answer).toMatchObject(refusal(400, 'invalid-payload'));
    expect(await onRecord(answer)).toMatchObject({ code: 'invalid-payload', record: id, seenVersion: null });
    expect(JSON.stringify(await log())).not.toContain('Jane');
  });

  it("for ids, commands and correlation ids that hold a caller's text, of which nothing is kept", async () => {
    const id = await issued();
    const headers = { 'x-correlation-id': 'Jane-Doe-of-1-High-Street' };
    const plain = { ...headers, 'content-type': 'text/plain' };
    const lead = service.as('force-lead', { organisations: ['wiltshire'] });
    const answers = [
      await inspector.command('Jane-Doe-1', 'start-progress', {}, headers),
      await inspector.command(id, 'Jane-Doe-2', {}, headers),
      await lead.post('/api/recommendations', recommendation({ id: 'Jane-Doe-3' }), headers),
      await lead.post('/api/imports?id=Jane-Doe-4', 'A title (Jane-Doe-5)\n', plain),
      await inspector.get('/api/recommendations/Jane-Doe-6', headers),
      await inspector.get('/Jane-Doe-7', headers),
    ];
    for (const answer of answers) expect(answer.headers['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(await log())).not.toContain('Jane');
    expect((await service.request('GET', '/metrics')).text).not.toContain('Jane');
    expect(service.stderr()).not.toContain('Jane');
  });

  it('for an issue and an import', async () => {
    const id = await issued();
    const again = await inspector.post('/api/recommendations', recommendation({ id }));
    expect(again).toMatchObject(refusal(409, 'id-already-used'));
    expect(await onRecord(again)).toMatchObject({
      command: 'issue',
      code: 'id-already-used',
      record: id,
      seenVersion: 1,
    });
    const lead = service.as('force-lead', { subject: 'lead-2', organisations: ['wiltshire'] });
    const plain = { 'content-type': 'text/plain' };
    const brought = await lead.post('/api/imports?id=imp-9', 'A title (imp-9)\n', plain);
    expect(brought).toMatchObject(refusal(403, 'role-not-permitted'));
    expect(await onRecord(brought)).toMatchObject({
      actor: { subject: 'lead-2' },
      command: 'import',
      record: null,
    });
    const known = await lead.post(`/api/imports?id=${id}`, `A title (${id})\n`, plain);
    expect(await onRecord(known)).toMatchObject({ command: 'import', record: id });
  });

  it('and nothing else is: no read, no dry run, nobody unknown, nothing that was carried out', async () => {
    const id = await issued();
    const before = await log();
    const lead = service.as('force-lead', { organisations: ['wiltshire'] });
    const plain = { 'content-type': 'text/plain' };
    await lead.get('/api/events');
    await lead.get('/api/recommendations/nowhere-1');
    await service.request('POST', `/api/recommendations/${id}/commands/start-progress`);
    await inspector.post(`/api/recommendations/${id}/commands/add-comment`, '{"broken');
    expect(await lead.post('/api/imports?dryRun=true', 'A title (x)\n', plain)).toMatchObject({
      status: 403,
    });
    expect(await log()).toEqual(before);
    await inspector.command(id, 'start-progress');
    expect(await log()).toHaveLength(before.length + 1);
  });

  it('of 40 commands that exclude each other, for each of the 39', async () => {
    const id = await issued();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        service.as('inspector', { subject: `inspector-${index}` }).command(id, 'start-progress'),
      ),
    );
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(39);
    const items = await refusals(`&recommendation=${id}`);
    expect(items).toHaveLength(39);
    expect(items.map(({ correlationId }) => correlationId).sort()).toEqual(
      refused.map(({ headers }) => headers['x-correlation-id']).sort(),
    );
    expect(new Set(items.map(({ seenVersion }) => seenVersion))).toEqual(new Set([2]));
    expect((await inspector.get(`/api/recommendations/${id}/events`)).json.items).toHaveLength(2);
  });
});

describe('the refusals', () => {
  it('are narrowed by person, command, code, record and day', async () => {
    const id = await issued();
    const ann = service.as('auditor', { subject: 'ann' });
    await ann.command(id, 'start-progress');
    await ann.command(id, 'add-comment', { text: ' ' });
    const commandsOf = async (query: string) =>
      (await refusals(`&recommendation=${id}${query}`)).map(({ command }) => command);
    expect(await commandsOf('')).toEqual(['add-comment', 'start-progress']);
    expect(await commandsOf('&subject=ann')).toEqual(['add-comment', 'start-progress']);
    expect(await commandsOf('&subject=bob')).toEqual([]);
    expect(await commandsOf('&command=start-progress')).toEqual(['start-progress']);
    expect(await commandsOf('&code=invalid-payload')).toEqual(['add-comment']);
    expect(await commandsOf('&from=2020-01-01&to=2999-01-01')).toEqual(['add-comment', 'start-progress']);
    expect(await commandsOf('&to=2020-01-01')).toEqual([]);
  });

  it('come page by page', async () => {
    const all = await refusals();
    const paged: unknown[] = [];
    let cursor = '';
    do {
      const { items, nextCursor }: AnswerBody = (await auditor.get(`/api/refusals?limit=7${cursor}`)).json;
      paged.push(...items);
      cursor = nextCursor === null ? '' : `&cursor=${nextCursor}`;
    } while (cursor !== '');
    expect(paged.slice(0, all.length)).toEqual(all);
  });

  it.each(['limit=0', 'limit=201', 'cursor=x', 'from=today', 'to=2026-02-30', 'code=nonsense', 'who=me'])(
    'are not given for %s',
    async (query) => {
      expect(await auditor.get(`/api/refusals?${query}`)).toMatchObject(refusal(400, 'invalid-parameter'));
    },
  );

  it('survive a restart, and the log with them is verified', async () => {
    const before = await refusals();
    expect(await service.stop()).toEqual({ code: 0, signal: null });
    expect(await runDocket(['verify'], { folder: service.folder })).toMatchObject({ code: 0 });
    service = await startService({ folder: service.folder });
    meet();
    expect(await refusals()).toEqual(before);
    const answer = await inspector.command('nowhere-2', 'start-progress');
    expect(await onRecord(answer)).toMatchObject({ code: 'not-found', record: null });
  });
});

describe('a flood of refusals', () => {
  it('is answered, and its log is bounded; what is beyond is counted', async () => {
    const flooded = await startService();
    const person = flooded.as('inspector', { subject: 'flood' });
    const statuses = new Set<number>();
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => person.command('nowhere-3', 'start-progress')),
      );
      for (const { status } of answers) statuses.add(status);
    }
    expect(statuses).toEqual(new Set([404]));
    await flooded.stop();
    const again = await startService({ folder: flooded.folder });
    const { items } = (await again.as('auditor').get('/api/events?limit=10000')).json;
    const single = items.filter(({ type }) => type === 'CommandRefused').length;
    const counts = items.filter(({ type }) => type === 'RefusalsCounted');
    // The machine may be so slow that the flood lasts more than a minute.
    expect(single).toBeLessThan(500);
    expect(counts.length).toBeGreaterThan(0);
    const counted = counts.reduce((sum, { data }) => sum + (data['count'] as number), 0);
    expect(single + counted).toBe(500);
    const list = (await again.as('auditor').get('/api/refusals?limit=1')).json.items;
    expect(list).toMatchObject([
      { actor: { subject: 'flood', roles: [] }, command: null, code: 'not-found' },
    ]);
  });
});

describe('beside another server on the same store', () => {
  let other: RunningService;

  beforeAll(async () => {
    other = await startService({ folder: service.folder });
  });
  afterAll(() => other.stop());

  it('each has on record what it refused', async () => {
    const id = await issued();
    await inspector.command(id, 'start-progress');
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        (index % 2 === 0 ? service : other)
          .as('inspector', { subject: `at-${index % 2}-${index % 6}` })
          .command(id, 'start-progress'),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([409]));
    const items = await refusals(`&recommendation=${id}`);
    expect(items.map(({ correlationId }) => correlationId).sort()).toEqual(
      answers.map(({ headers }) => headers['x-correlation-id']).sort(),
    );
  });
});

describe('a store that cannot be written', () => {
  it('has nothing refused that is not on record', async () => {
    const id = await issued();
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
