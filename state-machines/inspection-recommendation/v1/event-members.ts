import type { Deadline, Place, TextSource } from './deadlines.ts';
import type { ClosureOutcome, NoFurtherActionReason, RESPONSE_POSITIONS, VISIBILITIES } from './payloads.ts';

/** What says that a deadline was met before the day on which it is on record as passed; it settles none until a second person confirms it. */
type Claim = { readonly claim?: true };

/**
 * What each type of event says, as it is made: by a command, the sweep, or an import. Members are optional where whoever makes
 * the event need not give them; what becomes of them once they are stored is `record-event.ts`'s.
 */
export type EventData = {
  readonly RecommendationIssued: {
    readonly title: string;
    readonly text: string;
    /** The body; null where a register did not say. */
    readonly recipient: string | null;
    readonly report: { readonly name: string; readonly publishedOn: string } | null;
    /** Of a register. */
    readonly reference: string | null;
    /** The id that it was issued under to several bodies. */
    readonly issue: string | null;
    /** Of a file, the day of the status that the issue itself stands for; null where it states none. */
    readonly statusOn?: string | null;
    /** How many entries of the file stand before that status. */
    readonly statusAfter?: number | null;
  } & Stated;

  readonly ProgressStarted: Stated;
  readonly ReturnedToReview: { readonly reason: string } & Stated;
  readonly RecommendationCompleted: { readonly statement: string } & Decides & Closes & Claim & Stated;
  readonly NoFurtherActionDecided: {
    readonly reason: NoFurtherActionReason;
    readonly statement: string;
    /** The record that takes its place. */
    readonly supersededBy?: string;
  } & Partial<Decides> &
    Closes &
    Claim &
    Stated;
  readonly RecommendationReopened: { readonly reason: string } & Stated;
  readonly 'StatusRecorded.awaiting-review': Stated;
  readonly 'StatusRecorded.being-progressed': Stated;
  readonly 'StatusRecorded.complete': Claim & Stated;
  readonly 'StatusRecorded.no-further-action-needed': Claim & Stated;

  readonly ClosureRequested: {
    readonly statement: string;
    /** Absent where it was recorded before closures had outcomes: `complete`. */
    readonly outcome?: ClosureOutcome;
    /** Of the outcome `no-further-action`. */
    readonly reason?: NoFurtherActionReason;
    /** Of the outcome `superseded`: the record that takes its place. */
    readonly supersededBy?: string;
    /** The ids of the submissions that it takes into account; absent where it was recorded before that was said. */
    readonly considers?: readonly string[];
  };
  readonly ClosureWithdrawn: Nothing;
  readonly ClosureRefused: { readonly reason: string } & Decides;

  readonly EvidenceSubmitted: { readonly items: readonly EvidenceItem[]; readonly note?: string };
  readonly EvidenceAccepted: { readonly note?: string } & Decides;
  readonly EvidenceRejected: { readonly reason: string } & Decides;

  readonly ResponseRequired: Nothing;
  readonly ResponsePublished: {
    readonly position: (typeof RESPONSE_POSITIONS)[number];
    readonly text: string;
    /** Where, of a response that came otherwise. */
    readonly publishedElsewhere?: string;
    readonly dueOn: string | null;
    readonly late: boolean;
  } & Claim;

  readonly CommentAdded: {
    readonly text: string;
    readonly visibility: (typeof VISIBILITIES)[number];
    /** Whether the file ended in it. */
    readonly cutOff?: boolean;
    /** The id of the comment in whose place this one stands. */
    readonly completes?: string;
    /** Why it has another text than the comment in whose place it stands. */
    readonly reason?: string;
  } & Stated;
  readonly CommentRedacted: {
    /** The event of which something was erased. */
    readonly eventId: string;
    /** The JSON pointers of what was. */
    readonly erased: readonly string[];
    readonly reason: string;
  };
  readonly OwnerAssigned: { readonly owner: string; readonly reason?: string };
  readonly RecipientAssigned: { readonly recipient: string; readonly reason?: string };
  readonly TextAmended: {
    readonly title?: string;
    readonly text?: string;
    readonly reason: string;
    readonly places?: readonly Place[];
  } & Stated;
  readonly DeadlineSet: {
    readonly deadlineId: string;
    readonly kind: Deadline['kind'];
    readonly dueOn: string;
    readonly note?: string;
    readonly source?: TextSource | null;
  };
  readonly DeadlineProposed: {
    readonly deadlineId: string;
    readonly kind: Deadline['kind'];
    readonly suggestedOn: string | null;
    readonly rule: string;
    readonly source: TextSource;
  };
  readonly DeadlineDismissed: { readonly deadlineId: string; readonly reason?: string };
  readonly DeadlineWithdrawn: { readonly deadlineId: string; readonly reason: string };
  readonly DeadlineExtended: {
    readonly deadlineId: string;
    readonly dueOn: string;
    readonly reason?: string;
  } & Decides;
  readonly ExtensionRequested: {
    readonly deadlineId: string;
    readonly dueOn: string;
    readonly reason: string;
  };
  readonly ExtensionRefused: { readonly deadlineId: string; readonly reason: string } & Decides;
  readonly ExtensionWithdrawn: { readonly deadlineId: string };
  readonly DeadlineApproaching: DateVersion;
  readonly DeadlinePassed: DateVersion;
  readonly DeadlineEscalated: DateVersion;
  /** Asks for one member of an earlier event to be read as something else, or for a claim to be confirmed. */
  readonly CorrectionRequested: { readonly eventId: string; readonly reason: string } & Correction;
  readonly CorrectionApproved: {
    readonly eventId: string;
    /** What the event said until then; absent where a claim is confirmed. */
    readonly insteadOf?: string;
    /** The deadline whose date is corrected. */
    readonly deadlineId?: string;
    /** The kind of deadline that a claim settles once it is confirmed. */
    readonly kind?: Deadline['kind'];
  } & Correction &
    Decides;
  readonly CorrectionRefused: { readonly eventId: string; readonly reason: string } & Decides;
  /** The record whose place this one takes. */
  readonly SupersedesRecorded: { readonly supersedes: string };
  readonly UnknownStatusRecorded: { readonly status: string } & Stated;
  readonly RegisterRecordImported: {
    /** The file, as base64; absent where it says again what was erased. */
    readonly source?: string;
    readonly sourceSha256?: string;
    /** Of the file, in bytes. */
    readonly length: number;
    /** Whether the file's history is another one than the record's: it lacks some of it, or has what was not taken. */
    readonly partial?: boolean;
    /** What the file says otherwise and the record did not take, since people here work on it; absent on other records. */
    readonly differences?: readonly RecordDifference[];
    readonly anomalies: readonly RecordedAnomaly[];
    /** How many more there were; absent where those are all. */
    readonly moreAnomalies?: number;
  };
};

