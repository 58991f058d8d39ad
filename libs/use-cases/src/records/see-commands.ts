import { ownState } from '#state-machines/inspection-recommendation/v1/lifecycle';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Reason } from '#lifecycle/refused';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import type { Viewer } from '#state-machines/access';
import { refusedToMaker } from '#state-machines/inspection-recommendation/v1/supersession';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { callerOf } from '../asked.ts';
import type { RecordsAccess } from './records-access.ts';
import { visibleState } from './visible-record.ts';
import type { RecordReference } from '#lifecycle/kind';

/** A command, and all that stands against it now. */
export interface SeenCommand {
  readonly command: string;
  readonly allowed: boolean;
  readonly because: readonly Reason[];
}

/**
 * Every command on a record: whether this viewer may give it now, or why not.
 * @param now milliseconds since 1970.
 * @throws CommandRefusedError 404 where there is no such record, or it is of a body that the viewer does not see.
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
  const seen = Object.keys(loaded.lifecycle.commands).map((command): SeenCommand => {
    const reasons = commands.reasonsAgainst(command, loaded, caller);
    return { command, allowed: reasons.length === 0, because: reasons.map(({ reason }) => reason) };
  });
  const index = seen.findIndex(({ command, allowed }) => command === 'supersede' && allowed);
  const refused = index === -1 ? null : await whyNotSuperseded(commands, viewer, ownState(loaded.state));
  return refused === null
    ? seen
    : seen.with(index, { command: 'supersede', allowed: false, because: [refused] });
}

/** What stands in the way by the record that was asked for as the successor; null where nothing does. */
async function whyNotSuperseded(
  { states }: RecordsAccess['commands'],
  { subject }: Viewer,
  { facts }: LifecycleState<Facts>,
): Promise<Reason | null> {
  const by = facts.closure?.supersededBy;
  if (by === undefined) return null;
  const successor = await states.reload(recordStream(by));
  return refusedToMaker(by, successor && ownState(successor.state), subject);
}
