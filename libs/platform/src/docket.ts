import { randomUUID } from 'node:crypto';
import { v5 } from 'uuid';
import { commandIds, matchesRequest } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import type { RecordLimits } from '#lifecycle/record-limits';
import { CommandHandler } from '#lifecycle/handle-command';
import { findDates } from '#use-cases/records/deadline-events';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { commandedLifecycles } from '#state-machines/commanded-lifecycles';
import { rolesPolicy } from '#state-machines/lifecycles';
import { londonDate } from '#state-machines/london';

/** The handler of live commands on a store. */
export const commandHandler = (store: EventStore, limits?: RecordLimits): CommandHandler<Facts> =>
  new CommandHandler({
    store,
    lifecycles: commandedLifecycles,
    civilDay: londonDate,
    matchesRequest,
    commandIds,
    roles: rolesPolicy,
    findDates,
    ...(limits && { limits }),
  });

/** The namespace of the ids that Docket derives (RFC 9562, version 5). */
const NAMESPACE = '0b6c1f0e-6a55-5b0a-9c53-5f1f6f2f0d3e';

/** A key belongs to a subject: the same key of another subject is another command. */
export const commandId = (subject: string, idempotencyKey: string | null): string =>
  idempotencyKey === null ? randomUUID() : v5(idempotencyKey, v5(subject, NAMESPACE));

/** The command that records a threshold is the same one whoever sweeps, so that its event is. */
export const thresholdCommandId = (threshold: string): string => v5(`sweep/${threshold}`, NAMESPACE);
