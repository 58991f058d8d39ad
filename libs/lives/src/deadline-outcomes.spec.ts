import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '#event-sourcing/envelope';
import { atOnce } from '#event-sourcing/folding';
import { addDays } from '#lifecycle/plain-date';
import { CommandRefusedError } from '#lifecycle/refused';
import { InvalidPayloadError } from '#lifecycle/validate-payload';
import { LISTED_OUTCOMES } from '#read-models/deadlines/deadlines-query';
import type { ListedOutcome } from '#read-models/deadlines/deadlines-query';
import { OUTCOMES } from '#read-models/deadlines/outcomes';
import { lifecycles } from '#state-machines/lifecycles';
import { londonDate } from '#state-machines/london';
import { noonOf, OneRecord } from '#test/support/one-record';
import { importCall } from '#test/support/register-imports';
import { readRecord } from '#use-cases/records/read-record';
import { importRecord } from '#use-cases/register-files/import-record';
import { pastHere } from './past.ts';
import { PastReader } from './past-reader.ts';

/** The factor for the long form of this test. */
const TIMES = Number(process.env['DOCKET_CASES_TIMES'] ?? 1);
const DUE = '2026-12-10';
/** A day after the deadline and before any later date in a test. */
const LATE = '2027-01-15';

/** One person has all roles, as in a small office. */
const EVERY_ROLE = { cat: ['inspector', 'approver', 'force-lead', 'commissioner'] };

/** A record that another can replace, and its past. */
class Office extends OneRecord {
  readonly #past = pastHere(new PastReader(this.store, 60_000));

  constructor() {
    super(EVERY_ROLE);
  }

  published = (more: JsonObject = {}, id = 'r-1') =>
    this.issue({ id, report: { name: 'A report', publishedOn: '2026-11-01' }, ...more });

  import(entries: string) {
    const text = `A title (r-1)\n\nBy 10 December 2026 do it.\n\n${entries}\n`;
    return importRecord(
      this.store,
      lifecycles,
      importCall(text, { ...this.callBy('ann'), recipient: 'wiltshire' }),
    );
  }

  async eventId(type: string): Promise<string> {
    return (await this.stream()).findLast((event) => event.type === type)?.eventId ?? '';
  }

  /** Corrects an event: one inspector requests it, and another approves. */
  async correct(type: string, correction: JsonObject): Promise<void> {
    const eventId = await this.eventId(type);
    await this.sendCommand('ann', 'request-correction', {
      eventId,
      ...correction,
      reason: 'a slip of the pen',
    });
    await this.sendCommand('ida', 'approve-correction');
  }

  async closure(form: JsonObject, command: string, body: JsonObject): Promise<void> {
    await this.sendCommand('ann', 'request-closure', { statement: 'Done.', ...form });
    await this.sendCommand('bob', command, { statement: 'Done.', ...body });
  }

  figures = (on = londonDate(this.now)) =>
    this.#past.ask('deadlineFigures', { query: { recipients: null, on }, knownAt: null });

