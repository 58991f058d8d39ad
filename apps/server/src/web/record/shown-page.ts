import type { Viewer } from '#state-machines/access';
import type { SeenCommand } from '#use-cases/records/see-record';
import type { SeenPage, RecordAtPoint } from '#use-cases/records/see-page';
import type { NextInQueue } from '../work/find-next.tsx';
import type { RecordAddresses } from './record-addresses.ts';
import { lifecycles } from '#state-machines/lifecycles';
import { cut } from '../words.ts';

/** A record for a viewer, now or at a point of its history. */
export interface ShownRecord {
  readonly seen: RecordAtPoint;
  readonly addresses: RecordAddresses;
  readonly viewer: Viewer;
  /** Null in a view of the past. */
  readonly commands: readonly SeenCommand[] | null;
}

export interface ShownPage extends ShownRecord {
  readonly seen: SeenPage;
  /** The entry whose text is expanded. */
  readonly at: number | null;
  /** The entry whose text is shown whole. */
  readonly whole: number | null;
  /** The version that the viewer's own command just produced. */
  readonly done: number | null;
  /** The next record, if the viewer came from a queue and has just acted; else null. */
  readonly next: NextInQueue | null;
  /** Null if the viewer cannot watch the record now. */
  readonly isWatched: boolean | null;
  /** Whether erased text is still in files. */
  readonly isErasing: boolean;
}

/** Returns whether the viewer may use a command now. */
export const isAllowed = ({ commands }: Pick<ShownRecord, 'commands'>, name: string): boolean =>
  commands?.some(({ command, allowed }) => allowed && command === name) ?? false;

/** Longer titles are cut. */
const TITLE_MAX = 70;

/** Returns the record's title for the document title. */
export function titleOf(record: RecordAtPoint['record']): string {
  const { id } = record;
  const title = record.title;
  return title === null ? id : `${cut(title, TITLE_MAX)} (${id})`;
}

// The state of a record, as several parts of its pages show it.

type Deadline = ShownRecord['seen']['record']['deadlines'][number];

/** The first unsettled deadline of a kind, and the number of later ones. */
interface NextDeadline extends Pick<Deadline, 'kind' | 'dueOn'> {
  readonly later: number;
}

export const isOpen = ({ seen: { record } }: ShownRecord): boolean =>
  !lifecycles.current(record.lifecycle.name).code.summary.isClosed(record.state);

/** Returns the day since which the record has its status; null if no region has that state. */
export function statusSince({ seen: { chart, record } }: ShownRecord): string | null {
  const stay = chart.regions
    .flatMap(({ path, current }) => (current === record.status ? path.slice(-1) : []))
    .at(0);
  return stay?.from ?? null;
}

/**
 * Returns the next deadline of each kind, the record's own first, if it is open. Other kinds, such as
 * responses, also apply to closed records.
 */
export function nextDeadlines(shown: ShownRecord): readonly NextDeadline[] {
  const unsettled = shown.seen.record.deadlines
    .filter(({ state }) => state !== 'settled')
    .toSorted((one, other) => (one.dueOn < other.dueOn ? -1 : 1));
  const others = new Set(unsettled.map(({ kind }) => kind).filter((kind) => kind !== OWN));
  return [...(isOpen(shown) ? [OWN] : []), ...others].flatMap((kind) => {
    const [next, ...later] = unsettled.filter((deadline) => deadline.kind === kind);
    return next === undefined ? [] : [{ kind, dueOn: next.dueOn, later: later.length }];
  });
}

const OWN = 'action';
export const isOwn = ({ kind }: Pick<Deadline, 'kind'>): boolean => kind === OWN;

/** Returns whether deadlines of a kind are only claimed to be met. */
export const isClaimed = ({ seen }: ShownRecord, kind = OWN): boolean =>
  seen.record.pending.claims?.some((claim) => claim.kind === kind) ?? false;

export const CLAIMED_WORDS =
  'Reported as met but not confirmed. It counts as late until a second person confirms it.';
