import { defineLifecycle } from '#lifecycle/lifecycle';
import type { LifecycleCode } from '#lifecycle/lifecycle-definition';
import { ASIDES, events } from './events.ts';
import { asRecordEvent } from './record-event.ts';
import { isOfBody } from '#lifecycle/kind';
import { recommendation } from '../kind.ts';
import { deadlineCapability } from './deadline-capability.ts';
import { statechart } from './definition.ts';
import { effectiveOnsOfEarlier } from './earlier.ts';
import { evolveFacts, noFacts } from './evolve-facts.ts';
import type { Facts } from './facts.ts';
import { dates, summary, texts } from './summary.ts';

/** The digest, which stored events contain. A different definition requires a new version. */
const DIGEST = 'f42ce51d4a7c69b17550659ce980d83257012075e95e0e9ba6e587cf4ea7c5c1';

const code: LifecycleCode<Facts> = {
  shapes: events,
  facts: {
    initial: noFacts,
    evolve: (facts, event) => evolveFacts(facts, asRecordEvent(event)),
    effectiveOnsOfEarlier: (facts, event) => effectiveOnsOfEarlier(facts, asRecordEvent(event)),
  },
  body: ({ recipient }) => recipient,
  notYet: deadlineCapability.notYet,
  due: deadlineCapability.due,
  asides: ASIDES,
  beginning: { code: 'effective-date-before-issue', what: 'the issue' },
  fullness: {
    stillAccepted: 'decisions, closure, reopening, responses, withdrawals and redactions',
    share: { what: "The recipient's share", isOf: (role: string) => isOfBody(recommendation, role) },
  },
  summary,
  texts,
  dates,
};

/** The review lifecycle of an inspection recommendation, version 1, with the code that folds its events. */
export const inspectionRecommendation = defineLifecycle<Facts>(statechart, DIGEST, code);

/** Functions for the typed state of a record of this lifecycle, and for the typed code of its versions. */
export const { ownState } = inspectionRecommendation;
