import type { Actor } from '#event-sourcing/envelope';
import type { CommandRequest } from '#event-sourcing/event-store';
import { firstRole } from '#lifecycle/command-roles';
import type { Caller } from '#lifecycle/command-roles';
import type { Viewer } from '#state-machines/access';
import { ProblemError } from './problems.ts';

/** Who reads, and in which request. */
export interface Reader extends Viewer {
  readonly correlationId: string;
}

/** What a change is asked for with where it cannot be repeated under a key: by whom, when, and in which request. */
export interface AskedNow {
  readonly viewer: Viewer;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly correlationId: string;
}

/** What every other change is asked for with. */
export interface Asked extends AskedNow {
  readonly commandId: string;
  /** What a repeated command is compared by; null where no key was given under which it could be repeated. */
  readonly request: CommandRequest | null;
}

/** The one who goes on record for what a viewer does. */
export const actorOf = ({ subject, roles }: Viewer): Actor => ({ subject, roles });

/** A viewer, as the engine and imports take whoever calls. */
export const callerOf = (viewer: Viewer): Caller => ({
  actor: actorOf(viewer),
  organisations: viewer.organisations,
  ...(viewer.bodies !== undefined && { bodies: viewer.bodies }),
});

/** What is asked, as commands and the commits that they make take it. */
export function callOf<Given extends AskedNow>({ viewer, ...asked }: Given) {
  return { ...asked, ...callerOf(viewer) };
}

/** @throws ProblemError `role-not-permitted` where a viewer has none of the roles. */
export function requireRole({ roles: held }: Viewer, roles: readonly string[]): void {
  const permitted = firstRole('This is for', roles, held);
  if ('detail' in permitted) throw new ProblemError('role-not-permitted', permitted.detail);
}
