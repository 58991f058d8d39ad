import { withoutTexts } from '#event-sourcing/erasure';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { ReadEvent } from '#lifecycle/lifecycles';
import type { OwnText, RecordHead, RecordView, ShownRecord } from '../record-view.ts';
import { replacementsOf } from '../capabilities/comments.ts';
import { closureWaits } from '../capabilities/closure-words.ts';
import { evidenceWaits, SUBMISSIONS } from '../capabilities/evidence.ts';
import { correctable } from './v1/corrections.ts';
import type { Facts } from './v1/facts.ts';
import { deadlinesOn, stateOn } from './v1/deadlines.ts';
import { amendedFields, pendingOn, recordDetails } from './v1/record.ts';
import { asRecordEvent, asRecordEvents } from './v1/record-event.ts';
import type { AnyData, RecordEnvelope } from './v1/record-event.ts';
import { redactionCapability } from './v1/parts.ts';
import { deadlineCapability } from './v1/deadline-capability.ts';
import { RESPONSE } from '../capabilities/response.ts';
import { LINE_FIELDS, lineMembersOf } from './v1/line-members.ts';
import { presentPointers } from '../capabilities/redacted.ts';

/** The only text that facts need; it is short. */
const KEPT = '/data/owner';
const NONE: readonly string[] = [];

/** The view of recommendations for all versions. */
export const view: RecordView<Facts> = {
  ...SUBMISSIONS,
  stateOn,
  show,
  details: (events) => recordDetails(asRecordEvents(events)),
  detailEvents: (events) => detailEventsOf(asRecordEvents(events)),
  ownTexts,
  light(stored) {
    const kept = Object.keys(stored.commitments).filter((pointer) => pointer === KEPT);
    const light = withoutTexts(stored, kept);
    // Anomalies are not erased with their source, and can be equally large.
    const isImport = light.type === 'RegisterRecordImported' && Object.hasOwn(light.data, 'anomalies');
    return isImport ? { ...light, data: { ...light.data, anomalies: [] } } : light;
  },
  names: (events) => {
    const named = namesIn(asRecordEvents(events));
    return (event) => named(asRecordEvent(event));
  },
  textsErasedWith: ({ eventId, erased }, events) =>
    redactionCapability.withTexts({ eventId, pointers: [...erased], reason: '' }, events),
  erasedWith: redactionCapability.closureOf,
  // File and digest are withheld together, because one reveals the other.
  withheldWith: (event, pointer) =>
    event.type === 'RegisterRecordImported' ? presentPointers(event) : [pointer],
  replacements: (events) => {
    const replacementOf = replacementsOf(asRecordEvents(events));
    return (event) => replacementOf(asRecordEvent(event));
  },
  lineMembers: (event) => lineMembersOf(asRecordEvent(event)),
  lineFields: LINE_FIELDS,
  linePointer: (member, index) =>
    member === 'evidence' ? `/data/items/${index}/name` : member === 'unknownStatus' ? '/data/status' : null,
  columns: [
    ...['visibility', 'deadlineId', 'dueOn', 'reason', 'eventId', 'title', 'owner', 'recipient'],
    ...[
      'suggestedOn',
      'position',
      'late',
      'evidence',
      'kind',
      'supersedes',
      'supersededBy',
      'publishedElsewhere',
    ],
  ],
  correctable: (events) => correctable(asRecordEvents(events)),
  correctBy: 'request-correction',
  waits: (record) => [...closureWaits(record), ...evidenceWaits(record), ...deadlineCapability.waits(record)],
  highlights: [
    {
      ...{ region: RESPONSE.answered.region, state: RESPONSE.answered.in[0], meets: 'response' },
      link: 'Read the response',
    },
  ],
};

