import type { DecidedEvent, Services } from './decide.ts';
import { RECORD_ID } from './kind.ts';
import { identifier, withLabel, oneOf, optional } from './fields.ts';
import type { Members } from './fields.ts';
import type { PayloadProblem, Reason } from './refused.ts';
import { payload } from './shapes.ts';
import type { PayloadShape } from './shapes.ts';

/** The name under which events record the creation of a record. */
export const ISSUE_COMMAND = 'issue';

/** A payload that creates records. */
interface IssuePayload {
  readonly id?: string | undefined;
}

/** How records of a lifecycle are created. */
export interface IssueDefinition<Payload extends IssuePayload = IssuePayload> {
  readonly summary: string;
  readonly payload: PayloadShape<Payload>;
  /** The roles that may create records. */
  readonly roles: readonly string[];
  /** The possible types of a record's first event. */
  readonly emits: readonly string[];
  /** Returns the bodies; each gets its own record. Absent if records belong to no body. */
  bodies?(payload: Payload): readonly string[];
  /** Decides once for all records of an issue. */
  decide(payload: Payload, context: IssueContext): DecidedIssue;
}

export interface IssueContext {
  /** A plain date. */
  readonly today: string;
  readonly services: Services;
}

/** The decision on an issue. Every other reason against it is reported before its refusal. */
export interface DecidedIssue {
  readonly refusal: (Reason & { readonly errors?: readonly PayloadProblem[] }) | null;
  /** The effective date of the first events; not after today. */
  readonly effectiveOn: string;
  /** Returns the first events of one of the records. */
  readonly events: (record: NewRecord) => readonly DecidedEvent[];
}

/** A record to be created. */
export interface NewRecord {
  /** Its body; null if records belong to no body. */
  readonly body: string | null;
  /** The id of the issue, if it has several bodies; else null. */
  readonly issue: string | null;
  /** The id of its first event. */
  readonly eventId: string;
}

export const issueDefinition = <Payload extends IssuePayload>(
  definition: IssueDefinition<Payload>,
): IssueDefinition =>
  // It is called only with a payload that its own shape validated.
  definition;

/** Returns the shape of a payload that creates records: its own members, the record's id and the lifecycle's name. */
export const issuePayload = <Of extends Members>(name: string, lifecycle: string, members: Of) =>
  payload(name, {
    ...members,
    id: optional(
      withLabel(
        identifier('The id; generated if absent.', {
          form: {
            matches: RECORD_ID,
            message: 'must be 1 to 64 letters, digits, dots, underscores or dashes',
          },
        }),
        'Reference',
        {
          hint: 'Letters, digits, dots, underscores and dashes. If you leave this empty, Docket generates a reference.',
        },
      ),
    ),
    lifecycle: optional(oneOf([lifecycle], 'The lifecycle of the record.')),
  });
