import type { DecidedEvent } from './decide.ts';
import { RECORD_ID } from './kind.ts';
import { identifier, labelled, oneOf, optional } from './fields.ts';
import type { Members } from './fields.ts';
import type { PayloadProblem, Reason } from './refused.ts';
import type { Services } from './services.ts';
import { payload } from './shapes.ts';
import type { PayloadShape } from './shapes.ts';

/** What a payload that begins records can always say: the id that they get. */
export interface IssuePayload {
  readonly id?: string | undefined;
}

/** How records of a lifecycle begin. */
export interface IssueDefinition<Payload extends IssuePayload = IssuePayload> {
  readonly summary: string;
  readonly payload: PayloadShape<Payload>;
  /** Who begins records. */
  readonly roles: readonly string[];
  /** The types of events that a record can begin with. */
  readonly emits: readonly string[];
  /** The bodies that it is for, each of which gets a record of its own; absent where records belong to no body. */
  bodies?(payload: Payload): readonly string[];
  /** Decides once for all records of an issue. */
  decide(payload: Payload, context: IssueContext): DecidedIssue;
}

export interface IssueContext {
  /** A plain date. */
  readonly today: string;
  readonly services: Services;
}

/** What was decided: a refusal is given after every other reason against the issue. */
export interface DecidedIssue {
  readonly refusal: (Reason & { readonly errors?: readonly PayloadProblem[] }) | null;
  /** The day from which the first events hold; not after today. */
  readonly effectiveOn: string;
  /** The first events of one of the records. */
  readonly events: (record: NewRecord) => readonly DecidedEvent[];
}

/** A record that begins. */
export interface NewRecord {
  /** The body that it is for; null where records belong to no body. */
  readonly body: string | null;
  /** The id of the issue, where it is to several bodies. */
  readonly issue: string | null;
  /** The id that its first event gets. */
  readonly eventId: string;
}

/** A definition, checked against its own payload. */
export const issueDefinition = <Payload extends IssuePayload>(
  definition: IssueDefinition<Payload>,
): IssueDefinition =>
  // It is only ever called with what its own payload's shape validated.
  definition;

/** What a payload that begins records holds: its own members, the id, and the name of the lifecycle. */
export const issuePayload = <Of extends Members>(name: string, lifecycle: string, members: Of) =>
  payload(name, {
    ...members,
    id: optional(
      labelled(
        identifier('Yours to choose; one is made where none is given.', {
          form: { matches: RECORD_ID, says: 'must be 1 to 64 letters, digits, dots, underscores or dashes' },
        }),
        'Reference',
        { hint: 'Letters, digits, dots, underscores and dashes. One is made where you enter none.' },
      ),
    ),
    lifecycle: optional(oneOf([lifecycle], 'The rules that it follows.')),
  });
