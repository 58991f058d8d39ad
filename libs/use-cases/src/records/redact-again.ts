import type { EventStore } from '#event-sourcing/event-store';
import { personOfStream, personStream, personRedacted, asPersonEvent } from '#state-machines/person-events';
import { londonDate } from '#state-machines/london';
import { revokedCalendarLinks } from '#read-models/calendar-links/calendar-links-projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { redactionsAfter } from '#read-models/redactions/redactions-projection';
import type { RedactionRow } from '#read-models/redactions/redactions-projection';
import type { Random } from '#event-sourcing/random';
import type { EventCall } from '../log/kept-stream.ts';
import { commandIds } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import { streamEvents } from '#event-sourcing/event-store';
import { commitFor } from '#lifecycle/commit-for';
import type { Lifecycles } from '#lifecycle/lifecycles';
import { REDACT } from '#state-machines/capabilities/redaction';
import { kinds } from '#state-machines/record-streams';
import { REDACTION, redactionOf } from '#event-sourcing/erasure';
import { currentState } from './read-record.ts';
import type { DecidedEvent } from '#lifecycle/decide';
import { People } from '../people/people.ts';

/** The redactions, and the revocations of calendar links, that read models have folded. */
export interface KnownWithdrawals {
  readonly redactions: readonly RedactedAgain[];
  readonly revocations: readonly RevokedAgain[];
}

/** The withdrawals that a restored log lacked, and how many it has nothing for. */
export interface WithdrawnAgain {
  readonly redacted: readonly RedactedAgain[];
  readonly revoked: readonly RevokedAgain[];
  readonly withoutTarget: number;
}

const PAGE = 500;

/**
 * Returns the withdrawals in read models.
 * @throws ReadModelMissingError
 */
export const knownWithdrawals = async (
  database: ReadModelDatabase,
  now: number,
): Promise<KnownWithdrawals> => ({
  redactions: await knownRedactions(database),
  revocations: await knownRevocations(database, londonDate(now)),
});

async function knownRedactions(database: ReadModelDatabase): Promise<RedactedAgain[]> {
  const redactions: RedactionRow[] = [];
  for (;;) {
    const { rows } = await redactionsAfter(database, redactions.at(-1)?.id ?? null, PAGE);
    redactions.push(...rows);
    if (rows.length < PAGE) break;
  }
  return redactions.map(({ stream_id: streamId, event_id: eventId, pointers }) => ({
    streamId,
    eventId,
    pointers: JSON.parse(pointers) as string[],
  }));
}

async function knownRevocations(database: ReadModelDatabase, today: string): Promise<RevokedAgain[]> {
  const revocations: RevokedAgain[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = await revokedCalendarLinks(database, { after, today, limit: PAGE });
    revocations.push(...page.map(({ id: linkId, subject }) => ({ subject, linkId })));
    after = page.at(-1)?.id;
  }
  return revocations;
}

/** Records withdrawals that a restored log lacks, so that nothing comes back that was withdrawn after the backup. */
export async function withdrawAgain(
  store: EventStore,
  known: KnownWithdrawals,
  by: RecordingAgain,
): Promise<WithdrawnAgain> {
  const redactions = await recordRedactionsAgain(store, known.redactions, by);
  const links = await revokeCalendarLinksAgain(store, known.revocations, by);
  return {
    redacted: redactions.recorded,
    revoked: links.revoked,
    withoutTarget: redactions.withoutTarget + links.withoutTarget,
  };
}

/** Returns a line per repeated withdrawal, and one with the number of those without a target. */
export function withdrawnLines({ redacted, revoked, withoutTarget }: WithdrawnAgain): string[] {
  const isOne = withoutTarget === 1;
  return [
    ...redacted.map(
      ({ streamId, eventId, pointers }) =>
        `${streamId}: recorded the redaction of ${pointers.join(', ')} of event ${eventId} again`,
    ),
    ...revoked.map(
      ({ subject, linkId }) => `${personStream(subject)}: revoked the calendar link ${linkId} again`,
    ),
    ...(withoutTarget === 0
      ? []
      : [
          `${withoutTarget} ${isOne ? 'redaction or revocation concerns' : 'redactions or revocations concern'} something that the backup does not ` +
            'contain, so there is nothing to redact. If you restore a newer backup later, redact again',
        ]),
  ];
}

interface RedactedAgain {
  readonly streamId: string;
  readonly eventId: string;
  readonly pointers: readonly string[];
}

const REASON =
  'Recorded again: the redaction was lost with the end of the log, which was restored from a backup';

interface RecordingAgain extends Pick<EventCall, 'actor' | 'now'> {
  readonly lifecycles: Lifecycles;
  readonly random: Random;
}

/**
 * Records redactions that the log lost, so that texts and names from a restored backup are erased again. Leaves
 * redactions that the log contains unchanged.
 * @returns the recorded redactions, and the number of those of events that the log does not contain.
 */
