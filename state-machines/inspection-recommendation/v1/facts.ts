import type { StatusOrigin } from '#lifecycle/answers';
import type { CommentFacts } from '../../capabilities/comments.ts';
import type { DeadlineFacts } from '../../capabilities/deadline-facts.ts';
import type { DeadlineProposal, IssuedDates, Place } from '../../capabilities/deadlines.ts';
import type { ClosureFacts } from '../../capabilities/closure-facts.ts';
import type { ChangeFacts } from '../../capabilities/decides.ts';
import type { EvidenceFacts } from '../../capabilities/evidence.ts';
import type { OwnerFacts } from '../../capabilities/owner.ts';
import type { RecipientFacts } from '../../capabilities/recipients.ts';
import type { RedactionFacts } from '../../capabilities/redaction.ts';
import type { Claim } from './claims.ts';
import type { PendingCorrection } from './corrected-facts.ts';
import type { ClosureOutcome, NoFurtherActionReason } from './record-fields.ts';

/** What policy needs besides the machine's value. */
export interface Facts
  extends
    CommentFacts,
    RedactionFacts,
    RecipientFacts,
    OwnerFacts,
    DeadlineFacts,
    ChangeFacts,
    ClosureFacts<ClosureForm>,
    EvidenceFacts {
  /** The dates from which the text and the title hold since they were amended. */
  readonly textOn: string | null;
  readonly titleOn: string | null;
  /** The persons who issued or imported it, or gave, moved or withdrew one of its dates, or requested another one. */
  readonly makers: readonly string[];
  /** The persons who approved that it takes the place of another record. */
  readonly successionApprovers: readonly string[];
  /** Where the status came from: that of the event that made it. */
  readonly statusOrigin: StatusOrigin;
  /** Which closures were asked for since the last reopening, and by whom, however that ended. */
  readonly closuresAsked: readonly AskedClosure[];
  /** The event that the text was issued in, and the dates that follow from it: those it names or suggests, and the response's. */
  readonly issued: IssuedDates | null;
  /** Found in the text, and to be confirmed or dismissed by an inspector. */
  readonly proposals: readonly DeadlineProposal[];
  /** The record that has taken this one's place, until it is reopened. */
  readonly supersededBy: string | null;
  /** Who recorded what is a claim until a second person confirms it. */
  readonly claims: readonly Claim[];
  /** Requested and not decided; also on a closed record. */
  readonly corrections: readonly PendingCorrection[];
  /** Requests whose decision a view has before them, since an approved correction holds from the date of what it corrects. */
  readonly correctionsDecided: readonly string[];
  /** Where in an amended text the words of deadlines are that a view has only after the amendment; else none. */
  readonly placesAhead: readonly Place[];
}

/** What the record would be closed as. */
export type ClosureForm = {
  readonly outcome: ClosureOutcome;
  readonly reason?: NoFurtherActionReason;
  readonly supersededBy?: string;
};

interface AskedClosure {
  readonly by: string;
  readonly form: ClosureForm;
}

export const isSameForm = (one: ClosureForm, other: ClosureForm): boolean =>
  one.outcome === other.outcome && one.reason === other.reason && one.supersededBy === other.supersededBy;
