import type { JsonObject, JsonValue } from '#event-sourcing/envelope';
import { turnIfLong } from '#event-sourcing/folding';
import type { ViewPoint } from '#lifecycle/effective-view';
import { isPlainDate } from '#lifecycle/plain-date';
import type { Viewer } from '#state-machines/access';
import { noVersionMessage, PARAMETER_MESSAGES } from '../parameter-messages.ts';
import { invalidParameter } from '../problems.ts';
import { eventsAtPoint, recordAt, parseKnownAt, viewPoint } from './record-at.ts';
import type { Point, RecordAt, NotKnown } from './record-at.ts';
import { changesBetween, lastStating } from './record-changes.ts';
import { wholeEvents } from './record-events.ts';
import type { Fact, Facts } from './record-changes.ts';
import type { RecordsAccess } from './records-access.ts';
import { notKnownAtThatTime, visibleHistory } from './visible-record.ts';
import type { RecordReference } from '#lifecycle/kind';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { viewOf } from '#state-machines/any-kind';

/**
 * Parses a point. A date means effective then and known now; an instant means known then and effective on its
 * day; `v<version>` means the version.
 */
export function parsePoint(text: string, now: number): Point | NotKnown {
  if (isPlainDate(text)) return { view: viewPoint(text, null) };
  if (/^v\d{1,9}$/.test(text)) return { version: Number(text.slice(1)) };
  const parsed = parseKnownAt(text, now);
  return typeof parsed === 'string' ? parsed : { view: viewPoint(null, parsed.knownAt) };
}

/** The differences between two points, by leaf of the record's response. */
export interface Comparison {
  readonly changes: readonly {
    readonly path: string;
    readonly before: JsonValue;
    readonly after: JsonValue;
  }[];
  readonly events: readonly {
    readonly version: number;
    readonly type: string;
    readonly effectiveOn: string;
  }[];
}

interface ComparedPoints {
  readonly from: Point;
  readonly to: Point;
  readonly now: number;
}

/**
 * Returns the changes of a record between two points, and the events that only the later point includes: in stream order between versions,
 * otherwise in effective order. Before the record existed, it had no values.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 * @throws ProblemError 404 if it did not exist at the later point, 400 if that version does not exist or is before the earlier.
 */
export async function compareRecord(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles' | 'histories'>,
  viewer: Viewer,
  reference: RecordReference,
  { from, to, now }: ComparedPoints,
): Promise<Comparison> {
  const history = await visibleHistory(access, viewer, reference);
  const { events: light } = history;
  const earlier = eventsAt('from', from, light);
  await turnIfLong(light);
  const later = eventsAt('to', to, light);
  await turnIfLong(light);
  if (isAfter({ point: from, events: earlier }, { point: to, events: later }, now)) {
    throw invalidParameter('from', PARAMETER_MESSAGES.order);
  }
  const facts = async (point: Point, events: readonly ReadEvent[]) =>
    events.length === 0 ? null : factsOf(access, await recordAt(access, history, point, now), events);
  const after = await facts(to, later);
  if (after === null) throw notKnownAtThatTime();
  await turnIfLong(light);
  const before = await facts(from, earlier);
  const earlierVersions = new Set(earlier.map(({ version }) => version));
  const news = later.filter(({ version }) => !earlierVersions.has(version));
  return {
    changes: changesIn(before, after),
    events: news.map(({ version, type, effectiveOn }) => ({ version, type, effectiveOn })),
  };
}

/**
 * Returns the differences between the current states of two records.
 * @param now milliseconds since 1970.
 * @throws CommandRefusedError 404 if a record does not exist or belongs to a body that the viewer cannot see.
 */
