import type { JsonObject } from '#event-sourcing/envelope';
import { eventId } from '../event-hashes.ts';
import { hashOf } from '../tlog/checkpoint.ts';
import { checkAlone } from './check-events.ts';
import { provedIndex } from './check-log.ts';
import type { RestartEvent, LogRestart, PackCheckpoint } from './check-log.ts';
import type { Findings } from './findings.ts';
import { restartPath, restartProofPath } from './pack-names.ts';
import type { PackFiles } from './pack-names.ts';
import { has, isCount, orNull } from './shapes.ts';
import { isText, quoteTruncated } from './strict-text.ts';

type Restart = Pick<LogRestart, 'origin' | 'before' | 'reason'>;

const hasRestart = has({
  origin: isText,
  reason: isText,
  before: orNull(
    has({ origin: isText, size: isCount, root: (value) => isText(value) && hashOf(value) !== null }),
  ),
});
const isRestart = (value: JsonObject): value is JsonObject & Restart => hasRestart(value);

/** Checks the event and inclusion proof of each restart of the log, their order, and the last restart's origin against the checkpoint's. */
export function checkRestarts(
  files: PackFiles,
  begun: readonly RestartEvent[],
  checkpoint: PackCheckpoint | null,
  findings: Findings,
): LogRestart[] {
  let last = -1n;
  const restarts: LogRestart[] = [];
  for (const [at, { number, event }] of begun.entries()) {
    const [path, proofPath] = [restartPath(number), restartProofPath(number)];
    const wrong = (detail: string): void => {
      findings.add('begun', path, detail);
    };
    if (number !== at + 1) wrong('is not the next number');
    if (event === null) continue;
    const { type, streamId, lifecycle, schemaVersion, command, data } = event;
    if (type !== 'CheckpointsBegun' || streamId !== 'checkpoints' || lifecycle !== null)
      wrong('is not a CheckpointsBegun event of the stream checkpoints');
    if (schemaVersion !== 1) wrong(`has the unknown shape ${schemaVersion}`);
    if (event.eventId !== eventId(command.id, 0)) wrong('has an id that does not match its command');
    checkAlone(event, path, findings, 'begun');
    const restart = isRestart(data) ? data : null;
    if (restart === null) wrong('does not state the new origin, the checkpoint before it and the reason');
    else if (at === begun.length - 1 && checkpoint !== null && restart.origin !== checkpoint.origin)
      wrong(`states the origin ${quoteTruncated(restart.origin)}, but the checkpoint has a different one`);
    const bytes = files.get(proofPath);
    if (bytes === undefined || checkpoint === null) continue;
    const index = findings.attempt('proof', proofPath, () => provedIndex(files, bytes, event, checkpoint));
    if (index === undefined) continue;
    if (index <= last)
      findings.add('proof', proofPath, 'proves an index that is not higher than that of the previous event');
    last = index;
    if (restart === null) continue;
    const { origin, before, reason } = restart;
    const { recordedAt, actor } = event;
    restarts.push({ origin, before, reason, subject: actor.subject, recordedAt, index: Number(index) });
  }
  return restarts;
}
