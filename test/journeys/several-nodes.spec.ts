import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { kurrentdbSettings, postgresqlSettings } from '../support/journey-store.ts';
import { kurrentdbUrl } from '../support/kurrentdb-stores.ts';
import { placesOfNodes } from '../support/nodes.ts';
import type { NodePlace } from '../support/nodes.ts';
import { dropStore, postgresqlUrl } from '../support/postgresql-stores.ts';
import { PageBrowser } from '../support/pages.ts';
import { openFeed } from '../support/service-feed.ts';
import type { Feed } from '../support/service-feed.ts';
import { recommendation, refusal, startService } from '../support/service.ts';
import type { Answer, AnswerBody, AnswerItem, Client, RunningService } from '../support/service.ts';
import { eventually, settingsIn, startWarm } from '../support/service-child.ts';
import type { Started } from '../support/service-child.ts';

const SAID = 'Tindlewick Oxenholme called';

const countsByStatus = (answers: readonly Answer[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, all]) => [status, all.length]),
  );

const ON_BOTH = [
  ['PostgreSQL', postgresqlUrl, postgresqlSettings, dropStore],
  ["KurrentDB's protocol", kurrentdbUrl, kurrentdbSettings, null],
] as const;
/** In the short form `test/faults/lost-store.spec.ts` runs two nodes on KurrentDB. */
const STORES = process.env['DOCKET_TEST_LONG'] === undefined ? ON_BOTH.slice(0, 1) : ON_BOTH;

