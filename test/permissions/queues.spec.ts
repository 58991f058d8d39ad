import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { commandHandler } from '#platform/docket';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { registerProjection } from '#read-models/register/register-projection';
import { rolesOn } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { recommendation, recordStream } from '#state-machines/inspection-recommendation/kind';
import { actorOf } from '#use-cases/call-context';
import { People } from '#use-cases/people/people';
import { listCurrent, seeWork } from '#use-cases/register/lists';
import { foldInParts } from '../support/read-models.ts';
import { situationsOf, VARIANTS } from '../support/situations.ts';
import { MatrixBench, NOW } from './matrix.ts';

/** The queues of pending decisions, the deciding role, and a command that decides. */
const DECISIONS = [
  ['evidence-to-decide', 'inspector', 'accept-evidence'],
  ['evidence-to-decide', 'inspector', 'reject-evidence'],
  ['extensions-to-decide', 'inspector', 'grant-extension'],
  ['extensions-to-decide', 'inspector', 'refuse-extension'],
  ['corrections-to-decide', 'inspector', 'approve-correction'],
  ['corrections-to-decide', 'approver', 'refuse-correction'],
  ['proposals-to-confirm', 'inspector', 'dismiss-deadline'],
  ['my-closures', 'inspector', 'withdraw-closure'],
  ['closures-to-decide', 'approver', 'refuse-closure'],
  ['responses-due', 'commissioner', 'publish-response'],
] as const;

/** Queues of possible actions: the command is allowed for every record in them. */
const INVITATIONS = [
  ['without-recipient', 'inspector', 'assign-recipient'],
  ['without-owner', 'inspector', 'assign-owner'],
  ['without-owner', 'force-lead', 'assign-owner'],
  ['mine', 'inspector', 'add-comment'],
  ['evidence-rejected', 'force-lead', 'submit-evidence'],
  ['extensions-waiting', 'force-lead', 'add-comment'],
  ['overdue', 'approver', 'add-comment'],
] as const;

const people = ['somebody', 'issuer', 'requester', 'cli:requester', 'submitter', 'extender', 'claimant'];
const VIEWERS: readonly Viewer[] = [
  ...people.flatMap((subject) =>
    [[], ['wiltshire']].map((organisations) => ({
      subject,
      roles: ['inspector', 'approver'],
      organisations,
    })),
  ),
  { subject: 'the first owner', roles: ['inspector'], organisations: ['devon'] },
  { subject: 'requester', roles: ['approver', 'auditor'], organisations: [] },
  { subject: 'submitter', roles: ['force-lead'], organisations: ['wiltshire'] },
  { subject: 'somebody', roles: ['force-lead', 'commissioner'], organisations: ['devon'] },
  { subject: 'somebody', roles: ['commissioner', 'inspector', 'approver'], organisations: ['wiltshire'] },
];

describe('open decisions of a user, of records in every situation', () => {
  const store = new MemoryEventStore(createSealer());
  const readModels = openSqliteReadModels(':memory:', [registerProjection]);
  const handler = commandHandler(store);
  const records: string[] = [];

  beforeAll(async () => {
    const bench = new MatrixBench(store);
    await bench.prepare();
    for (const variant of VARIANTS) {
      const { name: _, ...facts } = variant;
      for (const situation of situationsOf(variant)) {
        records.push((await bench.record(situation, facts, false)).record);
      }
    }
    await foldInParts(readModels, [await store.readAll({ limit: 100_000 })]);
  });

  afterAll(async () => {
    await readModels.close();
    await store.close();
  });

  /** Returns the records on which a user may run a command in a role. */
  async function allowed(viewer: Viewer, role: string, command: string): Promise<Set<string>> {
    const ids = new Set<string>();
    for (const id of records) {
      const loaded = await handler.states.load(recordStream(id));
      if (loaded === null) throw new Error(`${id} is not there`);
      if (!rolesOn(viewer, loaded.state.body, recommendation).includes(role)) continue;
      const actor = { ...actorOf(viewer), roles: [role] };
      const caller = { actor, organisations: viewer.organisations, now: NOW };
      if (handler.allowed.reasonsAgainst(command, loaded, caller).length === 0) ids.add(id);
    }
    return ids;
  }

  const access = { readModels, people: new People(store, systemRandom) };

  async function queued(viewer: Viewer, queue: string): Promise<Set<string>> {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { queue, limit: 200, ...(cursor !== undefined && { cursor }) };
      const { items, nextCursor } = await listCurrent(access, viewer, query, NOW);
      ids.push(...items.map(({ id }) => id));
      cursor = nextCursor ?? undefined;
    } while (cursor !== undefined);
    return new Set(ids.filter((id) => records.includes(id)));
  }

  test.each(DECISIONS)(
    '%s is, for its viewer, what they may decide as %s by %s',
    async (queue, role, command) => {
      let most = 0;
      for (const viewer of VIEWERS.filter(({ roles }) => roles.includes(role))) {
        const waiting = await queued(viewer, queue);
        expect([viewer, waiting]).toEqual([viewer, await allowed(viewer, role, command)]);
        most = Math.max(most, waiting.size);
      }
      expect(most).toBeGreaterThan(0);
    },
  );

  test.each(INVITATIONS)('what is in %s allows its viewer as %s to %s', async (queue, role, command) => {
    let most = 0;
    for (const viewer of VIEWERS.filter(({ roles }) => roles.includes(role))) {
      const waiting = await queued(viewer, queue);
      const { roles } = viewer;
      const others = roles.filter((each) => each !== role);
      const may = new Set<string>();
      for (const each of [role, ...others])
        for (const id of await allowed(viewer, each, command)) may.add(id);
      expect([...waiting].filter((id) => !may.has(id))).toEqual([]);
      most = Math.max(most, waiting.size);
    }
    expect(most).toBeGreaterThan(0);
  });

  test('each queue counts exactly the records that it lists', async () => {
    for (const viewer of VIEWERS) {
      const { queues } = await seeWork({ readModels }, viewer, NOW);
      for (const { name, count, list } of queues) {
        expect(list).toMatch(new RegExp(`^/api/[a-z-]+\\?queue=${name}$`));
        const { items, total } = await listCurrent(access, viewer, { queue: name, limit: 200 }, NOW);
        expect([name, total]).toEqual([name, count]);
        if (count <= 200) expect(items).toHaveLength(count);
      }
    }
  });
});
