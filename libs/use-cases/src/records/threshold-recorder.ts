import { v5 } from 'uuid';
import { commandIds } from '#audit/seal';
import type { Actor } from '#event-sourcing/envelope';
import type { DueRecorder } from '#lifecycle/due-events';

/** The namespace of derived ids (RFC 9562, version 5). */
export const DERIVED_IDS = '0b6c1f0e-6a55-5b0a-9c53-5f1f6f2f0d3e';

/** The actor of thresholds that no person recorded. */
export const SWEEPER: Actor = { subject: 'docket:sweep', roles: ['scheduler'] };

/** Records each threshold with a command id derived from the threshold, so that two processes record it only once. */
export const thresholdRecorder = (actor: Actor): DueRecorder => ({
  actor,
  commandName: 'record-deadline',
  commandIds: (streamId, key) => commandIds(v5(`sweep/${streamId}/${key}`, DERIVED_IDS)),
});
