import type { Checkpoint } from '../tlog/checkpoint.ts';
import { isFork, isSame } from '../tlog/checkpoint.ts';
import { canonicalJson } from '../canonical.ts';
import type { LogRestart, ReadPack } from './check-log.ts';
import { outcomeOf } from './verify-pack.ts';
import type { VerifiedPack } from './verify-pack.ts';

/** The exit codes of the results of comparing two packs; `not-compared` if either pack is refused. */
export const COMPARISON_EXITS = {
  'one-history': 0,
  'two-histories': 1,
  'not-compared': 1,
  'other-records': 2,
  'not-shown': 4,
} as const;
export type ComparisonOutcome = keyof typeof COMPARISON_EXITS;

/** A version for which the packs have different hashes or log indices; null for a missing event. */
export interface HistoryDifference {
  readonly version: number;
  readonly pack: EventPlace | null;
  readonly against: EventPlace | null;
}

interface EventPlace {
  readonly index: number;
  readonly hash: string;
}

export interface PackComparison {
  readonly outcome: ComparisonOutcome;
  readonly detail: string;
  readonly differences: readonly HistoryDifference[];
  /** The restarts recorded by either log, without duplicates; empty if both packs are of one log. */
  readonly begun: readonly LogRestart[];
}

/** Compares origins, streams, versions, indices and hashes. It never compares values, which can be erased or withheld in one pack. */
export function comparePacks(pack: VerifiedPack, against: VerifiedPack): PackComparison {
  const refused = [pack, against].filter(({ verification }) => outcomeOf(verification) === 'not-enough');
  if (refused.length > 0)
    return comparison(
      'not-compared',
      'Both packs must be valid and meet your conditions before they can be compared.',
    );
  const [one, other] = [pack.read, against.read];
  const [a, b] = [one.checkpoint, other.checkpoint];
  if (a === null || b === null) return comparison('not-compared', 'A pack has no checkpoint.');
  const [stream, otherStream] = [one.statement?.streamId, other.statement?.streamId];
  if (stream !== otherStream)
    return comparison('other-records', `One pack is of ${stream}, the other of ${otherStream}.`);
  if (a.origin !== b.origin) return ofTwoLogs(one, other, a.origin, b.origin);
  const differences = differencesOf(one, other);
  if (isFork(a, b))
    return comparison(
      'two-histories',
      `The log signed two roots for ${a.size} events. Keep both packs.`,
      differences,
    );
  if (!isConsistencyProven(one, other))
    return comparison(
      'not-shown',
      `${NOT_SHOWN} Request a pack with since=${smaller(a, b)}, and compare again.`,
      differences,
    );
  if (differences.length > 0) return comparison('two-histories', TWO, differences);
  return comparison('one-history', 'Both packs have the same events at the same indices of one log.');
}

const comparison = (
  outcome: ComparisonOutcome,
  detail: string,
  differences: readonly HistoryDifference[] = [],
  begun: readonly LogRestart[] = [],
): PackComparison => ({ outcome, detail, differences, begun });

/** Compares packs of two logs. A recorded restore explains why there are two, but does not prove equal events. */
function ofTwoLogs(one: ReadPack, other: ReadPack, origin: string, otherOrigin: string): PackComparison {
  const both = new Map([...one.begun, ...other.begun].map((each) => [canonicalJson({ ...each }), each]));
  const why =
    both.size === 0
      ? 'The packs do not show whether one log continues the other.'
      : 'The logs record the changes of origin listed below. The packs do not show that both logs have the same events.';
  const detail = `One pack is from the log ${origin}, the other from ${otherOrigin}. ${why}`;
  return comparison('not-shown', detail, [], [...both.values()]);
}

const NOT_SHOWN = "Neither pack extends the other's checkpoint, so they may be from two logs.";
const TWO = 'One log has two histories of the record. Keep both packs: the log signed both.';

const smaller = (a: Checkpoint, b: Checkpoint): bigint => (a.size < b.size ? a.size : b.size);

/** Reports whether the packs share a checkpoint, or one contains a consistency proof from the other's. */
const isConsistencyProven = (one: ReadPack, other: ReadPack): boolean =>
  [one.checkpoint, one.previous].some(
    (a) => a !== null && other.checkpoint !== null && isSame(a, other.checkpoint),
  ) ||
  (other.previous !== null && one.checkpoint !== null && isSame(other.previous, one.checkpoint));

/**
 * Returns the versions in which the packs contradict each other. The earlier pack proves where the record
 * ended: the later one may only have added events after that index.
 */
function differencesOf(one: ReadPack, other: ReadPack): HistoryDifference[] {
  const [places, others] = [placesOf(one), placesOf(other)];
  const end = Math.min(madeAt(one), madeAt(other));
  const versions = [...new Set([...places.keys(), ...others.keys()])].sort((a, b) => a - b);
  return versions.flatMap((version) => {
    const [pack, against] = [places.get(version) ?? null, others.get(version) ?? null];
    const isAlike =
      pack === null || against === null
        ? goesOn(pack === null ? other : one, pack ?? against, end)
        : pack.index === against.index && pack.hash === against.hash;
    return isAlike ? [] : [{ version, pack, against }];
  });
}

/** Reports whether an event that only one pack contains is after the end of the earlier pack. */
const goesOn = (pack: ReadPack, place: EventPlace | null, end: number): boolean =>
  madeAt(pack) > end && place !== null && place.index > end;

const madeAt = ({ indices }: ReadPack): number => Number(indices.packMade);

const placesOf = ({ events, indices }: ReadPack): Map<number, EventPlace> =>
  new Map(events.map(({ version, hash }) => [version, { index: Number(indices.events.get(version)), hash }]));