export async function compareRecords(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles' | 'histories'>,
  viewer: Viewer,
  [one, other]: readonly [RecordReference, RecordReference],
  now: number,
): Promise<Comparison['changes']> {
  const facts = async (reference: RecordReference) => {
    const history = await visibleHistory(access, viewer, reference);
    return factsOf(access, await recordAt(access, history, NOW, now), history.events);
  };
  const [before, after] = [await facts(one), await facts(other)];
  return changesIn(before, after ?? new Map());
}

const NOW: Point = { view: { effectiveOn: null, knownAt: null } };

const changesIn = (before: Facts | null, after: Facts): Comparison['changes'] =>
  changesBetween(before, after).map(({ what: path, ...change }) => ({ path, ...change }));

function eventsAt(name: string, point: Point, events: readonly ReadEvent[]): readonly ReadEvent[] {
  const included = eventsAtPoint(point, events);
  if (included !== null) return included;
  throw invalidParameter(name, noVersionMessage(events.length));
}

interface PointEvents {
  readonly point: Point;
  readonly events: readonly ReadEvent[];
}

/**
 * Reports whether the first point is after the second. Of a version and a view, the one that includes all
 * events of the other, and more, is later.
 */
function isAfter(from: PointEvents, to: PointEvents, now: number): boolean {
  if ('version' in from.point && 'version' in to.point) return from.point.version > to.point.version;
  if ('view' in from.point && 'view' in to.point)
    return orderOf(from.point.view, now) > orderOf(to.point.view, now);
  const versions = new Set(from.events.map(({ version }) => version));
  return from.events.length > to.events.length && to.events.every(({ version }) => versions.has(version));
}

/** Returns a sort key of a view: its day, then the instant at which it was known. */
const orderOf = ({ effectiveOn, knownAt }: ViewPoint, now: number): string =>
  `${effectiveOn ?? ''} ${knownAt ?? new Date(now).toISOString()}`;

/** Returns the record's facts at a point, by leaf; null before it existed. */
async function factsOf(
  access: Pick<RecordsAccess, 'store' | 'lifecycles'>,
  read: RecordAt | null,
  events: readonly ReadEvent[],
): Promise<Facts | null> {
  if (read === null) return null;
  // A record lists its proposals twice, for the readers of an earlier API.
  const { title = null, text = null, proposedDeadlines: _, ...others } = read.shown;
  return new Map<string, Fact>([
    ['title', { value: title, statedBy: lastStating(events, 'title') }],
    ['text', { value: text, statedBy: lastStating(events, 'text') }],
    ...leavesOf(others, ''),
    ...(await waitingIn(access, read, events)),
  ]);
}

/** Returns the items that wait for a decision, by name. */
async function waitingIn(
  { store, lifecycles }: Pick<RecordsAccess, 'store' | 'lifecycles'>,
  { shown }: RecordAt,
  events: readonly ReadEvent[],
): Promise<[string, Fact][]> {
  const names = await viewOf(shown.lifecycle.name).waiting?.(shown, (ids) =>
    wholeEvents(
      { store, lifecycles },
      events.filter(({ eventId }) => ids.has(eventId)),
    ),
  );
  return (names ?? []).map(([what, value]) => [what, { value }]);
}

/** Yields a value's leaves by dotted path. A list item is named by its id or its index. */
function* leavesOf(value: JsonObject, path: string): Generator<[string, Fact]> {
  for (const [name, member] of Object.entries(value)) {
    const ownPath = path === '' ? name : `${path}.${name}`;
    const members = Array.isArray(member) ? itemsByName(member as readonly JsonValue[]) : member;
    if (isObject(members)) yield* leavesOf(members, ownPath);
    else yield [ownPath, { value: member }];
  }
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns a list's items by name; null for a list of texts, which is itself a leaf. */
function itemsByName(items: readonly JsonValue[]): JsonObject | null {
  if (!items.every(isObject)) return null;
  return Object.fromEntries(
    items.map((item, index) => {
      const { id, ...rest } = item;
      const name = id ?? item['eventId'];
      return [typeof name === 'string' ? name : String(index), rest];
    }),
  );
}
