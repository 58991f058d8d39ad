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
 * What records can say of themselves besides their state: a lifecycle shows the parts that it has. They are named here, where pages
 * and use cases know them.
 */
export type RecordParts = {
  /** Null where it was never given or has been erased. */
  readonly title: string | null;
  readonly text: string | null;
  /** Of a register. */
  readonly reference: string | null;
  /** The id that it was issued under to several bodies. */
  readonly issue: string | null;
  readonly report: { readonly name: string | null; readonly publishedOn: string } | null;
  readonly anomalies: readonly RecordedAnomaly[];
  /** How many more there were; absent where those are all. */
  readonly moreAnomalies?: number;
  readonly recipient: string | null;
  readonly owner: string | null;
  readonly statusOrigin: 'import' | 'command';
  readonly deadlines: readonly ShownDeadline[];
  readonly pending: Pending;
  /** The same as those of `pending`, as earlier readers know them. */
  readonly proposedDeadlines: readonly ShownProposal[];
  readonly supersededBy: string | null;
  /** Of a lifecycle that says nothing of how its records are shown: what its events said last, by the members of their data. */
  readonly says?: JsonObject;
};

type ShownDeadline = Pick<Deadline, 'id' | 'dueOn' | 'firstDueOn'> & {
  readonly kind: string;
  readonly state: DeadlineState;
  readonly source?: TextSource | null;
  /** Its words are gone from the text as it is now. */
  readonly sourceGone?: true;
};

type ShownProposal = Omit<DeadlineProposal, 'proposedOn'> & {
  readonly sourceGone?: true;
};

type ShownRequest = {
  readonly eventId: string;
  /** Null where the request was only imported. */
  readonly requester: string | null;
  readonly requestedOn: string;
};

type Decidable = {
  /** The events that a decision is about. */
  readonly decides: readonly string[];
};

/** What waits for a decision, as pages know it; a lifecycle can say more. */
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

/** A file of evidence, whose bytes stay where they are; a member is absent where it was erased. */
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
