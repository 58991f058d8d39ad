import type { CommandRequest } from '#event-sourcing/event-store';
import type { Caller } from './command-roles.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import type { Reason } from './refused.ts';

export interface CommandCall<Facts = unknown> extends Caller {
  readonly streamId: string;
  readonly command: string;
  /** As the caller sent it; validated here, after the record was found. */
  readonly body: unknown;
  /** The moment of the command, in milliseconds since 1970. */
  readonly now: number;
  readonly commandId: string;
  /** Present where the caller sent an Idempotency-Key. */
  readonly request: CommandRequest | null;
  /** The versions that the caller named (If-Match); null where any will do. */
  readonly expectedVersions: readonly number[] | null;
  readonly correlationId: string;
  /** What stands against the payload by what the record does not say; asked last of all. */
  readonly against?: Reason | null;
  /** Whether this caller may see the record; what may not be seen is not found. */
  mayTouch(state: LifecycleState<Facts>): boolean;
}

/** The plain date of an instant, in milliseconds since 1970; where days begin is not said here. */
export type CivilDay = (instant: number) => string;

/** Whoever asks what they may do, and when. */
export type CallerNow = Caller & Pick<CommandCall, 'now'>;
