import type { Clock } from '#event-sourcing/clock';
import { StoreUnavailableError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { waitForPosition } from '#projections/read-models-status';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { queryInbox } from '#read-models/inbox/inbox-query';
import type { Person } from '#state-machines/person-events';
import type { Receiver } from '../deliver-messages.ts';
import { sendEmail } from '../email.ts';
import type { SmtpSettings } from '../email.ts';
import { inboxOf, mailChoicesOf } from './mailed-person.ts';
import { subjectOf } from './follow-notices.ts';
import { groupOf } from './notice-groups.ts';
import { personMail } from './person-mail.ts';
import { unsubscribeKey } from './unsubscribe-key.ts';

export interface MailSources {
  readonly store: Pick<EventStore, 'lastPosition'>;
  readonly database: ReadModelDatabase;
  readonly findPerson: (subject: string) => Promise<Person>;
  readonly clock: Clock;
  readonly smtp: SmtpSettings;
  /** The base of links, without a trailing slash. */
  readonly baseUrl: string;
  /** The key of unsubscribe links. */
  readonly key: () => Promise<Uint8Array>;
}

/** How long to wait for the read models to reach the log's end. */
const FOLDED_MS_MAX = 2_000;

/** Returns the receiver for a person's id; null for another receiver. */
export function findPersonReceiver(sources: MailSources, receiver: string): Receiver | null {
  const subject = subjectOf(receiver);
  return subject === null ? null : personReceiver(sources, subject);
}

/**
 * Returns the receiver for a person. It sends only notices that the person may still see, and that are still news, unread and not settled.
 */
const personReceiver = (
  { store, database, findPerson, clock, smtp, baseUrl, key }: MailSources,
  subject: string,
): Receiver => ({
  lapsed:
    'no longer sent: the person has read the notice, may not see it or opted out, it was settled, or no address is known',
  async send({ id, digestOn, notices }, { timeoutMs, signal }) {
    const person = await findPerson(subject);
    const choices = mailChoicesOf(person, clock.now());
    if (choices === null || person.email === null) return false;
    // A record may have been reassigned or decided just before.
    const end = await store.lastPosition();
    if (!(await waitForPosition(database, end, FOLDED_MS_MAX)))
      throw new StoreUnavailableError(
        'the read models are behind the log; the email is sent after they catch up',
      );
    const events = notices.map(({ eventId }) => eventId);
    const { items } = await queryInbox(database, {
      ...inboxOf(subject, person, clock.now()),
      ...{ events, unread: true, limit: Math.max(events.length, 1) },
    });
    const wanted = items.filter(({ kind }) => !choices.muted.includes(groupOf(kind))).toReversed();
    const [first] = wanted;
    if (first === undefined) return false;
    const ofFirst = groupOf(first.kind);
    const group = wanted.every(({ kind }) => groupOf(kind) === ofFirst) ? ofFirst : null;
    const unsubscribe = `${baseUrl}/unsubscribe?key=${unsubscribeKey(await key(), { subject, group })}`;
    const mail = personMail(wanted, { baseUrl, digestOn, unsubscribe, group });
    await sendEmail(smtp, { id, to: person.email, unsubscribe, ...mail }, { timeoutMs, signal });
    return true;
  },
});
