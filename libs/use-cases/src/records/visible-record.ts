import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { CommandRefusedError } from '#lifecycle/refused';
import type { LoadedState } from '#lifecycle/state-loader';
import type { Viewer } from '#state-machines/access';
import { kinds } from '#state-machines/record-streams';
import { seesRecipient, visibleBodies } from '#state-machines/access';
import { bodyAfter } from '#state-machines/any-kind';
import { ProblemError } from '../problems.ts';
import type { RecordHistory } from './known-histories.ts';
import type { RecordsAccess } from './records-access.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import type { ReadEvent } from '#lifecycle/lifecycles';
import type { EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { registeredRecipient } from '#read-models/register/registered-recipient';
import type { NamedBody } from '#lifecycle/summary';

/**
 * Returns a record's current events as stored, without free text: all texts of a record may not fit into memory.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 */
export async function visibleHistory(
  access: RecordsAccess,
  viewer: Viewer,
  reference: RecordReference,
): Promise<RecordHistory> {
  await refuseOthers(access, viewer, reference);
  const history = await access.histories.read(reference);
  refuseUnseen(viewer, history.state);
  return history;
}

/**
 * Refuses viewers who cannot see the record's recipient, before anything is loaded: another body's record
 * takes the same time as a missing one. Viewers who see every body need no check.
 * @throws CommandRefusedError 404 as above.
 */
export async function refuseOthers(
  { store, readModels }: RecordsAccess,
  viewer: Viewer,
  reference: RecordReference,
): Promise<void> {
  if (visibleBodies(viewer, reference.kind) === null) return;
  const recipient = await recipientNow(store, readModels, reference);
  if (recipient === undefined || !seesRecipient(viewer, recipient, reference.kind)) throw notFound();
}

/** Returns a record's current recipient from its events. */
export const recipientOf = (events: readonly ReadEvent[]): string | null =>
  events.reduce(bodyAfter, NOBODY).body;

/** Returns a record's current state, including events that other nodes appended. @throws CommandRefusedError 404 as above. */
export async function visibleState(
  access: RecordsAccess,
  viewer: Viewer,
  reference: RecordReference,
): Promise<LoadedState> {
  await refuseOthers(access, viewer, reference);
  const loaded = await access.commands.states.reload(streamOf(reference));
  refuseUnseen(viewer, loaded && loaded.state);
  return loaded as LoadedState;
}

function refuseUnseen(viewer: Viewer, state: LifecycleState | null): void {
  if (state !== null && seesRecipient(viewer, state.body, kinds.named(state.of))) return;
  throw notFound();
}

/** Returns a refusal of the same class as those of commands, so that attempts record it. */
export const notFound = (): CommandRefusedError =>
  new CommandRefusedError('not-found', 'not-found', 'There is no such record');

/** Returns the problem of a record that exists, but not in the requested view. */
export const notKnownAtThatTime = (): ProblemError =>
  new ProblemError('not-found', 'The record did not exist or was not known at that time');

const NOBODY: NamedBody = { body: null, event: null };

/**
 * Returns a record's current recipient; undefined if the record does not exist. It is looked up in the register, and only newer events are
 * read from the stream, so that the response time for another body's record equals that for a missing one.
 */
export async function recipientNow(
  store: Pick<EventStore, 'readStream'>,
  database: ReadModelDatabase,
  reference: RecordReference,
): Promise<string | null | undefined> {
  const registered = await registeredRecipient(database, reference);
  let isThere = registered !== null;
  let named: NamedBody =
    registered === null ? NOBODY : { body: registered.recipient, event: registered.recipientEvent };
  for await (const stored of streamEvents(store, streamOf(reference), registered?.version ?? 0)) {
    named = bodyAfter(named, stored);
    isThere = true;
  }
  return isThere ? named.body : undefined;
}
