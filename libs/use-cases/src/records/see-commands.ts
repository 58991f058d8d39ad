import type { Reason } from '#lifecycle/refused';
import type { Viewer } from '#state-machines/access';
import { callerOf } from '../call-context.ts';
import type { RecordsAccess } from './records-access.ts';
import { visibleState } from './visible-record.ts';
import type { RecordReference } from '#lifecycle/kind';

/** A command and all current reasons against it. */
export interface SeenCommand {
  readonly command: string;
  readonly allowed: boolean;
  readonly because: readonly Reason[];
}

/**
 * Returns every command of a record, whether the viewer may use it now, and all reasons against it.
 * @param now milliseconds since 1970.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 */
export async function seeCommands(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'commands'>,
  viewer: Viewer,
  reference: RecordReference,
  now: number,
): Promise<SeenCommand[]> {
  const { commands } = access;
  const loaded = await visibleState(access, viewer, reference);
  const caller = { ...callerOf(viewer), now };
  return Promise.all(
    Object.keys(loaded.lifecycle.commands).map(async (command) => {
      const because = await commands.allowed.allReasonsAgainst(command, loaded, caller);
      return { command, allowed: because.length === 0, because };
    }),
  );
}
