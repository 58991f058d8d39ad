import { v5 } from 'uuid';
import type { Random } from '#event-sourcing/random';
import { commandIds, matchesRequest } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import type { RecordLimits } from '#lifecycle/record-limits';
import { CommandHandler } from '#lifecycle/handle-command';
import type { OnRuleFailed } from '#lifecycle/allowed-commands';
import { decisionServices } from '#use-cases/records/dates-in-text';
import { DERIVED_IDS, SWEEPER, thresholdRecorder } from '#use-cases/records/sweep-deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import { rolesPolicy } from '#state-machines/access';
import { londonDate } from '#state-machines/london';
import type { Lifecycles } from '#lifecycle/lifecycles';

export const commandHandler = (
  store: EventStore,
  {
    limits,
    lifecycles: followed = lifecycles,
    onRuleFailed,
  }: {
    limits?: RecordLimits;
    lifecycles?: Lifecycles;
    onRuleFailed?: OnRuleFailed;
  } = {},
): CommandHandler =>
  new CommandHandler({
    store,
    lifecycles: followed,
    civilDay: londonDate,
    matchesRequest,
    commandIds,
    dueRecorder: thresholdRecorder(SWEEPER),
    roles: rolesPolicy,
    services: decisionServices,
    ...(limits && { limits }),
    ...(onRuleFailed && { onRuleFailed }),
  });

/** Returns a command's id. An idempotency key is scoped to its subject: two subjects with the same key send two commands. */
export const commandId = (subject: string, idempotencyKey: string | null, random: Random): string =>
  idempotencyKey === null ? random.uuid() : v5(idempotencyKey, v5(subject, DERIVED_IDS));
