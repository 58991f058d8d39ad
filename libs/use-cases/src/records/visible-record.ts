import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { CommandRefusedError } from '#lifecycle/refused';
import type { Loaded } from '#lifecycle/state-loader';
import type { Viewer } from '#state-machines/access';
import { seesRecipient, visibleBodies } from '#state-machines/access';
import { bodyAfter } from '#state-machines/any-kind';
import { ProblemError } from '../problems.ts';
import type { RecordHistory } from './known-histories.ts';
import { NOBODY, recipientNow } from './recipient-now.ts';
import type { RecordsAccess } from './records-access.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import type { ReadEvent } from '#lifecycle/lifecycles';

/**
 * A record's events as they are stored now, without what people wrote: a record's texts may be more than memory holds.
 * @throws CommandRefusedError 404 where there is no such record, or it is of a body that the viewer does not see.
 */
export async function visibleHistory(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'histories'>,
  viewer: Viewer,
  reference: RecordReference,
): Promise<RecordHistory> {
  await refuseOthers(access, viewer, reference);
  const history = await access.histories.read(reference);
  refuseUnseen(viewer, history.state);
  return history;
}

/**
 * Looks at the recipient before anything is loaded, so that another body's record takes the work, and the time, of one that is absent.
 * Whoever sees every body has nothing to tell apart.
 * @throws CommandRefusedError 404 as above.
 */
export async function refuseOthers(
  { store, readModels }: Pick<RecordsAccess, 'store' | 'readModels'>,
  viewer: Viewer,
  reference: RecordReference,
): Promise<void> {
  if (visibleBodies(viewer) === null) return;
  const recipient = await recipientNow(store, readModels, reference);
  if (recipient === undefined || !seesRecipient(viewer, recipient)) throw notFound();
}

/** Whose record it is now, by its events. */
export const recipientOf = (events: readonly ReadEvent[]): string | null =>
  events.reduce(bodyAfter, NOBODY).body;

/**
 * A record's state as stored now, also what another node appended.
 * @throws CommandRefusedError 404 as above.
 */
export async function visibleState(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'commands'>,
  viewer: Viewer,
  reference: RecordReference,
): Promise<Loaded> {
  await refuseOthers(access, viewer, reference);
  const loaded = await access.commands.states.reload(streamOf(reference));
  refuseUnseen(viewer, loaded && loaded.state);
  return loaded as Loaded;
}

function refuseUnseen(viewer: Viewer, state: LifecycleState | null): void {
  if (state !== null && seesRecipient(viewer, state.body)) return;
  throw notFound();
}

/** As a command is refused, so that it is on record where an attempt is. */
export const notFound = (): CommandRefusedError =>
  new CommandRefusedError('not-found', 'not-found', 'There is no such record');

/** It is there, and was not in the view that is asked for. */
export const notThen = (): ProblemError =>
  new ProblemError('not-found', 'The record did not exist then, or was not known yet');
