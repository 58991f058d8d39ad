import type { JsonObject } from '#event-sourcing/envelope';
import type {
  Deadline,
  DeadlineKind,
  DeadlineProposal,
  DeadlineState,
  TextSource,
} from './capabilities/deadlines.ts';
import type { RecordedAnomaly } from './capabilities/register-imports.ts';

/**
 * The parts that records can have besides their state; a lifecycle shows those that it has. Defined here for pages and
 * use cases.
 */
export type RecordParts = {
  /** Null if it was never set or has been erased. */
  readonly title: string | null;
  readonly text: string | null;
  /** The reference in a register. */
  readonly reference: string | null;
  /** The issue that it shares with other bodies' records. */
  readonly issue: string | null;
  readonly report: { readonly name: string | null; readonly publishedOn: string } | null;
  readonly anomalies: readonly RecordedAnomaly[];
  /** The number of further ones; absent if none were left out. */
  readonly moreAnomalies?: number;
  readonly recipient: string | null;
  readonly owner: string | null;
  readonly statusOrigin: 'import' | 'command';
  readonly deadlines: readonly ShownDeadline[];
  readonly pending: Pending;
  /** Duplicates those in `pending`, for earlier API clients. */
  readonly proposedDeadlines: readonly ShownProposal[];
  readonly supersededBy: string | null;
  /** For a lifecycle without a view: the latest values of its events' members. */
  readonly says?: JsonObject;
};

type ShownDeadline = Pick<Deadline, 'id' | 'dueOn' | 'firstDueOn'> & {
  readonly kind: string;
  readonly state: DeadlineState;
  readonly source?: TextSource | null;
  /** The current text no longer contains its words. */
  readonly sourceGone?: true;
};

type ShownProposal = Omit<DeadlineProposal, 'proposedOn'> & {
  readonly sourceGone?: true;
};

type ShownRequest = {
  readonly eventId: string;
  /** Null if the request was only imported. */
  readonly requester: string | null;
  readonly requestedOn: string;
};

type Decidable = {
  /** The events that a decision must name. */
  readonly decides: readonly string[];
};

/** Pending requests that pages know; a lifecycle can add others. */
export type Pending = {
  readonly extensions: readonly (ShownRequest &
    Decidable & { readonly deadlineId: string; readonly dueOn: string })[];
  readonly proposals: readonly ShownProposal[];
  readonly corrections: readonly (ShownRequest &
    Decidable & {
      readonly corrects: string;
      readonly publishedOn?: string;
      readonly recipient?: string;
      readonly dueOn?: string;
      readonly confirms?: true;
    })[];
  readonly claims?: readonly {
    readonly eventId: string;
    readonly kind: DeadlineKind;
    readonly claimant: string;
  }[];
};

/** A file of evidence, whose bytes are not stored here; erased members are absent. */
export type SubmittedItem = {
  readonly name?: string;
  readonly sha256?: string;
  readonly size?: number;
  readonly mediaType?: string;
  readonly url?: string;
};

/** The parts of a record whose lifecycle has none of them. */
export const NO_PARTS: RecordParts = {
  title: null,
  text: null,
  reference: null,
  issue: null,
  report: null,
  anomalies: [],
  recipient: null,
  owner: null,
  statusOrigin: 'command',
  deadlines: [],
  pending: { extensions: [], proposals: [], corrections: [] },
  proposedDeadlines: [],
  supersededBy: null,
};