async function recordRedactionsAgain(
  store: EventStore,
  redactions: readonly RedactedAgain[],
  by: RecordingAgain,
): Promise<{ readonly recorded: RedactedAgain[]; readonly withoutTarget: number }> {
  const recorded: RedactedAgain[] = [];
  let withoutTarget = 0;
  for (const [streamId, known] of Map.groupBy(redactions, (each) => each.streamId)) {
    if (kinds.ofStream(streamId) === null && personOfStream(streamId) === null) continue;
    const inStream = await recordInStream(store, streamId, mergedByEvent(known), by);
    recorded.push(...inStream.recorded);
    withoutTarget += inStream.withoutTarget;
  }
  return { recorded, withoutTarget };
}

/** Merges the redactions of each event. */
function mergedByEvent(redactions: readonly RedactedAgain[]): RedactedAgain[] {
  const byEvent = Map.groupBy(redactions, ({ eventId }) => eventId);
  return [...byEvent.values()].map((each) => ({
    ...(each[0] as RedactedAgain),
    pointers: [...new Set(each.flatMap(({ pointers }) => pointers))],
  }));
}

async function recordInStream(
  store: EventStore,
  streamId: string,
  known: readonly RedactedAgain[],
  by: RecordingAgain,
): ReturnType<typeof recordRedactionsAgain> {
  const events = await Array.fromAsync(streamEvents(store, streamId));
  const ids = new Set(events.map(({ eventId }) => eventId));
  const withoutTarget = known.filter(({ eventId }) => !ids.has(eventId)).length;
  const recorded = lostIn(events, known);
  const last = events.at(-1);
  if (last !== undefined && recorded.length > 0) await append(store, { events, last, lost: recorded }, by);
  return { recorded, withoutTarget };
}

/** Returns the values of these redactions that the stream's own redactions lack. */
function lostIn(events: readonly Envelope[], known: readonly RedactedAgain[]): RedactedAgain[] {
  const named = events.flatMap((event) => redactionOf(event) ?? []);
  return known.flatMap((redaction): RedactedAgain[] => {
    const target = events.find(({ eventId }) => eventId === redaction.eventId);
    const pointers = redaction.pointers.filter(
      (pointer) =>
        target !== undefined &&
        Object.hasOwn(target.commitments, pointer) &&
        !named.some(({ eventId, erased }) => eventId === target.eventId && erased.includes(pointer)),
    );
    return pointers.length === 0 ? [] : [{ ...redaction, pointers }];
  });
}

interface LostIn {
  readonly events: readonly Envelope[];
  readonly last: Envelope;
  readonly lost: readonly RedactedAgain[];
}

async function append(
  store: EventStore,
  { events, last, lost }: LostIn,
  { lifecycles, random, actor, now }: RecordingAgain,
): Promise<void> {
  const ids = commandIds(random.uuid());
  const header = { ids, actor, now, correlationId: random.uuid(), origin: 'import' } as const;
  const day = londonDate(now);
  const { streamId, version: expectedVersion } = last;
  const at = { streamId, expectedVersion };
  const { commit } =
    personOfStream(streamId) === null
      ? commitFor({ ...header, name: REDACT }, [
          {
            ...at,
            lifecycle: lifecycles.of(last),
            before: currentState(lifecycles, events),
            decided: () => lost.map(redactedAgain),
            effectiveOn: day,
          },
        ])
      : commitFor({ ...header, name: 'erase-name' }, [
          {
            ...at,
            events: lost.map(({ eventId, pointers: erased }) => personRedacted({ eventId, erased }, day)),
          },
        ]);
  await store.append(commit);
}

const redactedAgain = ({ eventId, pointers }: RedactedAgain): DecidedEvent => ({
  type: REDACTION,
  data: { eventId, erased: [...pointers], reason: REASON },
});

interface RevokedAgain {
  readonly subject: string;
  readonly linkId: string;
}

/**
 * Revokes calendar links that a restored log contains as valid, so that a revoked address stays closed.
 * @returns the revoked links, and the number of those that the log does not contain.
 */
async function revokeCalendarLinksAgain(
  store: EventStore,
  links: readonly RevokedAgain[],
  { random, actor, now }: Pick<RecordingAgain, 'random' | 'actor' | 'now'>,
): Promise<{ readonly revoked: RevokedAgain[]; readonly withoutTarget: number }> {
  const people = new People(store, random);
  const revoked: RevokedAgain[] = [];
  let withoutTarget = 0;
  for (const link of links) {
    const call = { actor, now, correlationId: random.uuid() };
    if (await people.revokeCalendarLink(link.subject, link.linkId, call)) revoked.push(link);
    else if (!(await isStored(store, link))) withoutTarget += 1;
  }
  return { revoked, withoutTarget };
}

async function isStored(store: EventStore, { subject, linkId }: RevokedAgain): Promise<boolean> {
  for await (const event of streamEvents(store, personStream(subject))) {
    const { type, data } = asPersonEvent(event);
    if (type === 'CalendarLinkMade' && data.linkId === linkId) return true;
  }
  return false;
}
