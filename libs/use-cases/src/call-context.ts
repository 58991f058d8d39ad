import type { Actor } from '#event-sourcing/envelope';
import type { CommandRequest } from '#event-sourcing/event-store';
import { firstRole } from '#lifecycle/command-roles';
import type { Caller } from '#lifecycle/command-roles';
import type { Viewer } from '#state-machines/access';
import type { EventCall } from './log/kept-stream.ts';
import { ProblemError } from './problems.ts';

/** The viewer of a read, with the correlation id of the request. */
export interface Reader extends Viewer {
  readonly correlationId: string;
}

/** The context of a change that cannot be repeated under an idempotency key: the person, the time and the request. */
export interface CallContext extends Omit<EventCall, 'actor'> {
  readonly viewer: Viewer;
}

/** The context of a change that can be repeated under an idempotency key. */
export interface CommandContext extends CallContext {
  readonly commandId: string;
  /** Identifies a repeated command; null without an idempotency key. */
  readonly request: CommandRequest | null;
}

/** The same context as commands and commits expect it. */
export interface CommandCaller extends Omit<CommandContext, 'viewer'>, Caller {}

/** Returns the actor that events record for a viewer. */
export const actorOf = ({ subject, roles }: Viewer): Actor => ({ subject, roles });

/** Returns a viewer as the engine's and the imports' caller. */
export const callerOf = (viewer: Viewer): Caller => ({
  actor: actorOf(viewer),
  organisations: viewer.organisations,
  ...(viewer.bodies !== undefined && { bodies: viewer.bodies }),
});

/** Returns the context with its viewer replaced by a caller, as commands and commits expect. */
export function callOf<Context extends CallContext>({ viewer, ...call }: Context) {
  return { ...call, ...callerOf(viewer) };
}

/** Throws unless the viewer has one of the roles. @throws ProblemError `role-not-permitted` */
export function requireRole({ roles: ownRoles }: Viewer, roles: readonly string[]): void {
  const permitted = firstRole('This is for', roles, ownRoles);
  if ('detail' in permitted) throw new ProblemError('role-not-permitted', permitted.detail);
}
