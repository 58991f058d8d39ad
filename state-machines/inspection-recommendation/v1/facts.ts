import type { StatusOrigin } from '#lifecycle/answers';
import type { CommentFacts } from '../../capabilities/comments.ts';
import type { DeadlineFacts } from '../../capabilities/deadline-facts.ts';
import type { DeadlineProposal, IssuedDates, Place } from '../../capabilities/deadlines.ts';
import type { ClosureFacts } from '../../capabilities/closure-facts.ts';
import type { Written } from '../../capabilities/authors.ts';
import type { EvidenceFacts } from '../../capabilities/evidence.ts';
import type { OwnerFacts } from '../../capabilities/owner.ts';
import type { RecipientFacts } from '../../capabilities/recipients.ts';
import type { RedactionFacts } from '../../capabilities/redaction.ts';
import type { Claim } from './claims.ts';
import type { PendingCorrection } from './corrected-facts.ts';
import type { ClosureOutcome, NoFurtherActionReason } from './record-fields.ts';

/** The facts that the policy needs, in addition to the machine's value. */
export interface Facts
  extends
    CommentFacts,
    RedactionFacts,
    RecipientFacts,
    OwnerFacts,
    DeadlineFacts,
    ClosureFacts<ClosureForm>,
    EvidenceFacts {
  readonly written: readonly Written[];
  /** The effective dates of the last amendments to text and title. */
  readonly textOn: string | null;
  readonly titleOn: string | null;
  /** The origin of the status, which is that of the event that set it. */
  readonly statusOrigin: StatusOrigin;
  /** The outcomes and requesters of closure requests since the last reopening, decided or not. */
  readonly requestedClosures: readonly RequestedClosure[];
  /**
   * The event with the issued text, and the dates that follow from the text: exact and suggested ones, and the date of
   * the response.
   */
  readonly issued: IssuedDates | null;
  /** The dates found in the text that an inspector must confirm or dismiss. */
  readonly proposals: readonly DeadlineProposal[];
  /** The record that supersedes this one, until this one is reopened. */
  readonly supersededBy: string | null;
  /** The people who approved that this record supersedes another one. */
  readonly successionApprovers: readonly string[];
  /** The unconfirmed claims, with the people who recorded them. */
  readonly claims: readonly Claim[];
  /** The pending corrections. Closed records can have them too. */
  readonly corrections: readonly PendingCorrection[];
  /**
   * The ids of decided requests that a view folds after their decision, because an approved correction applies from the
   * date of the corrected event.
   */
  readonly correctionsDecided: readonly string[];
  /** The places in an amended text for deadlines that a view folds after the amendment; otherwise empty. */
  readonly placesAhead: readonly Place[];
}

/** The outcome of a closure. */
export type ClosureForm = {
  readonly outcome: ClosureOutcome;
  readonly reason?: NoFurtherActionReason;
  readonly supersededBy?: string;
};

interface RequestedClosure {
  readonly by: string;
  readonly form: ClosureForm;
}

export const isSameForm = (one: ClosureForm, other: ClosureForm): boolean =>
  one.outcome === other.outcome && one.reason === other.reason && one.supersededBy === other.supersededBy;
