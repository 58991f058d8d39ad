import type { FastifyRequest } from 'fastify';
import type { Envelope } from '#event-sourcing/envelope';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { CommandRefusedError } from '#lifecycle/refused';
import type { Loaded } from '#lifecycle/state-loader';
import type { Service } from '#platform/service';
import { recipientNow } from '#use-cases/records/recipient-now';
import { eventsWithoutTexts } from '#use-cases/records/record-events';
import { currentState } from '#use-cases/records/read-record';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { seesRecipient, visibleBodies } from '#state-machines/access';
import { recordStream } from '#state-machines/inspection-recommendation/v1/record';
import { identityOf } from './authentication.ts';
import { ProblemError } from './problems.ts';

/**
 * A record's events as stored now, without what people wrote: a record's texts may be more than memory holds.
 * @throws CommandRefusedError 404 where there is no such record, or it is of a body that the caller does not see.
 */
export async function visibleWithoutTexts(
  service: Service,
  request: FastifyRequest,
  id: string,
): Promise<Envelope[]> {
  await refuseOthers(service, request, id);
  const events = await eventsWithoutTexts(service.store, id);
  refuseUnseen(request, currentState(events));
  return events;
}

/**
 * Looks at the recipient before anything is loaded, so that another body's record takes the work, and the time, of one that is absent.
 * Whoever sees every body has nothing to tell apart.
 * @throws CommandRefusedError 404 as above.
 */
export async function refuseOthers(
  { store, readModels }: Service,
  request: FastifyRequest,
  id: string,
): Promise<void> {
  const viewer = identityOf(request);
  if (visibleBodies(viewer) === null) return;
  const recipient = await recipientNow(store, readModels, id);
  if (recipient === undefined || !seesRecipient(viewer, recipient)) throw notFound();
}

/** Whose record it is now, by its events. */
export function recipientOf(events: readonly Envelope[]): string | null {
  const named = events.findLast(({ version, type }) => version === 1 || type === 'RecipientAssigned');
  const recipient = named?.data['recipient'];
  return typeof recipient === 'string' ? recipient : null;
}

/**
 * A record's state as stored now, also what another node appended.
 * @throws CommandRefusedError 404 as above.
 */
export async function visibleState(
  service: Service,
  request: FastifyRequest,
  id: string,
): Promise<Loaded<Facts>> {
  await refuseOthers(service, request, id);
  const loaded = await service.commands.states.reload(recordStream(id));
  refuseUnseen(request, loaded && loaded.state);
  return loaded as Loaded<Facts>;
}

function refuseUnseen(request: FastifyRequest, state: LifecycleState<Facts> | null): void {
  if (state !== null && seesRecipient(identityOf(request), state.facts.recipient)) return;
  throw notFound();
}

/** As a command is refused, so that it is on record where an attempt is. */
const notFound = (): CommandRefusedError =>
  new CommandRefusedError('not-found', 'not-found', 'There is no such record');

/**
 * The body that a list is asked for by name; undefined where none is.
 * @throws ProblemError 403 where it is not one of the caller's: that there is such a body is no secret, its records are.
 */
export function namedBody(request: FastifyRequest, recipient: string | undefined): string | undefined {
  const bodies = visibleBodies(identityOf(request));
  if (recipient === undefined || bodies === null || bodies.includes(recipient)) return recipient;
  const mine = bodies.length === 0 ? 'you have none' : `yours: ${bodies.join(', ')}`;
  throw new ProblemError('other-organisation', `${recipient} is not one of your organisations; ${mine}`);
}
