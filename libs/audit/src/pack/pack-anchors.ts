import { cosignersOf } from '../tlog/cosignature.ts';
import type { Cosigned } from '../tlog/cosignature.ts';
import { keyOf } from '../tlog/signed-note.ts';
import type { VerifierKey } from '../tlog/signed-note.ts';
import type { LogRestart, PackCheckpoint, ReadPack } from './check-log.ts';
import type { PackedEvent } from './lay-out-pack.ts';
import { eventPath } from './pack-names.ts';
import { isText } from './strict-text.ts';

/** An implausible time. Clocks differ between nodes, so a warning never changes the verdict. */
export interface PackWarning {
  readonly code: 'after-pack' | 'before-checkpoint';
  readonly file: string;
  readonly detail: string;
}

/** The times and log positions that anchor the pack; null for parts that cannot be read. */
export interface PackAnchors {
  /** When the log recorded the making of the pack. Up to this moment the pack contains the whole record. */
  readonly madeAt: string | null;
  /** Who requested the pack, and the challenge of the request. */
  readonly madeFor: { readonly subject: string; readonly roles: readonly string[] } | null;
  readonly challenge: string | null;
  readonly checkpoint: { readonly size: number; readonly root: string } | null;
  /** The policy's witnesses with valid cosignatures, and the times of these. */
  readonly cosignatures: readonly { readonly name: string; readonly at: string | null }[];
  /** The names of checkpoint signers for which the caller supplied no key. Their signatures prove nothing. */
  readonly unknownSigners: readonly string[];
  /** The log indices of the events, in order of version. */
  readonly indices: readonly (number | null)[];
  readonly packMadeIndex: number | null;
  /** The number of events that the caller's checkpoint already covered; null unless the pack is consistent with it. */
  readonly keptEvents: number | null;
  readonly lifecycles: readonly string[];
  /** The recorded restarts of the log, in log order. */
  readonly begun: readonly LogRestart[];
}

/** Returns the lifecycle digests that events name, without duplicates, in order. */
export const lifecyclesOf = (events: readonly PackedEvent[]): string[] =>
  [...new Set(events.flatMap(({ lifecycle }) => lifecycle?.digest ?? []))].sort();

/** Returns the challenge of the pack's request, or null. */
export function challengeOf(packMade: PackedEvent | null): string | null {
  const { challenge = null } = packMade?.data ?? {};
  return isText(challenge) ? challenge : null;
}

interface Known {
  readonly cosigned: readonly Cosigned[];
  readonly known: readonly VerifierKey[];
  readonly keptSize: bigint | null;
}

export function anchorsOf(
  { versions, events, packMade, checkpoint, indices, begun }: ReadPack,
  { cosigned, known, keptSize }: Known,
): PackAnchors {
  const unknown = checkpoint?.note.signatures.filter((signature) => keyOf(known, signature) === undefined);
  const places = versions.map((version) => indices.events.get(version) ?? null);
  return {
    madeAt: packMade?.recordedAt ?? null,
    madeFor: packMade && { subject: packMade.actor.subject, roles: packMade.actor.roles },
    challenge: challengeOf(packMade),
    checkpoint: checkpoint && {
      size: Number(checkpoint.size),
      root: Buffer.from(checkpoint.root).toString('base64'),
    },
    cosignatures: cosigned.map(({ witness, seconds }) => ({ name: witness.name, at: instantOf(seconds) })),
    unknownSigners: [...new Set(unknown?.map(({ name }) => name))],
    indices: places.map(numberOf),
    packMadeIndex: numberOf(indices.packMade),
    keptEvents:
      keptSize === null ? null : places.filter((index) => index !== null && index < keptSize).length,
    lifecycles: lifecyclesOf(events),
    begun,
  };
}

const numberOf = (index: bigint | null): number | null => (index === null ? null : Number(index));

/** The last second of the year 9999. */
const SECONDS_MAX = 253_402_300_799n;

/** Returns a witness's time in UTC; null for times after the year 9999, which implementations format differently. */
const instantOf = (seconds: bigint): string | null =>
  seconds > SECONDS_MAX ? null : new Date(Number(seconds) * 1_000).toISOString();

/** The tolerated difference between the clocks of two machines. */
export const CLOCK_TOLERANCE_MS = 5 * 60 * 1_000;

/** Returns warnings about event times that contradict the time of the pack, or of an earlier checkpoint. */
export function warningsOf(
  { events, packMade, previous, indices }: ReadPack,
  kept: PackCheckpoint | null,
  witnesses: readonly VerifierKey[],
): PackWarning[] {
  const warnings: PackWarning[] = [];
  const seen = [previous, kept].flatMap((note) => note && earliestCosignature(note, witnesses));
  for (const { version, recordedAt } of events) {
    const file = eventPath(version);
    if (packMade !== null && Date.parse(recordedAt) > Date.parse(packMade.recordedAt) + CLOCK_TOLERANCE_MS)
      warnings.push({
        code: 'after-pack',
        file,
        detail: `states that it was recorded ${recordedAt}, but the pack was made ${packMade.recordedAt}`,
      });
    const index = indices.events.get(version);
    const after = seen.find(
      (dated) =>
        dated !== null &&
        index !== undefined &&
        index >= dated.size &&
        Date.parse(recordedAt) < Number(dated.seconds) * 1_000 - CLOCK_TOLERANCE_MS,
    );
    if (after)
      warnings.push({
        code: 'before-checkpoint',
        file,
        detail: `states that it was recorded ${recordedAt}, but the log has it after the checkpoint of ${after.size} events, which a witness signed ${instantOf(after.seconds)}`,
      });
  }
  return warnings;
}

/** Returns a time at which a cosigned checkpoint existed: the earliest of its witnesses' times. */
function earliestCosignature({ note, size }: PackCheckpoint, witnesses: readonly VerifierKey[]) {
  const times = cosignersOf(note, witnesses).map(({ seconds }) => seconds);
  return times.length === 0 ? [] : [{ size, seconds: times.reduce((a, b) => (a < b ? a : b)) }];
}