/**
 * What only a command says of an event that an import makes as well: a register gives a status without its grounds, and
 * without what it decides on.
 */
export interface OnlyByCommand {
  readonly ReturnedToReview: 'reason';
  readonly RecommendationCompleted: 'statement' | 'decides' | 'notConsidered';
  readonly NoFurtherActionDecided: 'reason' | 'statement' | 'supersededBy' | 'decides' | 'notConsidered';
  readonly RecommendationReopened: 'reason';
}

/** What a correction changes of the event that it names: exactly one of these. */
export type Correction = {
  /** The date on which the report was published, of the issue. */
  readonly publishedOn?: string;
  /** The body, of the event that named the wrong one. */
  readonly recipient?: string;
  /** The date of a deadline, of the event that gave it. */
  readonly dueOn?: string;
  /** That the event is true from its date on, although a deadline was recorded as passed after that date. */
  readonly confirms?: true;
};

/** In a file, the day as it was written, where that is not the day from which it holds. */
type Stated = { readonly statedOn?: string };

/** The ids of the events that it decides on. */
type Decides = { readonly decides: readonly string[] };

/** The ids of the submissions that came after the request to close, and that the decision leaves aside. */
type Closes = { readonly notConsidered?: readonly string[] };

type Nothing = { readonly [_ in never]: never };

export type EvidenceItem = {
  readonly name: string;
  readonly sha256: string;
  readonly size?: number;
  readonly mediaType?: string;
  readonly url?: string;
};

/** A version of a deadline's date: what its thresholds are of. */
export type DateVersion = {
  readonly deadlineId: string;
  /** 1 for the first date, and one more with each extension and each correction. */
  readonly dateVersion: number;
  readonly kind: Deadline['kind'];
  readonly dueOn: string;
};

/** Where a file says otherwise than a record; it quotes no free text. */
export type RecordDifference = {
  readonly line: number;
  readonly column: number;
  readonly what: 'title' | 'text' | 'status' | 'comment';
  readonly detail: string;
};

/** What is odd in a file; it quotes no free text. */
export type RecordedAnomaly = {
  readonly code: string;
  readonly line: number;
  readonly column: number;
  readonly detail: string;
};