function show(
  { id, status, state: shownState, ...head }: RecordHead,
  folded: LifecycleState<Facts>,
  read: readonly ReadEvent[],
  day: string,
): ShownRecord {
  const events = asRecordEvents(read);
  const state = inStreamOrder(folded, events);
  const { recipient, owner, statusOrigin, supersededBy } = state.facts;
  const pending = pendingOn(state);
  const { version, lifecycle, issuedOn } = head;
  return {
    id,
    ...recordDetails(events),
    ...{ recipient, owner, status, statusOrigin, state: shownState, version, lifecycle, issuedOn },
    deadlines: deadlinesOn(state, day),
    pending,
    proposedDeadlines: pending.proposals,
    supersededBy,
  };
}

/** Returns the events that contain the record's content. */
const detailEventsOf = (events: readonly RecordEnvelope[]): readonly RecordEnvelope[] =>
  [
    events.find(({ version }) => version === 1),
    events.findLast((event) => event.type === 'TextAmended' && amendedFields(event).title !== undefined),
    events.findLast((event) => event.type === 'TextAmended' && amendedFields(event).text !== undefined),
    events.findLast(({ type, data }) => type === 'RegisterRecordImported' && data.partial !== true),
  ].filter((event) => event !== undefined);

function ownTexts({ type, commitments }: ReadEvent): readonly OwnText[] {
  if (type !== 'RecommendationIssued' && type !== 'TextAmended') return [];
  return (['title', 'text'] as const).filter((member) => Object.hasOwn(commitments, `/data/${member}`));
}

/** Returns the state of a view, which folds in effective order, with lists in stream order. */
function inStreamOrder(
  { facts, ...state }: LifecycleState<Facts>,
  events: readonly RecordEnvelope[],
): LifecycleState<Facts> {
  const isOrdered = events.every(({ version }, index) => version > (events[index - 1]?.version ?? 0));
  if (isOrdered) return { facts, ...state };
  const ordered = <Item>(
    items: readonly Item[],
    keyOf: (item: Item) => string,
    keyIn: (event: RecordEnvelope) => string | null,
  ): readonly Item[] => {
    if (items.length < 2) return items;
    const versions = new Map(events.map((event) => [keyIn(event), event.version]));
    return items.toSorted((a, b) => (versions.get(keyOf(a)) ?? 0) - (versions.get(keyOf(b)) ?? 0));
  };
  const { deadlines, proposals, extensions } = facts;
  return {
    ...state,
    facts: {
      ...facts,
      deadlines: ordered(
        deadlines,
        ({ id }) => id,
        ({ type, data }) => (type === 'DeadlineSet' ? data.deadlineId : null),
      ),
      proposals: ordered(
        proposals,
        ({ id }) => id,
        ({ type, data }) => (type === 'DeadlineProposed' ? data.deadlineId : null),
      ),
      extensions: ordered(
        extensions,
        ({ eventId }) => eventId,
        ({ eventId }) => eventId,
      ),
    },
  };
}

/**
 * Returns a function for the ids to which an event refers: events decided, considered, completed or redacted, the
 * source of a deadline, and the event that set or proposed it.
 */
function namesIn(events: readonly RecordEnvelope[]): (event: RecordEnvelope) => readonly string[] {
  const setBy = new Map<string, string>();
  for (const { type, data, eventId } of events)
    if (type === 'DeadlineProposed' || type === 'DeadlineSet')
      setBy.set(data.deadlineId, setBy.get(data.deadlineId) ?? eventId);
  return ({ data, causationId, eventId: own }) => {
    const { decides = NONE, notConsidered = NONE, considers = NONE }: AnyData = data;
    const { completes, eventId, source, deadlineId }: AnyData = data;
    const about = deadlineId === undefined ? undefined : setBy.get(deadlineId);
    const found: string[] = [];
    const named = [...decides, ...notConsidered, ...considers];
    for (const id of [...named, completes, eventId, sourceOf(source), about, causationId])
      if (typeof id === 'string' && id !== own && !found.includes(id)) found.push(id);
    return found;
  };
}

/** Returns the event id of a source; undefined for a source that a register names. */
const sourceOf = (source: AnyData['source']): string | undefined =>
  typeof source === 'object' ? source?.eventId : undefined;
