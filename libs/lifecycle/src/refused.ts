import type { Pointer } from '#event-sourcing/envelope';

export interface PayloadProblem {
  /** JSON pointer into the payload (RFC 6901); empty for the payload itself. */
  readonly pointer: string;
  readonly detail: string;
}

/** The place of a refusal in the order in which they are given. */
export type RefusalKind =
  'not-found' | 'invalid' | 'role' | 'key-reused' | 'version' | 'state' | 'people' | 'rule';

/** What a refusal says for programs besides its code and its sentence. */
export interface RefusalMembers {
  /** Where the caller finds what stands in the way. */
  readonly location?: string;
  /** The ids of the events that a decision must name besides those that it names. */
  readonly events?: readonly string[];
  /** The earliest day on which what is refused could take effect. */
  readonly earliest?: string;
  /** The people who may be meant, by what they can be named. */
  readonly suggestions?: readonly { readonly subject: string; readonly name: string | null }[];
}

export interface Reason extends RefusalMembers {
  /** The problem's code. */
  readonly code: string;
  readonly detail: string;
  /** The guard that does not hold. */
  readonly guard?: string;
  /** The member of the payload that is in the way. */
  readonly pointer?: Pointer;
}

export interface RefusalDetails extends RefusalMembers {
  readonly errors?: readonly PayloadProblem[];
  readonly currentVersion?: number;
  /** The commands that this caller may try now. */
  readonly allowedCommands?: readonly string[];
  /** The claim of the token that is not valid. */
  readonly claim?: string;
  /** The guard that does not hold. */
  readonly guard?: string;
}

/** The stream, at the version, on which a refusal was decided. */
export interface SeenStream {
  readonly streamId: string;
  readonly version: number;
}

/** Why a command was not carried out; nothing was appended. `code` names the rule, the message says what would help. */
export class CommandRefusedError extends Error {
  readonly kind: RefusalKind;
  readonly code: string;
  readonly details: RefusalDetails;
  /** For the record of refusals, and no part of the answer; null where none was looked at. */
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

  /** The same refusal, of a stream that was looked at where it names none itself. */
  seenAt(seen: SeenStream): CommandRefusedError {
    if (this.seen !== null) return this;
    const { kind, code, message, details } = this;
    return new CommandRefusedError(kind, code, message, details, seen);
  }
}
