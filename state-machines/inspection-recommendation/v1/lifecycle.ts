import { defineLifecycle } from '#lifecycle/lifecycle';
import { asRecordEvent } from './record-event.ts';
import { isOfTheRecipient } from '../../access.ts';
import { beforeThreshold } from './before-threshold.ts';
import { statechart } from './definition.ts';
import { effectiveOnsOfEarlier } from './earlier.ts';
import { evolveFacts, noFacts } from './facts.ts';
import type { Facts } from './facts.ts';
import { dueThresholds } from './thresholds.ts';

/** Events that are recorded name it: with another definition this is another version. */
const DIGEST = '0879e5d99158dcc5bc4833c806af1149a54661f2e97c0d3601474f116beacfcb';

/** The review lifecycle of an inspection recommendation, version 1: all that folding its events needs. */
export const inspectionRecommendation = defineLifecycle<Facts>(statechart, DIGEST, {
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
});