  async listed(outcome: ListedOutcome | undefined, on = londonDate(this.now)) {
    const past = { view: { effectiveOn: on, knownAt: null, named: [] }, owners: {}, nobody: null };
    const query = { today: on, recipients: null, limit: 500, past, ...(outcome && { outcome }) };
    return (await this.#past.ask('deadlines', { query })).items;
  }

  /** Returns the deadlines of today, as listed. */
  today = () => this.listed(undefined);

  /** Returns the number of deadlines by outcome, and the number recorded as late. */
  async counted(on?: string): Promise<Record<string, number>> {
    const { overall } = await this.figures(on);
    const counts = [...OUTCOMES, 'recordedLate' as const].map((name) => [name, overall[name]] as const);
    for (const [name, count] of counts) expect(await this.listed(name, on)).toHaveLength(count);
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  }

  async deadlinesOn(on: string) {
    const view = { effectiveOn: on, knownAt: null };
    return atOnce(readRecord(lifecycles, await this.stream(), view, on))?.deadlines ?? [];
  }
}

let office: Office;
beforeEach(() => {
  office = new Office();
});

const CLOSED_IN_TIME = { effectiveOn: '2026-12-05' };
const complete = (dated: JsonObject = {}) => office.closure(dated, 'approve-closure', dated);
const reason = { reason: 'It was wrong.' };

describe('a deadline that was recorded as passed', () => {
  beforeEach(async () => {
    await office.published({ deadlines: [{ dueOn: DUE }] });
    office.now = noonOf(LATE);
  });

  test.each<[outcome: string, what: string, steps: () => Promise<unknown>]>([
    [
      'stillOpen',
      'nothing',
      () => office.sendCommand('ann', 'add-comment', { text: 'Overdue.', visibility: 'public' }),
    ],
    ['late', 'a closure', () => complete()],
    ['metEstablishedLater', 'a closure that two people date in time', () => complete(CLOSED_IN_TIME)],
    [
      'withdrawn',
      'a withdrawal',
      () => office.sendCommand('bob', 'withdraw-deadline', { deadlineId: 'd1', ...reason }),
    ],
    [
      'superseded',
      'another record in its place',
      async () => {
        await office.published({}, 'r-2');
        const form = { outcome: 'superseded', supersededBy: 'r-2' };
        await office.closure(form, 'supersede', { by: 'r-2' });
      },
    ],
    [
      'late',
      'no further action',
      () => {
        const form = { outcome: 'no-further-action', reason: 'merged' };
        return office.closure(form, 'decide-no-further-action', { reason: 'merged' });
      },
    ],
    [
      'enteredInError',
      'a correction of its date',
      async () => {
        await office.sendCommand('ann', 'add-comment', { text: 'Overdue.', visibility: 'public' });
        await office.correct('DeadlineSet', { dueOn: '2027-02-10' });
      },
    ],
    [
      'enteredInError',
      'a correction of the body',
      async () => {
        await office.sendCommand('ann', 'add-comment', { text: 'Overdue.', visibility: 'public' });
        await office.correct('RecommendationIssued', { recipient: 'kent' });
      },
    ],
  ])('is %s after %s, and stays recorded as late', async (outcome, _, steps) => {
    await steps();
    expect(await office.counted()).toEqual({ [outcome]: 1, recordedLate: 1 });
    // Counted from the day on which it passed.
    expect(await office.counted(addDays(DUE, 1))).toMatchObject({ recordedLate: 1 });
    expect((await office.figures(DUE)).overall.recordedLate).toBe(0);
  });

  test('names who established later that it was met, and when', async () => {
    await complete(CLOSED_IN_TIME);
    expect(await office.today()).toMatchObject([
      { outcome: 'metEstablishedLater', established: { by: ['ann', 'bob'], at: `${LATE}T12:00:00.000Z` } },
    ]);
  });

  test('counts under the body at that time, and under a different body from a later date on', async () => {
    await office.sendCommand('bob', 'assign-recipient', { recipient: 'kent', ...reason });
    const late = async () => {
      const { byRecipient } = await office.figures();
      return byRecipient.map(({ recipient, recordedLate: count }) => [recipient, count]);
    };
    expect(await late()).toEqual([
      ['kent', 0],
      ['wiltshire', 1],
    ]);

    await office.sendCommand('ann', 'set-deadline', { dueOn: '2027-02-10' });
    office.now = noonOf('2027-03-01');
    await office.sendCommand('ann', 'add-comment', { text: 'Overdue again.', visibility: 'public' });
    expect(await late()).toEqual([
      ['kent', 1],
      ['wiltshire', 1],
    ]);
    expect((await office.figures()).overall.recordedLate).toBe(2);
  });

  test('whose correct date passes as well is late after all', async () => {
    await office.sendCommand('ann', 'add-comment', { text: 'Overdue.', visibility: 'public' });
    await office.correct('DeadlineSet', { dueOn: '2027-02-10' });
    office.now = noonOf('2027-03-01');
    await complete();
    expect(await office.counted()).toEqual({ late: 1, recordedLate: 1 });
  });

  test('whose correct date is earlier was recorded as late all the same', async () => {
    await office.sendCommand('ann', 'add-comment', { text: 'Overdue.', visibility: 'public' });
    await office.correct('DeadlineSet', { dueOn: '2026-12-01' });
    expect(await office.counted()).toEqual({ stillOpen: 1, recordedLate: 1 });
  });

  test('counts as reopened, and not as superseded, once its record is open again', async () => {
    await office.published({}, 'r-2');
    await office.closure({ outcome: 'superseded', supersededBy: 'r-2' }, 'supersede', { by: 'r-2' });
    await office.sendCommand('bob', 'reopen', reason);
    expect(await office.counted()).toEqual({ stillOpen: 1, recordedLate: 1 });
  });
});

describe('a deadline', () => {
  test('that is closed by its date is met, and was never late', async () => {
    await office.published({ deadlines: [{ dueOn: DUE }] });
    office.now = noonOf('2026-12-09');
    await complete();
    office.now = noonOf(LATE);
    expect(await office.counted()).toEqual({ met: 1 });
  });

  test('that has not fallen due has no outcome', async () => {
    await office.published({ deadlines: [{ dueOn: DUE }] });
    expect(await office.counted()).toEqual({});
    expect(await office.today()).toMatchObject([{ outcome: null }]);
  });

  test('that is escalated under a different body is recorded as late under both bodies', async () => {
    await office.published({ deadlines: [{ dueOn: DUE }] });
    office.now = noonOf('2026-12-20');
    await office.sendCommand('bob', 'assign-recipient', { recipient: 'kent', ...reason });
    office.now = noonOf(LATE);
    await office.sendCommand('ann', 'add-comment', { text: 'Escalated.', visibility: 'public' });
    expect(await office.counted()).toEqual({ stillOpen: 1, recordedLate: 1 });
    expect((await office.figures()).byRecipient).toMatchObject([
      { recipient: 'kent', stillOpen: 1, recordedLate: 1 },
      { recipient: 'wiltshire', stillOpen: 0, recordedLate: 1 },
    ]);
    expect((await office.figures('2027-01-08')).byRecipient).toMatchObject([
      { recipient: 'kent', recordedLate: 0 },
      { recipient: 'wiltshire', recordedLate: 1 },
    ]);
  });

  test('of a record that is reopened long after it was closed in time is recorded as late', async () => {
    await office.published({ deadlines: [{ dueOn: DUE }] });
    await complete();
    office.now = noonOf(LATE);
    await office.sendCommand('bob', 'reopen', reason);
    await office.sendCommand('ann', 'add-comment', { text: 'Escalated.', visibility: 'public' });
    expect((await office.stream()).map(({ type }) => type)).not.toContain('DeadlinePassed');
    expect(await office.counted()).toEqual({ stillOpen: 1, recordedLate: 1 });
  });

  test('that its text sets to a past day is not counted as late for the body, also when it is escalated', async () => {
    await office.published({ text: 'It should be done by 14 November 2026.' });
    await office.sendCommand('ann', 'add-comment', { text: 'Overdue.', visibility: 'public' });
    expect(await office.counted()).toEqual({ lateAtEntry: 1 });
    office.now = noonOf(LATE);
    await office.sendCommand('ann', 'add-comment', { text: 'Escalated.', visibility: 'public' });
    expect((await office.stream()).map(({ type }) => type)).toContain('DeadlineEscalated');
    expect(await office.counted()).toEqual({ lateAtEntry: 1 });
  });

  test('that had passed before its entry is not counted as late for the body', async () => {
    office.now = noonOf(LATE);
    await office.import('[on]1st November 2026 [status]being progressed[/status][/on]');
    expect(await office.counted()).toEqual({ lateAtEntry: 1 });
  });

  test('that a response published elsewhere claims was met is open until another person confirms it', async () => {
    await office.published({ responseRequired: true });
    office.now = noonOf(LATE);
    await office.sendCommand('ida', 'publish-response', {
      ...{ position: 'action-taken', text: 'We did.', publishedElsewhere: 'Their website' },
      effectiveOn: '2026-12-01',
    });
    expect(await office.counted()).toEqual({ stillOpen: 1, recordedLate: 1 });
    const eventId = await office.eventId('ResponsePublished');
    await office.sendCommand('ann', 'request-correction', { eventId, confirms: true, ...reason });
    await office.sendCommand('bob', 'approve-correction');
    expect(await office.counted()).toEqual({ metEstablishedLater: 1, recordedLate: 1 });
    expect(await office.today()).toMatchObject([{ established: { by: ['ann', 'bob'] } }]);
  });

  test('that a claim says was met is late once its body publishes the response', async () => {
    await office.published({ responseRequired: true });
    office.now = noonOf(LATE);
    const response = { position: 'action-taken', text: 'We did.' };
    await office.sendCommand('ida', 'publish-response', {
      ...{ ...response, publishedElsewhere: 'Their website' },
      effectiveOn: '2026-12-01',
    });
    await office.sendCommand('pam', 'publish-response', response);
    expect(await office.counted()).toEqual({ late: 1, recordedLate: 1 });
    expect(await office.counted('2026-12-31')).toEqual({ stillOpen: 1, recordedLate: 1 });
  });

  test('that a file claims was met is open until another person confirms it', async () => {
    await office.import('[on]1st November 2026 [status]awaiting review[/status][/on]');
    office.now = noonOf(LATE);
    await office.import(
      '[on]1st November 2026 [status]awaiting review[/status][/on]\n[on]1st December 2026 [status]complete[/status][/on]',
    );
    expect(await office.counted()).toEqual({ stillOpen: 1, recordedLate: 1 });
    const eventId = await office.eventId('RecommendationCompleted');
    await office.sendCommand('ida', 'request-correction', { eventId, confirms: true, ...reason });
    await office.sendCommand('bob', 'approve-correction');
    expect(await office.counted()).toEqual({ metEstablishedLater: 1, recordedLate: 1 });
  });

  test('for a response to a report whose date of publication was wrong was late by mistake', async () => {
    await office.published({ responseRequired: true });
    office.now = noonOf(LATE);
    await office.sendCommand('ann', 'add-comment', { text: 'Overdue.', visibility: 'public' });
    await office.correct('RecommendationIssued', { publishedOn: '2026-12-20' });
    expect(await office.counted()).toEqual({ enteredInError: 1, recordedLate: 1 });
  });
});

/** An attempted command by any person. */
interface Attempt {
  readonly command: keyof typeof ATTEMPTS;
  /** The days before today; null for a command without a date. */
  readonly daysAgo: number | null;
  readonly pick: number;
  /** The number of days that pass before the attempt. */
  readonly wait: number;
}

type Body = (pick: <Value>(values: readonly Value[]) => Value) => JsonObject | Promise<JsonObject>;

const statement = { statement: 'Done.' };
const anyEvent = async (): Promise<string[]> => (await office.stream()).map(({ eventId }) => eventId);
const correctionOf = async (type: string, correction: JsonObject): Promise<JsonObject> => ({
  ...{ eventId: await office.eventId(type), ...correction },
  ...reason,
});

/** The commands that settle, move, withdraw or transfer a deadline, or undo that. */
const ATTEMPTS = {
  'set-deadline': (pick) => ({ dueOn: addDays(londonDate(office.now), pick([1, 10, 40])) }),
  'withdraw-deadline': (pick) => ({ deadlineId: pick(['d1', 'd2', 'd3']), ...reason }),
  'request-extension': (pick) => ({
    ...{ deadlineId: pick(['d1', 'd2', 'd3']), dueOn: addDays(londonDate(office.now), pick([5, 60])) },
    ...reason,
  }),
  'grant-extension': (pick) => ({ deadlineId: pick(['d1', 'd2', 'd3']) }),
  'assign-recipient': (pick) => ({ recipient: pick(['wiltshire', 'kent']), ...reason }),
  'request-closure': (pick) => ({
    ...statement,
    ...pick<JsonObject>([
      {},
      { outcome: 'superseded', supersededBy: 'r-2' },
      { outcome: 'no-further-action', reason: 'merged' },
    ]),
  }),
  'approve-closure': () => statement,
  supersede: () => ({ by: 'r-2', ...statement }),
  'decide-no-further-action': () => ({ reason: 'merged', ...statement }),
  reopen: () => reason,
  'publish-response': (pick) => ({
    ...{ position: 'action-taken', text: 'We did.' },
    ...pick<JsonObject>([{}, { publishedElsewhere: 'Their website' }]),
  }),
  'request-correction': async (pick) =>
    pick([
      await correctionOf('DeadlineSet', { dueOn: pick(['2026-12-01', '2027-02-10', '2027-06-01']) }),
      await correctionOf('RecommendationIssued', { recipient: 'avon' }),
      await correctionOf('RecommendationIssued', { publishedOn: pick(['2026-10-20', '2026-12-01']) }),
      { ...reason, eventId: pick(await anyEvent()), confirms: true },
    ]),
  'approve-correction': () => ({}),
  'redact-comment': async (pick) => ({ ...reason, eventId: pick(await anyEvent()) }),
} as const satisfies Readonly<Record<string, Body>>;

const anyAttempt: fc.Arbitrary<Attempt> = fc.record({
  command: fc.constantFrom(...(Object.keys(ATTEMPTS) as Attempt['command'][])),
  daysAgo: fc.option(fc.constantFrom(1, 20, 50), { nil: null }),
  pick: fc.nat(999),
  wait: fc.constantFrom(0, 0, 1, 30),
});
const anyAttempts = fc.array(anyAttempt, { maxLength: 14, size: 'max' });

/** Attempts a command and returns whether it was allowed. */
async function attempt(subject: string, { command, daysAgo, pick, wait }: Attempt): Promise<boolean> {
  office.now += wait * 86_400_000;
  let left = pick;
  const bodyOf: Body = ATTEMPTS[command];
  const body = await bodyOf((values) => {
    const value = values[left % values.length];
    left = Math.floor(left / values.length);
    return value!;
  });
  const dated = daysAgo !== null && { effectiveOn: addDays(londonDate(office.now), -daysAgo) };
  try {
    await office.sendCommand(subject, command, { ...body, ...dated });
    return true;
  } catch (error) {
    if (error instanceof CommandRefusedError || error instanceof InvalidPayloadError) return false;
    throw error;
  }
}

/** Returns the number of deadlines recorded as late by the end of each day, overall and per body. */
async function recordedLate(days: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const on of days) {
    const { overall, byRecipient } = await office.figures(on);
    found.set(`${on} all`, overall.recordedLate);
    for (const { recipient, recordedLate: count } of byRecipient) found.set(`${on} ${recipient}`, count);
  }
  return found;
}