describe.each(STORES)('two nodes on one store of %s', (_, urlOf, settingsOn, drop) => {
  let places: NodePlace[];
  /** The two nodes. A killed one is replaced. */
  let a: RunningService;
  let b: RunningService;
  const feeds: Feed[] = [];

  beforeAll(async () => {
    const url = await urlOf();
    places = placesOfNodes((folder) => settingsOn(folder, url));
    a = await startService(places[0]);
    b = await startService(places[1]);
  }, 60_000);

  afterEach(() => {
    for (const feed of feeds.splice(0)) feed.close();
  });

  afterAll(async () => {
    for (const node of [a, b]) expect(await node.stop()).toEqual({ code: 0, signal: null });
    await drop?.(places[0]!.env['DOCKET_STORE']!);
  });

  /** Sends requests concurrently, every second one to the second node. */
  const overBoth = (
    count: number,
    action: (person: Client, index: number) => Promise<Answer>,
    role = 'inspector',
    subjectOf: (index: number) => string = () => role,
  ): Promise<Answer[]> =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        action((index % 2 === 0 ? a : b).as(role, { subject: subjectOf(index) }), index),
      ),
    );

  const issueRecord = async (node = a): Promise<string> =>
    (await node.as('inspector').issue()).json.recommendations[0]?.id as string;

  const eventsOf = async (id: string, node = b): Promise<readonly AnswerItem[]> =>
    (await node.as('inspector').get(`/api/recommendations/${id}/events`)).json.items;

  const wholeLog = async (node: RunningService): Promise<readonly AnswerItem[]> => {
    const items: AnswerItem[] = [];
    for (let after: string | number | null = '0'; after !== null;) {
      const page: AnswerBody = (await node.as('auditor').get(`/api/events?limit=10000&after=${after}`)).json;
      items.push(...page.items);
      after = page.next;
    }
    return items;
  };

  it('carry out one of 12 commands that exclude each other, and refuse 11', async () => {
    const id = await issueRecord();
    const answers = await overBoth(
      12,
      (person) => person.command(id, 'start-progress'),
      'inspector',
      (index) => `inspector-${index}`,
    );
    expect(countsByStatus(answers)).toEqual({ 200: 1, 409: 11 });
    for (const { json } of answers.filter(({ status }) => status === 409)) {
      expect(json).toMatchObject({ type: 'urn:docket:problem:command-not-allowed', currentVersion: 2 });
    }
    for (const node of [a, b]) {
      const types = (await eventsOf(id, node)).map(({ type }) => type);
      expect(types).toEqual(['RecommendationIssued', 'ProgressStarted']);
    }
  });

  it('know at once everything that the other has answered: the record, its events, its timeline, and its commands', async () => {
    const id = await issueRecord();
    const [here, there] = [a.as('inspector'), b.as('inspector')];
    const path = `/api/recommendations/${id}`;
    // The other node then caches the record.
    expect((await there.get(path)).json).toMatchObject({ version: 1, status: 'awaiting-review' });
    const { json } = await here.command(id, 'start-progress');
    expect((await there.get(path)).json).toMatchObject({ version: 2, status: 'being-progressed' });
    expect((await eventsOf(id)).at(-1)?.eventId).toBe(json.events[0]?.eventId);
    const timeline = (await there.get(`${path}/timeline`)).json.items;
    expect(timeline.map(({ type }) => type)).toEqual(['RecommendationIssued', 'ProgressStarted']);
    const { commands } = (await there.get(`${path}/commands`)).json;
    const allowed = new Map(commands.map(({ command, allowed }) => [command, allowed]));
    expect([allowed.get('start-progress'), allowed.get('return-to-review')]).toEqual([false, true]);
    expect((await there.get(`${path}/statechart`)).json).toMatchObject({ version: 2 });
    // The other node also decides on it.
    expect(await there.command(id, 'start-progress')).toMatchObject(refusal(409, 'command-not-allowed'));
    expect(await there.command(id, 'return-to-review', { reason: 'Too early.' })).toMatchObject({
      status: 200,
      json: { version: 3 },
    });
    expect((await here.get(path)).json).toMatchObject({ version: 3, status: 'awaiting-review' });
  });

  it("answer lists from the other's position on where minPosition names it", async () => {
    const [here, there] = [a.as('inspector'), b.as('inspector')];
    const issue = recommendation({
      title: 'Zebulon',
      recipients: ['zeta'],
      deadlines: [{ dueOn: '9000-01-01' }],
    });
    expect(await here.post('/api/recommendations', issue)).toMatchObject({ status: 201 });
    const { json } = await here.command(issue.id, 'start-progress');
    const query = `minPosition=${json.position}`;
    const list = await there.get(`/api/recommendations?q=Zebulon&${query}`);
    expect(list.json.items).toMatchObject([
      { id: issue.id, version: json.version, status: 'being-progressed' },
    ]);
    const deadlines = await there.get(`/api/deadlines?recipient=zeta&${query}`);
    expect(deadlines.json.items).toMatchObject([{ id: issue.id, dueOn: '9000-01-01' }]);
    const statistics = (await there.get(`/api/statistics?${query}`)).json;
    expect(statistics.byRecipient.find(({ recipient }) => recipient === 'zeta')).toMatchObject({ total: 1 });
  });

  it('both show on the page of operations which processes are there', async () => {
    for (const node of [a, b]) {
      const browser = new PageBrowser(node.address);
      await browser.signIn('demo-administrator');
      const rows = (await browser.get('/operations')).words('#versions ~ .govuk-table tbody tr');
      const pids = rows.filter((row) => row.includes('Running')).map((row) => /process (\d+)/.exec(row)?.[1]);
      // If read models are in files, each node has its own.
      const seen = drop === null ? [node] : [a, b];
      for (const { process } of seen) expect(pids).toContain(String(process.child.pid));
      if (drop === null) expect(pids).toHaveLength(1);
    }
  });

  it('record their refusals in one list, which both show', async () => {
    const id = await issueRecord();
    await a.as('inspector').command(id, 'start-progress');
    const refused = await overBoth(6, (person) => person.command(id, 'start-progress'));
    expect(countsByStatus(refused)).toEqual({ 409: 6 });
    const end = (await wholeLog(a)).at(-1)?.position;
    const correlationIds = new Set(refused.map(({ headers }) => headers['x-correlation-id']));
    for (const node of [a, b]) {
      const { json } = await node.as('auditor').get(`/api/refusals?minPosition=${end}&limit=200`);
      const listed = (json.items as unknown as { correlationId: string }[]).map((item) => item.correlationId);
      expect(new Set(listed).isSupersetOf(correlationIds)).toBe(true);
      expect(new Set(listed).size).toBe(listed.length);
    }
  });

  it("feed the other's events, and resume a feed that began at the other", async () => {
    const id = await issueRecord();
    const after = (await wholeLog(a)).at(-1)?.position;
    const open = async (node: RunningService, headers: Record<string, string>) => {
      const feed = await openFeed(node.address, node.token('auditor'), { headers });
      feeds.push(feed);
      return feed;
    };
    const comment = async (node: RunningService, text: string): Promise<string | undefined> =>
      (await node.as('inspector').command(id, 'add-comment', { text, visibility: 'public' })).json.events[0]
        ?.eventId;
    const first = await open(b, { 'last-event-id': after! });
    const eventIds = [await comment(a, 'One.'), await comment(b, 'Two.'), await comment(a, 'Three.')];
    const seen = await first.until(3);
    expect(seen.map(({ data }) => data.eventId)).toEqual(eventIds);
    first.close();
    eventIds.push(await comment(b, 'Four.'));
    const second = await open(a, { 'last-event-id': seen[1]!.id });
    eventIds.push(await comment(b, 'Five.'));
    expect((await second.until(3)).map(({ data }) => data.eventId)).toEqual(eventIds.slice(2));
  });

  it('both forget a text that is redacted on one of them', async () => {
    const id = await issueRecord();
    const commented = await b
      .as('inspector')
      .command(id, 'add-comment', { text: SAID, visibility: 'public' });
    // Both nodes have read the comment, and may have cached it.
    for (const node of [a, b]) expect((await eventsOf(id, node))[1]?.data['text']).toBe(SAID);
    const redacted = await a.as('approver').command(id, 'redact-comment', {
      eventId: commented.json.events[0]?.eventId,
      reason: 'Names a person.',
    });
    expect(redacted).toMatchObject({ status: 200 });
    for (const node of [b, a]) {
      const [, comment] = await eventsOf(id, node);
      expect(comment).toMatchObject({ type: 'CommentAdded', data: { visibility: 'public' }, salts: {} });
      const timeline = await node.as('inspector').get(`/api/recommendations/${id}/timeline`);
      expect(timeline.json.items[1]).toMatchObject({ type: 'CommentAdded', text: null });
      const searched = `/api/recommendations?q=Oxenholme&minPosition=${redacted.json.position}`;
      expect((await node.as('inspector').get(searched)).json.items).toEqual([]);
      expect(JSON.stringify(await wholeLog(node))).not.toContain('Oxenholme');
    }
  });

  it('have their deadlines swept by two schedulers, each threshold once', async () => {
    const ids = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const { json } = await (index % 2 === 0 ? a : b)
          .as('inspector')
          .issue({ deadlines: [{ dueOn: '2020-06-30' }] });
        return json.recommendations[0]!.id;
      }),
    );
    const schedulers = places.map(({ folder, env }) => {
      const settings = settingsIn(folder, { ...env, DOCKET_SWEEP: '3 * * * *' });
      return startWarm('scheduler', settings, folder);
    });
    const recorded = await Promise.all(schedulers.map(untilSwept));
    expect(recorded[0]! + recorded[1]!).toBe(3 * ids.length);
    const swept = ['DeadlineApproaching', 'DeadlinePassed', 'DeadlineEscalated'];
    for (const id of ids) {
      const types = (await eventsOf(id)).map(({ type }) => type);
      expect(types).toEqual(['RecommendationIssued', 'DeadlineSet', ...swept]);
    }
    for (const scheduler of schedulers)
      expect(await scheduler.end('SIGTERM')).toEqual({ code: 0, signal: null });
  }, 60_000);
});

/** Returns the number of events that the first sweep of a scheduler has recorded. */
async function untilSwept(scheduler: Started): Promise<number> {
  const sweptReport = () => /"recorded":(\d+),"msg":"Deadlines were swept"/.exec(scheduler.stderr());
  const found = await eventually(
    () => Promise.resolve(sweptReport()),
    (match) => match !== null,
    30_000,
  );
  return Number(found?.[1]);
}
