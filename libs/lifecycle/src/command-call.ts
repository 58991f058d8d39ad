import type { CommandRequest } from '#event-sourcing/event-store';
import type { Caller } from './command-roles.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import type { Reason } from './refused.ts';

export interface CommandCall<Facts = unknown> extends Caller {
  readonly streamId: string;
  readonly command: string;
  /** As the caller sent it; validated here, after the record was found. */
  readonly body: unknown;
  /** The time of the command, in milliseconds since 1970. */
  readonly now: number;
  readonly commandId: string;
  /** Null if the caller sent no Idempotency-Key. */
  readonly request: CommandRequest | null;
  /** The versions of If-Match; null if any version is accepted. */
  readonly expectedVersions: readonly number[] | null;
  readonly correlationId: string;
  /** A reason against the payload that does not depend on the record. It is checked last. */
  readonly against?: Reason | null;
  /** Returns whether this caller may see the record; a hidden record is reported as not found. */
  mayTouch(state: LifecycleState<Facts>): boolean;
}

/** Returns the plain date of an instant (milliseconds since 1970) in the service's time zone. */
export type CivilDay = (instant: number) => string;

export type CallerNow = Caller & Pick<CommandCall, 'now'>;
