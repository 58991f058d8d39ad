import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InvalidCursorError } from '#projections/list-cursor';
import type { Viewer } from '#state-machines/access';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { onEachDatabase } from '#test/support/read-model-harness';
import { registerProjection } from '../register/register-projection.ts';
import { noticesAfter, noticesUpTo, queryInbox } from './inbox-query.ts';
import type { InboxQuery } from './inbox-query.ts';

const NOTHING_READ = { until: '', ids: [] };
const person = (subject: string, role: string, ...organisations: string[]): Viewer => ({
  ...{ subject, roles: [role], organisations },
});
const ann = person('ann', 'inspector');
const ruth = person('ruth', 'approver');
const forceLead = person('lea', 'force-lead', 'avon');

onEachDatabase('on $name', [registerProjection], (models) => {
  const { log } = models;
  const inboxOf = (viewer: Viewer, more: Partial<Omit<InboxQuery, 'viewer'>> = {}) =>
    queryInbox(models.database, { viewer, today: '2026-06-01', watched: [], marks: NOTHING_READ, ...more });
  const kinds = async (viewer: Viewer, more: Partial<InboxQuery> = {}) =>
    (await inboxOf(viewer, more)).items.map(({ kind }) => kind);

  describe('an inbox', () => {
    test("has a role's open decisions until they are made, and never the viewer's own actions", async () => {
      log.issue('a', {}, { subject: 'ann' });
      log.add('a', 'OwnerAssigned', { owner: 'ann' }, { subject: 'ann' });
      log.add('a', 'ClosureRequested', { statement: 'Done.' }, { subject: 'ann' });
      await models.fold();
      expect(await kinds(ruth)).toEqual(['closure-requested']);
      expect(await kinds(person('ann', 'approver'))).toEqual([]);
      // The command line and a token identify the same person.
      expect(await kinds(person('cli:ann', 'approver'))).toEqual([]);
      expect(await kinds(person('ruth', 'approver', 'avon'))).toEqual([]);
      log.add('a', 'ClosureRefused', { reason: 'No.' }, { subject: 'ruth' });
      await models.fold();
      expect((await inboxOf(person('rex', 'approver'))).items).toMatchObject([
        { isSettled: true, isRead: true },
      ]);
      expect(await kinds(ann)).toEqual(['closure-refused']);
      expect(await kinds(forceLead)).toEqual(['issued']);
    });

    test("has nothing from a file's history, except its open requests, and nothing that had passed before the record was imported", async () => {
      const recordedAt = '2026-03-01T00:00:00.000Z';
      log.issue('a', {}, { origin: 'import', recordedAt, effectiveOn: '2025-01-01' });
      log.add('a', 'CommentAdded', { text: 'Old.', visibility: 'public' }, { origin: 'import', recordedAt });
      log.deadline('a', 'd1', '2026-01-01');
      const passed = { deadlineId: 'd1', dateVersion: 1, kind: 'action' as const, dueOn: '2026-01-01' };
      log.add('a', 'DeadlinePassed', passed, { origin: 'sweep', effectiveOn: '2026-01-02', recordedAt });
      await models.fold();
      expect(await kinds(forceLead)).toEqual([]);
      log.add('a', 'DeadlineEscalated', passed, { origin: 'sweep', effectiveOn: '2026-03-02', recordedAt });
      log.add('a', 'ClosureRequested', { statement: 'Closed.' }, { origin: 'import', recordedAt });
      await models.fold();
      expect(await kinds(forceLead)).toEqual(['deadline-escalated']);
      expect(await kinds(ruth)).toEqual(['closure-requested']);
    });

    test('reports a deadline that was already near when the record was added, until it has passed or is met, moved or withdrawn', async () => {
      const recordedAt = '2026-03-01T00:00:00.000Z';
      const near = (id: string, deadlineId: string) => {
        const data = { deadlineId, dateVersion: 1, kind: 'action' as const, dueOn: '2026-03-05' };
        log.deadline(id, deadlineId, data.dueOn);
        log.add(id, 'DeadlineApproaching', data, { origin: 'sweep', effectiveOn: '2026-02-20', recordedAt });
      };
      for (const id of ['a', 'b', 'c']) {
        log.issue(id, {}, { recordedAt });
        near(id, 'd1');
      }
      near('a', 'd2');
      await models.fold();
      const settled = async (today: string) => {
        const { items } = await inboxOf(forceLead, { today });
        return items.flatMap(({ kind, isSettled }) => (kind === 'deadline-approaching' ? isSettled : []));
      };
      expect(await settled('2026-03-05')).toEqual([false, false, false, false]);
      expect(await settled('2026-03-06')).toEqual([true, true, true, true]);
      log.add('a', 'DeadlineExtended', { deadlineId: 'd1', dueOn: '2026-04-05' });
      log.add('b', 'DeadlineWithdrawn', { deadlineId: 'd1', reason: 'Not needed.' });
      log.add('c', 'RecommendationCompleted', {});
      await models.fold();
      // Newest first: the first record's second date is unchanged.
      expect(await settled('2026-03-05')).toEqual([false, true, true, true]);
      log.add('c', 'RecommendationReopened', {});
      await models.fold();
      expect(await settled('2026-03-05')).toEqual([false, false, true, true]);
    });

    test('for a record that went to another body, contains only that move for the people of the first body, and nothing older for those of the other', async () => {
      const kent = person('kay', 'force-lead', 'kent');
      log.issue('a');
      log.comment('a', 'For avon.');
      log.add('a', 'RecipientAssigned', { recipient: 'kent' });
      await models.fold();
      expect((await inboxOf(forceLead)).items).toMatchObject([
        { kind: 'recipient-changed', title: null, hasLeft: true },
      ]);
      expect((await inboxOf(kent)).items).toMatchObject([{ kind: 'recipient-changed', hasLeft: false }]);
      log.add('a', 'RecipientAssigned', { recipient: 'avon' });
      await models.fold();
      expect((await inboxOf(forceLead)).items).toMatchObject([
        { kind: 'recipient-changed', hasLeft: false },
        { kind: 'recipient-changed', hasLeft: false },
        { kind: 'comment' },
        { kind: 'issued' },
      ]);
      expect((await inboxOf(kent)).items).toMatchObject([{ kind: 'recipient-changed', hasLeft: true }]);
    });

    test('notifies the others instead of an owner who commented themselves, and no one else', async () => {
      const byForceLead = { subject: 'lea', roles: ['force-lead'] };
      log.issue('a');
      log.add('a', 'OwnerAssigned', { owner: 'lea' });
      log.add('a', 'CommentAdded', { text: 'Whom do I ask?', visibility: 'public' }, byForceLead);
      await models.fold();
      expect(await kinds(ann)).toEqual(['comment']);
      log.issue('b');
      log.add('b', 'OwnerAssigned', { owner: 'otto' });
      log.add('b', 'CommentAdded', { text: 'Hello.', visibility: 'public' }, byForceLead);
      await models.fold();
      expect(await kinds(ann)).toEqual(['comment']);
      expect(await kinds(person('otto', 'force-lead', 'avon'))).toContain('comment');
    });

    test('notifies deciders until the request is decided, and its requester of the decision, whatever else is pending', async () => {
      log.issue('a');
      log.add('a', 'OwnerAssigned', { owner: 'lea' });
      for (const id of ['d1', 'd2']) log.deadline('a', id, '2026-08-01');
      const requestExtension = (deadlineId: string, subject: string) =>
        log.add(
          'a',
          'ExtensionRequested',
          { deadlineId, dueOn: '2026-09-01', reason: 'More time.' },
          { subject, roles: ['force-lead'] },
        );
      const first = requestExtension('d1', 'lea');
      requestExtension('d2', 'otto');
      await models.fold();
      const settled = async () => {
        const { items } = await inboxOf(ann);
        return items.flatMap(({ kind, isSettled }) => (kind === 'extension-requested' ? isSettled : []));
      };
      expect(await settled()).toEqual([false, false]);
      const refused = { deadlineId: 'd1', reason: 'No.', decides: [first.eventId] };
      log.add('a', 'ExtensionRefused', refused, { subject: 'ann' });
      await models.fold();
      expect(await settled()).toEqual([false, true]);
      const lea = person('lea', 'auditor');
      expect(await kinds(person('otto', 'auditor'))).toEqual([]);
      expect(await kinds(lea)).toEqual(['extension-refused', 'extension-requested', 'owner-assigned']);
      log.add('a', 'ExtensionWithdrawn', { deadlineId: 'd2' }, { subject: 'otto' });
      await models.fold();
      expect(await settled()).toEqual([true, true]);
    });

    test("keeps an owner's notices from the time of ownership, and states who owns the record now", async () => {
      log.issue('a');
      log.add('a', 'OwnerAssigned', { owner: 'ann' });
      log.comment('a', 'For ann.');
      log.add('a', 'OwnerAssigned', { owner: 'ben', reason: 'Leave.' });
      log.comment('a', 'For ben.');
      await models.fold();
      expect(await kinds(ann)).toEqual(['owner-assigned', 'comment', 'owner-assigned']);
      expect(await kinds(person('ben', 'inspector'))).toEqual(['comment', 'owner-assigned']);
    });

    test('forgets an owner whose name was erased, and notifies no one in their place', async () => {
      log.issue('a');
      const named = log.add('a', 'OwnerAssigned', { owner: 'ann' });
      log.comment('a', 'For the owner.');
      await models.fold();
      expect(await kinds(ann)).toEqual(['comment', 'owner-assigned']);
      log.redact('a', named, '/data/owner');
      await models.fold();
      expect(await kinds(ann)).toEqual([]);
    });

    test('notifies watchers of a record from then on, once, as far as they may see it', async () => {
      log.issue('a');
      const since = log.comment('a', 'Before.').recordedAt;
      log.comment('a', 'After.');
      log.comment('a', 'Between us.', 'internal');
      await models.fold();
      const watched = [{ stream: recordStream('a'), since }];
      expect(await kinds(person('rex', 'approver'), { watched })).toEqual(['comment', 'comment']);
      expect(await kinds(person('carl', 'commissioner', 'avon'))).toEqual(['comment', 'comment', 'issued']);
      expect(await kinds(person('otto', 'force-lead', 'kent'), { watched })).toEqual([]);
    });

    test('of a user with the maximum number of bodies and watches is found', async () => {
      log.issue('a');
      log.comment('a', 'One.');
      const since = log.comment('a', 'Two.').recordedAt;
      log.comment('a', 'Three.');
      await models.fold();
      const bodies = ['avon', ...Array.from({ length: 99 }, (_, index) => `body-${index}`)];
      const watched = Array.from({ length: 200 }, (_, index) => ({
        stream: recordStream(index === 0 ? 'a' : `r-${index}`),
        since,
      }));
      const many = { subject: 'mia', roles: ['force-lead', 'commissioner'], organisations: bodies };
      expect(await kinds(many, { watched })).toEqual(['comment', 'comment', 'comment', 'issued']);
      expect(await kinds(person('rex', 'approver'), { watched })).toEqual(['comment']);
    });

    test('given pages of any size, then they have each notice once, the newest first, after any reads', async () => {
      for (let index = 0; index < 9; index += 1) {
        log.issue(`r-${index}`);
        log.comment(`r-${index}`, 'One.');
        if (index % 2 === 0) log.add(`r-${index}`, 'OwnerAssigned', { owner: 'ann' });
        if (index % 4 === 0) log.add(`r-${index}`, 'OwnerAssigned', { owner: 'ann', reason: 'Again.' });
        log.comment(`r-${index}`, 'Two.', index % 3 === 0 ? 'internal' : 'public');
      }
      await models.fold();
      for (const viewer of [ann, forceLead]) {
        const whole = (await inboxOf(viewer, { limit: 200 })).items.map(({ eventId }) => eventId);
        expect(whole.length).toBeGreaterThan(5);
        expect(new Set(whole).size).toBe(whole.length);
        await fc.assert(
          fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.subarray(whole), async (limit, ids) => {
            const found: string[] = [];
            const marks = { until: '', ids };
            for (let cursor: string | null | undefined; cursor !== null;) {
              const page = await inboxOf(viewer, { limit, unread: true, marks, ...(cursor && { cursor }) });
              found.push(...page.items.map(({ eventId }) => eventId));
              cursor = page.nextCursor;
            }
            expect(found).toEqual(whole.filter((id) => !ids.includes(id)));
          }),
          { numRuns: 10 },
        );
      }
      const { nextCursor } = await inboxOf(ann, { limit: 1 });
      await expect(inboxOf(forceLead, { cursor: nextCursor ?? '' })).rejects.toThrow(InvalidCursorError);
    });
  });

  test('the places of notices are read in parts, in log order', async () => {
    log.issue('a');
    for (const text of ['One.', 'Two.', 'Three.']) log.comment('a', text);
    await models.fold();
    const whole = await noticesAfter(models.database, '0', 100);
    const parts: number[] = [];
    for (let after = '0'; ;) {
      const part = await noticesAfter(models.database, after, 1);
      const last = part.at(-1);
      if (last === undefined) break;
      parts.push(...part.map(({ number }) => number));
      expect(new Set(part.map(({ position }) => position)).size).toBe(1);
      after = last.position;
    }
    expect(parts).toEqual(whole.map(({ number }) => number));
    expect(await noticesUpTo(models.database)).toBe(await log.lastPosition());
  });
});
