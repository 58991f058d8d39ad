import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { systemRandom } from '#event-sourcing/random';
import { DEADLINE_STATES } from '#state-machines/capabilities/deadlines';
import { events } from '#state-machines/inspection-recommendation/v1/events';
import { STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import { lifecycles } from '#state-machines/lifecycles';
import { queuesOf } from '#read-models/queue-conditions';
import { collectLog } from '#test/support/event-streams';
import { INSPECTOR, NOON, ServiceParts } from '#test/support/use-cases';
import { Bodies } from '#use-cases/bodies/bodies';
import { verifyStore } from '#use-cases/log/verify-store';
import { seeStatistics, seeWork } from '#use-cases/register/lists';
import { READY_PEOPLE } from '../web/sign-in/ready-people.ts';
import { liveThrough, samples } from './make-sample.ts';

const parts = new ServiceParts();

/** The events of imports, and of records without a body, which only imports make; and of supersession. */
const FROM_FILES = /^StatusRecorded|^UnknownStatus|Imported$|^RecipientAssigned$|^SupersedesRecorded$/;

describe('the sample', () => {
  test('contains every status, deadline state and kind of event, and work for every person', async () => {
    await parts.follow();
    const { people } = parts;
    const bodies = new Bodies(parts.store, systemRandom);
    const [lived] = await samples();
    if (lived === undefined) throw new Error('No lifecycle has a sample');
    await liveThrough(lived, { records: parts, people, bodies }, NOON, () => undefined);
    await parts.fold();

    const log = await collectLog(parts.store);
    const types = new Set(log.map(({ type }) => type));
    const issued = Object.keys(events).filter((type) => !FROM_FILES.test(type));
    expect(issued.filter((type) => !types.has(type))).toEqual([]);
    expect([...types]).toEqual(
      expect.arrayContaining(['BodyNamed', 'PersonSeen', 'CommandRefused', 'RecommendationsIssued']),
    );
    expect(await verifyStore(parts.store, lifecycles, [])).toMatchObject({ ok: true });

    // Events are in order of their recording, and none is in the future.
    const recorded = log.map(({ recordedAt }) => recordedAt);
    expect(recorded).toEqual(recorded.toSorted());
    expect(Date.parse(recorded.at(-1) ?? '')).toBeLessThan(NOON);

    const { byStatus, byDeadline, total } = await seeStatistics(parts, INSPECTOR, {}, NOON);
    expect(total).toBeGreaterThan(200);
    expect(STATUSES.filter((status) => (byStatus[status] ?? 0) < 5)).toEqual([]);
    expect(DEADLINE_STATES.filter((state) => byDeadline[state] < 2)).toEqual([]);

    for (const { subject, role, organisations } of READY_PEOPLE) {
      const viewer = { subject, roles: [role], organisations };
      const work = await seeWork(parts, viewer, NOON);
      const queues = work.queues.filter(({ kind }) => kind === lived.kind.name);
      const empty = queues
        // The sample has no imports without a body, and no response that is dated earlier than it was recorded.
        .filter(
          ({ count, name }) => count === 0 && !['without-recipient', 'claims-to-confirm'].includes(name),
        )
        .map(({ name }) => name);
      expect({ subject, empty }).toEqual({ subject, empty: [] });
      expect(queues.length).toBe(queuesOf(viewer, [lived.kind.name]).length);
    }
  }, 120_000);
});
