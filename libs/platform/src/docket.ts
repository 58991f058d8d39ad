import { createHash, randomUUID } from 'node:crypto';
import { v5 } from 'uuid';
import { canonicalJson } from '#audit/canonical';
import { commandIds, matchesRequest } from '#audit/seal';
import type { LifecycleReference } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import type { RecordLimits } from '#lifecycle/record-limits';
import { CommandHandler } from '#lifecycle/handle-command';
import { findDates } from '#use-cases/records/deadline-events';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { commands } from '#state-machines/inspection-recommendation/v1/policy';
import { rolesOn, whyNotAs } from '#state-machines/access';

const { name, version } = inspectionRecommendation.definition;

/** The version of the lifecycle under which new events are recorded. */
export const LIFECYCLE: LifecycleReference = {
  name,
  version,
  digest: createHash('sha256').update(canonicalJson(inspectionRecommendation.identity)).digest('hex'),
};

/** Every version of every lifecycle that this build knows, the latest of a name last. */
export const LIFECYCLES = [{ definition: inspectionRecommendation.definition, reference: LIFECYCLE }];

/** The handler of live commands on a store. */
export const commandHandler = (store: EventStore, limits?: RecordLimits): CommandHandler<Facts> =>
  new CommandHandler({
    store,
    lifecycle: inspectionRecommendation,
    reference: LIFECYCLE,
    commands,
    matchesRequest,
    commandIds,
    roles: {
      rolesOn: (caller, { recipient }) => rolesOn(caller, recipient),
      whyNotAs: (caller, { recipient }, roles) => whyNotAs(caller, recipient, roles),
    },
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
