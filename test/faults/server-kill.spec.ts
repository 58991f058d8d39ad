import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Envelope } from '#event-sourcing/envelope';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { isLogAccess } from '#state-machines/audit-trail-events';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { collectLog } from '../support/event-streams.ts';
import { storeSettings } from '../support/journey-store.ts';
import { startService } from '../support/service.ts';
import type { Answer, AnswerItem, Client, RunningService } from '../support/service.ts';
import { pause } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROUNDS = Number(process.env['DOCKET_FAULT_ROUNDS'] ?? 1);
const SEED = Number(process.env['DOCKET_FAULT_SEED'] ?? Date.now() % 1_000_000);
const KILL_AFTER_MS_MAX = 250;

const RECORDS = Array.from({ length: 6 }, (_, index) => `kill-${index}`);
const BODIES = ['avon', 'dorset', 'kent', 'surrey'];
/** The number of events that an issue records for each body: the issue, a pending response, and three deadlines. */
const EVENTS_EACH = 5;
/**
 * The settings without sweeps, which would append to the records while they are compared. Another test kills a sweep.
 */
const NO_SWEEP = { DOCKET_SWEEP: 'off' };

/** The times at which the server is killed, in milliseconds after the first responses of a round. */
const killTimes = fc.sample(fc.noBias(fc.integer({ min: 0, max: KILL_AFTER_MS_MAX })), {
  seed: SEED,
  numRuns: ROUNDS,
});

interface Keyed {
  readonly key: string;
  /** A text that only the request's events contain. */
  readonly mark: string;
  send(person: Client): Promise<Answer>;
}

/** The requests of the writers in all rounds, and their responses. */
const sent = {
  acknowledged: [] as { readonly eventId: string; readonly version: number; readonly record: string }[],
  answered: [] as { readonly keyed: Keyed; readonly text: string }[],
  unanswered: [] as Keyed[],
  issues: [] as { readonly id: string; acknowledged: boolean }[],
};

/** The content of the log, round by round. */
const log = {
  position: '0',
  versions: new Map<string, number>(),
  eventIds: new Set<string>(),
  commands: new Map<string, number>(),
  marks: new Map<string, number>(),
};

let marks = 0;
const newMark = (): string => `mark-${(marks += 1)}`;

const issueOf = (id: string) => ({
  id,
  title: `To several bodies: ${id}`,
  text: 'Every force should publish an action plan.',
  recipients: BODIES,
  report: { name: 'Report', publishedOn: '2020-01-06' },
  deadlines: [{ dueOn: '2098-06-30' }, { dueOn: '2098-09-30' }],
  responseRequired: true,
});

/** Returns the response; null if the server was killed before. Throws any other error. */
async function answered(request: Promise<Answer>): Promise<Answer | null> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Error && error.cause !== undefined) return null;
    throw error;
  }
}

const WRITERS: readonly ((person: Client, record: string) => Promise<Answer | null>)[] = [
  (person, record) =>
    answered(person.command(record, 'add-comment', { text: 'Without a key.', visibility: 'public' })),
  (person, record) => answered(person.command(record, 'start-progress')),
  (person, record) => answered(person.command(record, 'return-to-review', { reason: 'Once more.' })),
  async (person, record) => {
    const mark = newMark();
    const keyed: Keyed = {
      key: mark,
      mark,
      send: (client) =>
        client.command(
          record,
          'add-comment',
          { text: mark, visibility: 'public' },
          { 'idempotency-key': mark },
        ),
    };
    return whetherAnswered(keyed, await answered(keyed.send(person)));
  },
  async (person) => {
    const id = newMark();
    const issue = { id, acknowledged: false };
    sent.issues.push(issue);
    const answer = await answered(person.post('/api/recommendations', issueOf(id)));
    issue.acknowledged = answer !== null;
    return answer;
  },
  async (person) => {
    const id = newMark();
    const issue = { id, acknowledged: false };
    sent.issues.push(issue);
    const keyed: Keyed = {
      key: id,
      mark: id,
      send: (client) => client.post('/api/recommendations', issueOf(id), { 'idempotency-key': id }),
    };
    const answer = whetherAnswered(keyed, await answered(keyed.send(person)));
    issue.acknowledged = answer !== null;
    return answer;
  },
];

