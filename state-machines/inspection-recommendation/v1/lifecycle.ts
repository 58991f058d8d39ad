import { defineLifecycle } from '#lifecycle/lifecycle';
import { thresholds } from './deadlines.ts';
import { effectiveOnOfEarlier } from './earlier.ts';
import { events } from './events.ts';
import { evolveFacts, noFacts } from './facts.ts';
import { asRecordEvent } from './record-event.ts';
import { isOfTheRecipient } from '../../access.ts';
import type { Facts } from './facts.ts';
import { guards, machine } from './machine.ts';

/** The review lifecycle of an inspection recommendation, version 1. */
export const inspectionRecommendation = defineLifecycle<Facts>({
  name: 'inspection-recommendation',
  version: 1,
  machine,
  guards,
  events,
  statusRegion: 'progress',
  thresholds,
  roleOfShare: isOfTheRecipient,
  facts: {
    initial: noFacts,
    evolve: (facts, event) => evolveFacts(facts, asRecordEvent(event)),
    effectiveOnOfEarlier: (facts, event) => effectiveOnOfEarlier(facts, asRecordEvent(event)),
  },
});
