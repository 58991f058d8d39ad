import type { JsonObject } from '#event-sourcing/envelope';
import { eventId } from '../event-hashes.ts';
import { hashOf } from '../tlog/checkpoint.ts';
import { checkAlone } from './check-events.ts';
import { provedIndex } from './check-log.ts';
import type { BegunLog, NewBeginning, PackCheckpoint } from './check-log.ts';
import type { Findings } from './findings.ts';
import { restartPath, restartProofPath } from './pack-names.ts';
import type { PackFiles } from './pack-names.ts';
import { has, isCount, orNull } from './shapes.ts';
import { isText, quoteTruncated } from './strict-text.ts';

type Beginning = Pick<NewBeginning, 'origin' | 'before' | 'reason'>;

const hasBeginning = has({
  origin: isText,
  reason: isText,
  before: orNull(
    has({ origin: isText, size: isCount, root: (value) => isText(value) && hashOf(value) !== null }),
  ),
});
const isBeginning = (value: JsonObject): value is JsonObject & Beginning => hasBeginning(value);

/** Checks the event and inclusion proof of each restart of the log, their order, and the last restart's origin against the checkpoint's. */
export function checkRestarts(
  files: PackFiles,
  begun: readonly BegunLog[],
  checkpoint: PackCheckpoint | null,
  findings: Findings,
): NewBeginning[] {
  let last = -1n;
  const beginnings: NewBeginning[] = [];
  for (const [at, { number, event }] of begun.entries()) {
    const [path, proofPath] = [restartPath(number), restartProofPath(number)];
    const wrong = (detail: string): void => {
      findings.add('begun', path, detail);
    };
    if (number !== at + 1) wrong('is not the next number');
    if (event === null) continue;
    const { type, streamId, lifecycle, schemaVersion, command, data } = event;
    if (type !== 'CheckpointsBegun' || streamId !== 'checkpoints' || lifecycle !== null)
      wrong('is not a CheckpointsBegun of the stream checkpoints');
    if (schemaVersion !== 1) wrong(`has the unknown shape ${schemaVersion}`);
    if (event.eventId !== eventId(command.id, 0)) wrong("has another id than its command's events");
    checkAlone(event, path, findings, 'begun');
    const beginning = isBeginning(data) ? data : null;
    if (beginning === null) wrong('does not state which log began after which, and why');
    else if (at === begun.length - 1 && checkpoint !== null && beginning.origin !== checkpoint.origin)
      wrong(`names the log ${quoteTruncated(beginning.origin)}, but the checkpoint is of another one`);
    const bytes = files.get(proofPath);
    if (bytes === undefined || checkpoint === null) continue;
    const index = findings.attempt('proof', proofPath, () => provedIndex(files, bytes, event, checkpoint));
    if (index === undefined) continue;
    if (index <= last) findings.add('proof', proofPath, 'is of an event that precedes an earlier one');
    last = index;
    if (beginning === null) continue;
    const { origin, before, reason } = beginning;
    const { recordedAt, actor } = event;
    beginnings.push({ origin, before, reason, subject: actor.subject, recordedAt, index: Number(index) });
  }
  return beginnings;
}
