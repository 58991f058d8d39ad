import type { Pointer } from '#event-sourcing/envelope';

export interface PayloadProblem {
  /** JSON pointer into the payload (RFC 6901); empty for the payload itself. */
  readonly pointer: string;
  readonly detail: string;
}

/** The kinds of refusal, in the order of the checks. */
export type RefusalKind =
  | 'not-found'
  | 'invalid'
  | 'role'
  | 'key-reused'
  | 'version'
  | 'state'
  | 'people'
  | 'rule';

/** Machine-readable members of a refusal. */
export interface RefusalMembers {
  /** The URL of the conflicting resource. */
  readonly location?: string;
  /** The ids of the other events that the decision must also name. */
  readonly events?: readonly string[];
  /** The earliest day on which the command could apply. */
  readonly earliest?: string;
  /** Suggested people, by name and subject. */
  readonly suggestions?: readonly { readonly subject: string; readonly name: string | null }[];
}

export interface Reason extends RefusalMembers {
  /** The problem's code. */
  readonly code: string;
  readonly detail: string;
  /** The condition that is not met. */
  readonly guard?: string;
  /** The payload member that caused the refusal. */
  readonly pointer?: Pointer;
}

export interface RefusalDetails extends RefusalMembers {
  readonly errors?: readonly PayloadProblem[];
  readonly currentVersion?: number;
  /** The commands that this caller may try now. */
  readonly allowedCommands?: readonly string[];
  /** The invalid claim of the token. */
  readonly claim?: string;
  /** The condition that is not met. */
  readonly guard?: string;
  /** The part of a preparation that is done, in percent. */
  readonly progress?: number;
}

/** The stream and version on which a refusal was decided. */
export interface SeenStream {
  readonly streamId: string;
  readonly version: number;
}

/**
 * Thrown if a command is refused; nothing was appended. `code` identifies the rule, and the message says what would
 * help.
 */
export class CommandRefusedError extends Error {
  readonly kind: RefusalKind;
  readonly code: string;
  readonly details: RefusalDetails;
  /** The stream, for the record of refusals only; null if no stream was loaded. */
  readonly seen: SeenStream | null;

  constructor(
    kind: RefusalKind,
    code: string,
    detail: string,
    details: RefusalDetails = {},
    seen: SeenStream | null = null,
  ) {
    super(detail);
    this.name = 'CommandRefusedError';
    this.kind = kind;
    this.code = code;
    this.details = details;
    this.seen = seen;
  }

  /** Returns the refusal with this stream, unless it already has one. */
  seenAt(seen: SeenStream): CommandRefusedError {
    if (this.seen !== null) return this;
    const { kind, code, message, details } = this;
    return new CommandRefusedError(kind, code, message, details, seen);
  }
}
