import { defineLifecycle } from '#lifecycle/lifecycle';
import type { LifecycleCode } from '#lifecycle/lifecycle-definition';
import { asRecordEvent } from './record-event.ts';
import { isOfTheRecipient } from '../../access.ts';
import { beforeThreshold } from './before-threshold.ts';
import { earlier, statechart } from './definition.ts';
import { effectiveOnsOfEarlier } from './earlier.ts';
import { evolveFacts, noFacts } from './facts.ts';
import type { Facts } from './facts.ts';
import { dueThresholds } from './thresholds.ts';

/** Events that are recorded name it: with another definition this is another version. */
const DIGEST = 'bcdd1e9c1db9ce9ae25f6d8f27bce0ab95db2cfefda9f7693e91d2f7fb5c3946';

const code: LifecycleCode<Facts> = {
  facts: {
    initial: noFacts,
    evolve: (facts, event) => evolveFacts(facts, asRecordEvent(event)),
    effectiveOnsOfEarlier: (facts, event) => effectiveOnsOfEarlier(facts, asRecordEvent(event)),
  },
  notYet: beforeThreshold,
  due: ({ ledger }, today) => dueThresholds(ledger, today),
  beginning: { code: 'effective-date-before-issue', what: 'the issue' },
  fullness: {
    stillTaken: 'what decides, closes, reopens, responds, withdraws or redacts',
    share: { what: "The recipient's share", isOf: isOfTheRecipient },
  },
};

/** The review lifecycle of an inspection recommendation, version 1: all that folding its events needs. */
export const inspectionRecommendation = defineLifecycle<Facts>(statechart, DIGEST, code);

/** The same by definitions that version 1 had before: by these its older events are read. */
export const earlierDefinitions = earlier.map(({ digest, statechart: before }) =>
  defineLifecycle<Facts>(before, digest, code),
);
