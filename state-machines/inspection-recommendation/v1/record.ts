import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { sourceGoneFlag } from '../../capabilities/dated-work.ts';
import { requestView } from '../../capabilities/persons.ts';
import { decidedEvents } from '../../capabilities/decides.ts';
import { closureCapability, evidenceCapability } from './closure-capability.ts';
import { unconfirmedClaims } from './claims.ts';
import { correctionEvents } from './decides.ts';
import { deadlineCapability } from './deadline-capability.ts';
import { isOpen } from './deadlines.ts';
import type { DeadlineProposal } from '../../capabilities/deadlines.ts';
import type { Facts } from './facts.ts';
import type { RecordParts } from '../../record-parts.ts';
import type { RecordEnvelope } from './record-event.ts';

/** The content of a record. A member is null if it was never set or has been erased. */
type RecordDetails = Pick<
  RecordParts,
  'title' | 'text' | 'reference' | 'issue' | 'report' | 'anomalies' | 'moreAnomalies'
>;

/** Returns a record's content from its events. */
export function recordDetails(events: Iterable<RecordEnvelope>): RecordDetails {
  let details: RecordDetails = {
    title: null,
    text: null,
    reference: null,
    issue: null,
    report: null,
    anomalies: [],
  };
  for (const event of events) {
    const { type, data } = event;
    if (type === 'RecommendationIssued') {
      const { title = null, text = null, reference, issue, report } = data;
      details = {
        ...details,
        title,
        text,
        reference,
        issue,
        report: report && { ...report, name: report.name ?? null },
      };
    } else if (type === 'CorrectionApproved' && data.publishedOn !== undefined) {
      details = {
        ...details,
        report: details.report && { ...details.report, publishedOn: data.publishedOn },
      };
    } else if (type === 'TextAmended') {
      details = { ...details, ...amendedFields(event) };
    } else if (type === 'RegisterRecordImported' && data.partial !== true) {
      // The anomalies of the current history are those of the last file.
      const { moreAnomalies: _, ...others } = details;
      const { anomalies, moreAnomalies } = data;
      details = { ...others, ...(moreAnomalies !== undefined && { moreAnomalies }), anomalies };
    }
  }
  return details;
}

/** Returns the members that an amendment replaces; null if erased, absent if not replaced. */
export function amendedFields({
  data,
  commitments,
}: Extract<RecordEnvelope, { type: 'TextAmended' }>): Partial<Pick<RecordDetails, 'title' | 'text'>> {
  const { title = null, text = null } = data;
  return {
    ...(Object.hasOwn(commitments, '/data/title') && { title }),
    ...(Object.hasOwn(commitments, '/data/text') && { text }),
  };
}

/** Returns the pending requests. A closed record can have only corrections and claims. */
export function pendingOn(state: LifecycleState<Facts>) {
  const { value, facts } = state;
  const { proposals, corrections } = facts;
  const isPending = isOpen(value);
  const claims = unconfirmedClaims(facts);
  return {
    ...(isPending && closureCapability.pending(state)),
    ...(isPending && evidenceCapability.pending(state)),
    extensions: isPending ? deadlineCapability.pendingExtensions(state) : [],
    proposals: isPending ? proposals.map(proposalView) : [],
    // Closed records are included, because mistakes can be corrected at any time.
    corrections: corrections.map((each) => {
      const { corrects, correction } = each;
      const decides = decidedEvents(correctionEvents(state, each), {});
      return { corrects, ...correction, ...requestView(each), decides };
    }),
    ...(claims.length > 0 && { claims }),
  };
}

const proposalView = ({ id, suggestedOn, rule, source, countedFrom }: DeadlineProposal) => ({
  id,
  suggestedOn,
  rule,
  source,
  ...(countedFrom !== undefined && { countedFrom }),
  ...sourceGoneFlag(source),
});
