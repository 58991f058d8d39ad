import { createHash } from 'node:crypto';
import { canonicalJson } from '../../audit/src/canonical.ts';
import { matchesRequest } from '../../audit/src/seal.ts';
import type { LifecycleReference } from '../../event-sourcing/src/envelope.ts';
import type { EventStore } from '../../event-sourcing/src/event-store.ts';
import { CommandHandler } from '../../lifecycle/src/handle-command.ts';
import type { Facts } from '../../../state-machines/inspection-recommendation/v1/facts.ts';
import { inspectionRecommendation } from '../../../state-machines/inspection-recommendation/v1/lifecycle.ts';
import { commands } from '../../../state-machines/inspection-recommendation/v1/policy.ts';

const { name, version } = inspectionRecommendation.definition;

/** The version of the lifecycle under which new events are recorded. */
export const LIFECYCLE: LifecycleReference = {
  name,
  version,
  digest: createHash('sha256').update(canonicalJson(inspectionRecommendation.identity)).digest('hex'),
};

/** The handler of live commands on a store. */
export const commandHandler = (store: EventStore): CommandHandler<Facts> =>
  new CommandHandler({
    store,
    lifecycle: inspectionRecommendation,
    reference: LIFECYCLE,
    commands,
    matchesRequest,
  });