/** Returns a day of each week, and each day after one on which a deadline passed. */
async function lookedAt(): Promise<string[]> {
  const today = londonDate(office.now);
  const passed = (await office.stream()).flatMap(({ type, effectiveOn }) =>
    type === 'DeadlinePassed' || type === 'DeadlineEscalated' ? [addDays(effectiveOn, -1), effectiveOn] : [],
  );
  return [...new Set([...passed, addDays(today, -40), today])];
}

describe('for any commands, sent by several people and then by one person', () => {
  const anyPerson = fc.constantFrom('ann', 'ida', 'bob', 'lea', 'cat');

  async function staged(several: readonly (readonly [string, Attempt])[]): Promise<void> {
    office = new Office();
    await office.published({ deadlines: [{ dueOn: DUE }], responseRequired: true });
    await office.published({}, 'r-2');
    for (const [subject, each] of several) await attempt(subject, each);
  }

  test('the recorded late counts never decrease, for any past day or body', async () => {
    let [late, executed] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyPerson, anyAttempt), { maxLength: 10 }),
        anyPerson,
        anyAttempts,
        async (several, person, own) => {
          await staged(several);
          await attempt('ann', { command: 'set-deadline', daysAgo: null, pick: 0, wait: 30 });
          const days = await lookedAt();
          const before = await recordedLate(days);
          for (const each of own) executed += Number(await attempt(person, each));
          const after = await recordedLate(days);
          for (const [of, count] of before) {
            expect({ of, isLower: (after.get(of) ?? 0) < count }).toEqual({ of, isLower: false });
            late += count;
          }
        },
      ),
      { numRuns: 10 * TIMES },
    );
    expect(late).toBeGreaterThan(0);
    expect(executed).toBeGreaterThan(0);
  });

  test('each deadline that fell due has one outcome, and none that was recorded as late is met', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyPerson, anyAttempt), { maxLength: 24, size: 'max' }),
        async (several) => {
          await staged(several);
          for (const on of await lookedAt()) {
            const { overall } = await office.figures(on);
            const lists = new Map<string, string[]>();
            for (const outcome of LISTED_OUTCOMES) {
              const listed = await office.listed(outcome, on);
              lists.set(
                outcome,
                listed.map(({ id, deadlineId }) => `${id}/${deadlineId}`),
              );
              expect([outcome, lists.get(outcome)?.length]).toEqual([outcome, overall[outcome]]);
            }
            const all = OUTCOMES.flatMap((outcome) => lists.get(outcome) ?? []);
            expect(new Set(all).size).toBe(all.length);
            const due = (await office.deadlinesOn(on)).filter(({ dueOn }) => dueOn < on);
            expect(all).toEqual(expect.arrayContaining(due.map(({ id }) => `r-1/${id}`)));
            const late = lists.get('recordedLate') ?? [];
            expect(lists.get('met')?.filter((id) => late.includes(id))).toEqual([]);
          }
        },
      ),
      { numRuns: 4 * TIMES },
    );
  });
});
