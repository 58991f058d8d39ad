import { randomUUID } from 'node:crypto';
import 'reflect-metadata';
import { beforeEach, expect, test } from '@jest/globals';
import { createSealer } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { unreadableNext } from '#platform/unreadable-events';
import { lifecycles } from '#state-machines/lifecycles';
import { recordOf } from '#state-machines/record-streams';
import { append, commit, draft } from '#test/support/event-commits';
import { INSPECTOR, NOON, ServiceParts } from '#test/support/use-cases';
import { problemOf } from '../problems.ts';
import { seeEvents } from '../records/see-events.ts';
import { seeRecord, seeTimeline } from '../records/see-record.ts';
import { seeExport } from '../register/export-record.ts';
import { copyStore } from './copy-store.ts';
import { verifyStore } from './verify-store.ts';

const parts = new ServiceParts();
const STREAM = 'recommendation-r-1';
const NOW = { view: { effectiveOn: null, knownAt: null }, now: NOON };
const PAGE = { after: 0, limit: 100 };

const stored = () => parts.stream('r-1');
const lastStored = async (): Promise<Envelope> => (await stored()).at(-1)!;

beforeEach(async () => {
  await parts.issue('r-1', 'avon');
  await parts.sendCommand(INSPECTOR, 'r-1', 'add-comment', { text: 'All is well.', visibility: 'public' });
  await parts.follow();
  await parts.fold();
});

/** Appends an event as another build sealed it. */
async function appendSealed(changes: object): Promise<void> {
  const last = await lastStored();
  const sealed = { version: last.version + 1, eventId: randomUUID(), previousHash: last.hash };
  await parts.store.appendSealed([{ ...last, ...sealed, hash: 'f'.repeat(64), ...changes }]);
}

/** Events as another build would append them. */
const unknownEvents = {
  async 'unknown-lifecycle'() {
    const { lifecycle } = await lastStored();
    await appendSealed({ lifecycle: { ...lifecycle, digest: '9'.repeat(64) } });
  },
  async 'unknown-shape'() {
    const { version } = await lastStored();
    const other = draft('', { type: 'CommentAdded', schemaVersion: 2, data: { says: 'All is well.' } });
    await parts.store.append(commit([append(STREAM, version, { ...other, sensitive: ['/data/says'] })]));
  },
  'unknown-form': () => appendSealed({ envelope: 2 }),
};

test.each([
  ['unknown-lifecycle', /was recorded under lifecycle .* which this build of Docket does not have/],
  ['unknown-shape', /is a CommentAdded of schemaVersion 2, which this build of Docket cannot read/],
  ['unknown-form', /is sealed in form 2, which this build of Docket cannot read/],
] as const)(
  'an event that another build wrote is never half read: every path names it, and nothing is appended (%s)',
  async (code, reason) => {
    await unknownEvents[code]();
    const end = await parts.store.lastPosition();
    const { version } = await lastStored();
    for (const see of [
      () => seeRecord(parts, INSPECTOR, recordOf('r-1'), NOW),
      () => seeTimeline(parts, INSPECTOR, recordOf('r-1')),
      () => seeEvents(parts, INSPECTOR, recordOf('r-1'), PAGE),
      () => seeExport(parts, INSPECTOR, recordOf('r-1'), 'json'),
      () => parts.sendCommand(INSPECTOR, 'r-1', 'add-comment', { text: 'x', visibility: 'public' }),
    ]) {
      const thrown: unknown = await see().catch((error: unknown) => error);
      expect(problemOf(thrown)).toMatchObject({ code, isFault: true });
      expect(problemOf(thrown)?.detail).toMatch(reason);
    }
    await expect(parts.fold()).rejects.toThrow(`Version ${version} of recommendation-r-1`);
    expect((await unreadableNext(parts.store, parts.readModels))?.message).toMatch(reason);
    expect(await parts.store.lastPosition()).toBe(end);
  },
);

test('an event sealed in the shape of another build verifies, and one sealed in its form does not, and is not copied or erased from', async () => {
  await unknownEvents['unknown-shape']();
  const { version } = await lastStored();
  expect(await verifyStore(parts.store, lifecycles, [])).toMatchObject({ ok: true });
  await unknownEvents['unknown-form']();
  const found = { streamId: STREAM, version: version + 1, code: 'unknown-form' };
  const verified = await verifyStore(parts.store, lifecycles, []);
  expect(verified).toMatchObject({ ok: false, divergenceCount: 1, firstDivergence: found });
  const target = new MemoryEventStore(createSealer());
  expect(await copyStore(parts.store, target)).toMatchObject({ ok: false, firstDivergence: found });
  expect((await target.readStream(STREAM)).at(version)).toBeUndefined();
  await target.close();
  await expect(parts.store.erase(STREAM, version + 1, ['/data/says'])).rejects.toThrow('is sealed in form 2');
});
