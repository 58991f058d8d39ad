import type { JsonObject } from '#event-sourcing/envelope';
import type {
  Deadline,
  DeadlineKind,
  DeadlineProposal,
  DeadlineState,
  TextSource,
} from './capabilities/deadlines.ts';
import type { RecordedAnomaly } from './capabilities/register-imports.ts';

/** The parts that records can have besides their state. A lifecycle shows those that its records have. */
export type RecordParts = {
  /** The title; null if it was never set or has been erased. */
  readonly title: string | null;
  readonly text: string | null;
  /** The reference in a register. */
  readonly reference: string | null;
  /** The issue that the record shares with records of other bodies. */
  readonly issue: string | null;
  readonly report: { readonly name: string | null; readonly publishedOn: string } | null;
  readonly anomalies: readonly RecordedAnomaly[];
  /** The number of anomalies beyond the limit; absent if there are none. */
  readonly moreAnomalies?: number;
  readonly recipient: string | null;
  readonly owner: string | null;
  readonly statusOrigin: 'import' | 'command';
  readonly deadlines: readonly ShownDeadline[];
  readonly pending: Pending;
  /** The same as in `pending`, for earlier API clients. */
  readonly proposedDeadlines: readonly ShownProposal[];
  readonly supersededBy: string | null;
  /** The latest values of the events' members, for a lifecycle without a view. */
  readonly says?: JsonObject;
};

type ShownDeadline = Pick<Deadline, 'id' | 'dueOn' | 'firstDueOn'> & {
  readonly kind: string;
  readonly state: DeadlineState;
  readonly source?: TextSource | null;
  /** True if the current text no longer contains its words. */
  readonly sourceGone?: true;
};

type ShownProposal = Omit<DeadlineProposal, 'proposedOn'> & {
  readonly sourceGone?: true;
};

type ShownRequest = {
  readonly eventId: string;
  /** The requester; null if the request was imported. */
  readonly requester: string | null;
  readonly requestedOn: string;
};

type Decidable = {
  /** The ids of the events that a decision must list. */
  readonly decides: readonly string[];
};

/** The pending requests that pages know. A lifecycle can add others. */
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

/** A file of evidence, whose bytes are not stored here. Erased members are absent. */
export type SubmittedItem = {
  readonly name?: string;
  readonly sha256?: string;
  readonly size?: number;
  readonly mediaType?: string;
  readonly url?: string;
};

/** The parts of a record whose lifecycle declares none. */
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
