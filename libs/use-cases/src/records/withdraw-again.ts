import type { EventStore } from '#event-sourcing/event-store';
import { personOfStream, personStream } from '#state-machines/person-events';
import { londonDate } from '#state-machines/london';
import { revokedCalendarLinks } from '#read-models/calendar-links/calendar-links-projection';
import { keepLostWithdrawals, lostWithdrawals } from '#projections/lost-withdrawals';
import type { LostWithdrawal } from '#projections/lost-withdrawals';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ReadModelMissingError } from '#projections/read-model-database';
import { redactionsAfter } from '#read-models/redactions/redactions-projection';
import type { RedactionRow } from '#read-models/redactions/redactions-projection';
import { recordRedactionsAgain } from './record-redactions-again.ts';
import type { RecordingAgain, RedactedAgain } from './record-redactions-again.ts';
import { revokeCalendarLinksAgain } from '../people/revoke-calendar-links-again.ts';
import type { RevokedAgain } from '../people/revoke-calendar-links-again.ts';

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
