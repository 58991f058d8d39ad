import { deadlines } from '../../capabilities/dated-work.ts';
import type { LedgerFact } from '../../capabilities/deadline-ledger.ts';
import { responseDueOn } from '../../capabilities/deadlines.ts';
import { RESPONSE } from '../../capabilities/response.ts';
import { recommendation } from '../kind.ts';
import { listedKinds } from './deadlines.ts';
import { extensionEvents } from './decides.ts';
import { issuedText, pastDueAsIssued } from './due-dates.ts';
import type { Facts } from './facts.ts';
import { guards, machine } from './machine.ts';
import { asRecordEvent } from './record-event.ts';
import type { EventOf } from './record-event.ts';

/** The deadlines of recommendations. */
export const deadlineCapability = deadlines<Facts>({
  ...{ kind: recommendation, first: 'RecommendationIssued', regions: machine.states },
  ...{ open: guards.open, listedKinds },
  ...{
    reopens: 'reopen',
    response: RESPONSE,
    roles: { decide: ['inspector'], request: ['force-lead', 'inspector'] },
  },
  past: { history: issuedText, rule: pastDueAsIssued },
  decisionEvents: extensionEvents,
  requests: ({ closure, corrections }) => [...(closure === null ? [] : [closure]), ...corrections],
  adds: {
    CorrectionApproved(event) {
      const { type, data } = asRecordEvent(event);
      return type === 'CorrectionApproved' ? correctedBy(data, event.effectiveOn) : null;
    },
  },
});

function correctedBy(
  { publishedOn, deadlineId, dueOn, insteadOf, kind }: EventOf<'CorrectionApproved'>['data'],
  on: string,
): LedgerFact | null {
  // A confirmed claim settles the deadlines that it claimed.
  if (kind !== undefined) return { on, fact: kind === 'response' ? 'answered' : 'closed' };
  if (insteadOf === undefined) return null;
  if (publishedOn === undefined) {
    return dueOn === undefined || deadlineId === undefined
      ? null
      : { on, fact: 'corrected', deadlineId, insteadOf, dueOn };
  }
  const dates = { insteadOf: responseDueOn(insteadOf), dueOn: responseDueOn(publishedOn) };
  return { on, fact: 'corrected', deadlineId: null, ...dates };
}
