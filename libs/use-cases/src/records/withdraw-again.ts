import type { EventStore } from '#event-sourcing/event-store';
import { personOfStream, personStream, personRedacted, asPersonEvent } from '#state-machines/person-events';
import { londonDate } from '#state-machines/london';
import { revokedCalendarLinks } from '#read-models/calendar-links/calendar-links-projection';
import { keepLostWithdrawals, lostWithdrawals } from '#projections/lost-withdrawals';
import type { LostWithdrawal } from '#projections/lost-withdrawals';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ReadModelMissingError } from '#projections/read-model-database';
import { redactionsAfter } from '#read-models/redactions/redactions-projection';
import type { RedactionRow } from '#read-models/redactions/redactions-projection';
import type { Random } from '#event-sourcing/random';
import type { EventCall } from '../log/kept-stream.ts';
import { commandIds } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import { streamEvents } from '#event-sourcing/event-store';
import { retryConflicts } from '#event-sourcing/retry-conflicts';
import { commitFor } from '#lifecycle/commit-for';
import type { Lifecycles } from '#lifecycle/lifecycles';
import { REDACT } from '#state-machines/capabilities/redaction';
import { kinds } from '#state-machines/record-streams';
import { REDACTION, redactionOf } from '#event-sourcing/erasure';
import { currentState } from './read-record.ts';
import type { DecidedEvent } from '#lifecycle/decide';
import { People } from '../people/people.ts';

interface WithdrawnAgain {
  readonly redacted: readonly RedactedAgain[];
  readonly revoked: readonly RevokedAgain[];
  /** The number of withdrawals of events that the log does not contain yet. They remain stored. */
  readonly waiting: number;
}

const PAGE = 500;

/**
 * Repeats the redactions and revocations of a log whose end was lost: those in the read models, before they
 * follow the new log (`isLost`), and those stored earlier. Stores those that do not fit this log yet.
 */
export async function withdrawAgain(
  store: EventStore,
  database: ReadModelDatabase,
  by: RecordingAgain,
  { isLost }: { readonly isLost: boolean },
): Promise<WithdrawnAgain> {
  const storedWithdrawals = await lostWithdrawals(database);
  const readModelWithdrawals = isLost ? await readKnownWithdrawals(database, by.now) : [];
  if (storedWithdrawals.length + readModelWithdrawals.length === 0)
    return { redacted: [], revoked: [], waiting: 0 };
  const all = [...storedWithdrawals, ...readModelWithdrawals];
  const redactions = await recordRedactionsAgain(store, all.flatMap(asRedaction), by);
  const links = await revokeCalendarLinksAgain(store, withoutRepeats(all.flatMap(asLink)), by);
  const waiting = [
    ...redactions.waiting.map(({ eventId: id, ...rest }): LostWithdrawal => ({ ...rest, id })),
    ...links.waiting.map(({ subject, linkId: id }): LostWithdrawal => ({
      streamId: personStream(subject),
      id,
      pointers: null,
    })),
  ];
  await keepLostWithdrawals(database, waiting);
  return { redacted: redactions.recorded, revoked: links.revoked, waiting: waiting.length };
}

const asRedaction = ({ streamId, id: eventId, pointers }: LostWithdrawal): RedactedAgain[] =>
  pointers === null ? [] : [{ streamId, eventId, pointers }];

function asLink({ streamId, id: linkId, pointers }: LostWithdrawal): RevokedAgain[] {
  const subject = personOfStream(streamId);
  return pointers !== null || subject === null ? [] : [{ subject, linkId }];
}

const withoutRepeats = (links: readonly RevokedAgain[]): RevokedAgain[] => [
  ...new Map(links.map((link) => [link.linkId, link])).values(),
];

/** Returns the withdrawals in the read models. */
async function readKnownWithdrawals(database: ReadModelDatabase, now: number): Promise<LostWithdrawal[]> {
  return [
    ...(await orNone(knownRedactions(database))),
    ...(await orNone(knownRevocations(database, londonDate(now)))),
  ];
}

async function knownRedactions(database: ReadModelDatabase): Promise<LostWithdrawal[]> {
  const redactions: RedactionRow[] = [];
  for (;;) {
    const { rows } = await redactionsAfter(database, redactions.at(-1)?.id ?? null, PAGE);
    redactions.push(...rows);
    if (rows.length < PAGE) break;
  }
  return redactions.map(({ stream_id: streamId, event_id: id, pointers }) => ({
    streamId,
    id,
    pointers: JSON.parse(pointers) as string[],
  }));
}

async function knownRevocations(database: ReadModelDatabase, today: string): Promise<LostWithdrawal[]> {
  const revocations: LostWithdrawal[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = await revokedCalendarLinks(database, { after, today, limit: PAGE });
    revocations.push(
      ...page.map(({ id, subject }) => ({ streamId: personStream(subject), id, pointers: null })),
    );
    after = page.at(-1)?.id;
  }
  return revocations;
}

