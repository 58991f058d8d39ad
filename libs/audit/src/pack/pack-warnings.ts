import { cosignersOf } from '../tlog/cosignature.ts';
import type { VerifierKey } from '../tlog/signed-note.ts';
import type { ReadPack } from './check-log.ts';
import { eventPath, PACK } from './pack-names.ts';

/** An implausible time. Clocks differ between nodes, so a warning never changes the verdict. */
export interface PackWarning {
  readonly code: 'after-pack' | 'before-checkpoint';
  readonly file: string;
  readonly detail: string;
}

/** The tolerated difference between the clocks of two machines. */
export const CLOCK_TOLERANCE_MS = 5 * 60 * 1_000;

/** Returns warnings about event times that contradict the time of the pack, or of the earlier checkpoint. */
export function warningsOf(
  { events, packMade, previous, indices }: ReadPack,
  witnesses: readonly VerifierKey[],
): PackWarning[] {
  const made = packMade?.recordedAt;
  const seen = previous === null ? [] : cosignersOf(previous.note, witnesses).map(({ seconds }) => seconds);
  const seenAt = Number(seen.reduce((a, b) => (a < b ? a : b), 2n ** 63n)) * 1_000;
  return events.flatMap(({ version, recordedAt }) => {
    const [file, at] = [eventPath(version), Date.parse(recordedAt)];
    const warnings: PackWarning[] = [];
    if (made !== undefined && at > Date.parse(made) + CLOCK_TOLERANCE_MS)
      warnings.push({
        code: 'after-pack',
        file,
        detail: `states that it was recorded ${recordedAt}, but the pack was made ${made}`,
      });
    const isLater = (indices.events.get(version) ?? -1n) >= (previous?.size ?? 0n);
    if (seen.length > 0 && isLater && at < seenAt - CLOCK_TOLERANCE_MS)
      warnings.push({
        code: 'before-checkpoint',
        file,
        detail: `states that it was recorded ${recordedAt}, but the log has it after ${PACK.previous}, which a witness signed later`,
      });
    return warnings;
  });
}
