export interface PayloadProblem {
  /** JSON pointer into the payload (RFC 6901); empty for the payload itself. */
  readonly pointer: string;
  readonly detail: string;
}

/** The place of a refusal in the order in which they are given. */
export type RefusalKind =
  'not-found' | 'invalid' | 'role' | 'key-reused' | 'version' | 'state' | 'people' | 'rule';

export interface RefusalDetails {
  readonly errors?: readonly PayloadProblem[];
  readonly currentVersion?: number;
  /** The commands that this caller may try now. */
  readonly allowedCommands?: readonly string[];
  /** The guard that does not hold. */
  readonly guard?: string;
  /** Where the caller finds what stands in the way. */
  readonly location?: string;
}

/** Why a command was not carried out; nothing was appended. `code` names the rule, the message says what would help. */
export class CommandRefusedError extends Error {
  readonly kind: RefusalKind;
  readonly code: string;
  readonly details: RefusalDetails;

  constructor(kind: RefusalKind, code: string, detail: string, details: RefusalDetails = {}) {
    super(detail);
    this.name = 'CommandRefusedError';
    this.kind = kind;
    this.code = code;
    this.details = details;
  }
}