/** Returns none if the read models are missing. */
async function orNone(withdrawals: Promise<LostWithdrawal[]>): Promise<LostWithdrawal[]> {
  try {
    return await withdrawals;
  } catch (error) {
    if (error instanceof ReadModelMissingError) return [];
    throw error;
  }
}

class NotCarriedOutError extends Error {
  readonly code = 'read-models-ahead';
  override readonly name = 'NotCarriedOutError';
}

/**
 * Asserts that the stored withdrawals of a lost log are carried out. The server does not serve the log before.
 * @throws NotCarriedOutError if the log contains a text whose redaction was lost.
 */
export async function assertCarriedOut(
  log: Pick<EventStore, 'findEvents'>,
  database: ReadModelDatabase,
): Promise<void> {
  for (const { streamId, id, pointers } of await lostWithdrawals(database)) {
    if (pointers === null) continue;
    const [event] = await log.findEvents(streamId, [id]);
    if (event === undefined) continue;
    throw new NotCarriedOutError(
      `${pointers.join(', ')} of event ${id} of ${streamId} was redacted in a part of this log that was lost. ` +
        'Start the server once to redact it again (or run docket rebuild --older-log if the read models are ahead)',
    );
  }
}

/** Returns a line per repeated withdrawal, and one with the number still waiting. */
export function withdrawnLines({ redacted, revoked, waiting }: WithdrawnAgain): string[] {
  const isOne = waiting === 1;
  return [
    ...redacted.map(
      ({ streamId, eventId, pointers }) =>
        `${streamId}: recorded the redaction of ${pointers.join(', ')} of event ${eventId} again`,
    ),
    ...revoked.map(
      ({ subject, linkId }) => `${personStream(subject)}: revoked the calendar link ${linkId} again`,
    ),
    ...(waiting === 0
      ? []
      : [
          `${waiting} ${isOne ? 'redaction or revocation refers' : 'redactions or revocations refer'} to something that this log does not have: ` +
            `${isOne ? 'it is' : 'they are'} kept in the read models, and carried out when Docket first starts on a log that contains it`,
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
 * Records redactions that the log lost, so that texts and names from a restored backup are withheld and
 * erased again. Leaves redactions that the log contains unchanged.
 * @returns the recorded redactions, and those of events that the log does not contain.
 */
async function recordRedactionsAgain(
  store: EventStore,
  redactions: readonly RedactedAgain[],
  by: RecordingAgain,
): Promise<{ readonly recorded: RedactedAgain[]; readonly waiting: RedactedAgain[] }> {
  const recorded: RedactedAgain[] = [];
  const waiting: RedactedAgain[] = [];
  for (const [streamId, known] of Map.groupBy(redactions, (each) => each.streamId)) {
    if (kinds.ofStream(streamId) === null && personOfStream(streamId) === null) continue;
    const inStream = await recordInStream(store, streamId, mergedByEvent(known), by);
    recorded.push(...inStream.recorded);
    waiting.push(...inStream.waiting);
  }
  return { recorded, waiting };
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
  return retryConflicts(async () => {
    const events = await Array.fromAsync(streamEvents(store, streamId));
    const waiting = known.filter(({ eventId: id }) => !events.some(({ eventId }) => eventId === id));
    const recorded = lostIn(events, known);
    const last = events.at(-1);
    if (last !== undefined && recorded.length > 0) await append(store, { events, last, lost: recorded }, by);
    return { recorded, waiting };
  });
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
 * @returns the revoked links, and those that the log does not contain.
 */
async function revokeCalendarLinksAgain(
  store: EventStore,
  links: readonly RevokedAgain[],
  { random, actor, now }: Pick<RecordingAgain, 'random' | 'actor' | 'now'>,
): Promise<{ readonly revoked: RevokedAgain[]; readonly waiting: RevokedAgain[] }> {
  const people = new People(store, random);
  const revoked: RevokedAgain[] = [];
  const waiting: RevokedAgain[] = [];
  for (const link of links) {
    const call = { actor, now, correlationId: random.uuid() };
    if (await people.revokeCalendarLink(link.subject, link.linkId, call)) revoked.push(link);
    else if (!(await isStored(store, link))) waiting.push(link);
  }
  return { revoked, waiting };
}

async function isStored(store: EventStore, { subject, linkId }: RevokedAgain): Promise<boolean> {
  for await (const event of streamEvents(store, personStream(subject))) {
    const { type, data } = asPersonEvent(event);
    if (type === 'CalendarLinkMade' && data.linkId === linkId) return true;
  }
  return false;
}