function whetherAnswered(keyed: Keyed, answer: Answer | null): Answer | null {
  if (answer === null) sent.unanswered.push(keyed);
  else sent.answered.push({ keyed, text: answer.text });
  return answer;
}

/**
 * The number of responses in each round before the server may be killed, so that lost events can be distinguished from
 * unwritten ones.
 */
const ANSWERED_FIRST = { acknowledged: 6, issues: 2 };

const acknowledgedIssues = (): number => sent.issues.filter(({ acknowledged }) => acknowledged).length;

/** Writes from many connections until the server is killed. */
async function writeUntilKilled(service: RunningService, killAfterMs: number): Promise<void> {
  const person = service.as('inspector');
  const enough = Promise.withResolvers<undefined>();
  const before = { acknowledged: sent.acknowledged.length, issues: acknowledgedIssues() };
  const resolveOnceEnough = (): void => {
    const isEnough =
      sent.acknowledged.length >= before.acknowledged + ANSWERED_FIRST.acknowledged &&
      acknowledgedIssues() >= before.issues + ANSWERED_FIRST.issues;
    if (isEnough) enough.resolve(undefined);
  };
  const writers = RECORDS.flatMap((record) =>
    WRITERS.map(async (write) => {
      for (;;) {
        const answer = await write(person, record);
        if (answer === null) return;
        expect([200, 201, 409]).toContain(answer.status);
        if (answer.status === 200) {
          const { events } = answer.json;
          sent.acknowledged.push(...events.map(({ eventId, version }) => ({ eventId, version, record })));
        }
        resolveOnceEnough();
      }
    }),
  );
  await enough.promise;
  await pause(killAfterMs);
  expect(await service.kill9()).toEqual({ code: null, signal: 'SIGKILL' });
  await Promise.all(writers);
}

/** Reads the next part of the log, and checks that no stream has a gap. */
async function readLog(auditor: Client): Promise<void> {
  for (let next: string | null = log.position; next !== null;) {
    const page: Answer = await auditor.get(`/api/events?limit=10000&after=${next}`);
    for (const event of page.json.items) noteEvent(event);
    next = page.json.next as string | null;
  }
}

function noteEvent({ streamId, version, position, eventId, command, data, type }: AnswerItem): void {
  expect(Number(position)).toBeGreaterThan(Number(log.position));
  expect({ streamId, version }).toEqual({ streamId, version: (log.versions.get(streamId) ?? 0) + 1 });
  expect(log.eventIds.has(eventId)).toBe(false);
  log.position = position;
  log.versions.set(streamId, version);
  log.eventIds.add(eventId);
  log.commands.set(command.id, (log.commands.get(command.id) ?? 0) + 1);
  const mark =
    type === 'CommentAdded' ? data['text'] : type === 'RecommendationsIssued' ? data['issue'] : undefined;
  if (typeof mark === 'string') log.marks.set(mark, (log.marks.get(mark) ?? 0) + 1);
}

/** Returns the issues of which some bodies or events are missing. */
function issuesThatAreHalf(): string[] {
  const whole = BODIES.map(() => EVENTS_EACH);
  return sent.issues
    .filter(({ id, acknowledged }) => {
      const found = BODIES.map((body) => log.versions.get(`recommendation-${id}.${body}`) ?? 0);
      const isWhole = String(found) === String(whole) && log.versions.get(`issue-${id}`) === 1;
      const isAbsent = found.every((events) => events === 0) && !log.versions.has(`issue-${id}`);
      return !(isWhole || (isAbsent && !acknowledged));
    })
    .map(({ id }) => id);
}

/** Returns all events of a closed store, including those that record accesses to the log. */
async function storedIn(folder: string): Promise<Envelope[]> {
  const store = await openStore(parseStore(storeSettings(folder)['DOCKET_STORE'] ?? '', 'DOCKET_STORE'), {
    create: false,
  });
  try {
    return await collectLog(store);
  } finally {
    await store.close();
  }
}

/** Returns the id and version of every record in the register. */
async function register(auditor: Client): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = `limit=200&sort=id&minPosition=${log.position}${cursor && `&cursor=${cursor}`}`;
    const page: Answer = await auditor.get(`/api/recommendations?${query}`);
    expect(page.status).toBe(200);
    for (const { id, version } of page.json.items) versions.set(id, version);
    cursor = page.json.nextCursor;
  }
  return versions;
}

describe(`the server killed at random moments under load (DOCKET_FAULT_SEED=${SEED})`, () => {
  let folder: string;

  beforeAll(() => {
    folder = temporaryFolder();
  });

  it.each(killTimes.map((killAfterMs, index) => [index + 1, killAfterMs]))(
    'keeps acknowledged commands and no partial ones: kill %d, after %d ms',
    async (_, killAfterMs) => {
      const killed = await startService({ folder, env: NO_SWEEP });
      if (log.position === '0') for (const id of RECORDS) await killed.as('inspector').issue({ id });
      await writeUntilKilled(killed, killAfterMs);

      // A ready service has read models at the end of the log.
      const service = await startService({ folder, env: NO_SWEEP });
      const inspector = service.as('inspector');
      const auditor = service.as('auditor');
      await readLog(auditor);
      expect(sent.acknowledged.filter(({ eventId }) => !log.eventIds.has(eventId))).toEqual([]);
      expect(issuesThatAreHalf()).toEqual([]);

      // The result is unknown. A repeated request with its key is run at most once.
      const retried = sent.unanswered.splice(0);
      for (const keyed of retried) {
        const answer = await keyed.send(inspector);
        expect([200, 201]).toContain(answer.status);
        sent.answered.push({ keyed, text: answer.text });
        for (const issue of sent.issues) if (issue.id === keyed.key) issue.acknowledged = true;
      }
      for (const { keyed, text } of sent.answered.slice(-20)) {
        expect((await keyed.send(inspector)).text).toBe(text);
      }
      await readLog(auditor);
      expect(issuesThatAreHalf()).toEqual([]);
      const notOnce = sent.answered.filter(({ keyed }) => log.marks.get(keyed.mark) !== 1);
      expect(notOnce.map(({ keyed }) => keyed.key)).toEqual([]);

      const records = [...log.versions]
        .filter(([streamId]) => streamId.startsWith('recommendation-'))
        .map(([streamId, version]) => [streamId.slice('recommendation-'.length), version] as const);
      expect(await register(auditor)).toEqual(new Map(records));
      const statistics = await auditor.get(`/api/statistics?minPosition=${log.position}`);
      expect(statistics.json.total).toBe(records.length);

      expect(await service.stop()).toEqual({ code: 0, signal: null });
      const stored = await storedIn(folder);
      const followed = stored.filter((event) => !isLogAccess(event));
      expect(followed.map(({ eventId }) => eventId)).toEqual([...log.eventIds]);
      const verified = await runDocket(['verify', '--json'], { folder });
      expect(jsonLines(verified).at(-1)).toMatchObject({
        ok: true,
        streams: new Set(stored.map(({ streamId }) => streamId)).size,
        events: stored.length,
        divergences: [],
      });
    },
    60_000,
  );

  it('did write, and was killed with requests unanswered', () => {
    expect(sent.acknowledged.length).toBeGreaterThan(ROUNDS * 5);
    expect(sent.issues.filter(({ acknowledged }) => acknowledged).length).toBeGreaterThan(ROUNDS);
    expect([...log.commands.values()].some((count) => count === BODIES.length * EVENTS_EACH + 1)).toBe(true);
  });
});
