import type { InboxQuery } from '#read-models/inbox/inbox-query';
import { streamOf } from '#lifecycle/kind';
import { londonDate } from '#state-machines/london';
import type { Viewer } from '#state-machines/access';
import { choicesOf } from '#state-machines/person-events';
import type { NoticeChoices, Person, Watch } from '#state-machines/person-events';
import { kinds } from '#state-machines/record-streams';

/** For so long after a person's newest token that is on record mail is sent to them: their rights may be others by then. */
const TOKEN_MS_MAX = 30 * 86_400_000;

/** What mail somebody is sent; null where it is none: no address is known, they chose so, or it is long since they signed in. */
export function isSentMail(person: Person, now: number): NoticeChoices | null {
  const { email, issuedAt, rights } = person;
  if (email === null || rights === null || issuedAt === null) return null;
  if (now - Date.parse(issuedAt) > TOKEN_MS_MAX) return null;
  const choices = choicesOf(person);
  return choices.channels.includes('email') ? choices : null;
}

/**
 * The inbox of a person; by the rights of their newest token where none that they ask with are given.
 * @param now milliseconds since 1970.
 */
export const inboxOf = (
  subject: string,
  { rights, inbox, watches }: Pick<Person, 'rights' | 'inbox' | 'watches'>,
  now: number,
  viewer: Viewer = { subject, ...(rights ?? { roles: [], organisations: [] }) },
): Pick<InboxQuery, 'viewer' | 'today' | 'watched' | 'marks'> => ({
  viewer,
  today: londonDate(now),
  watched: watches.flatMap(watchedBy),
  marks: inbox,
});

/** A watch as the inbox knows it; none for a kind of record that is no longer in the list. */
const watchedBy = ({ kind: name, id, since }: Watch): InboxQuery['watched'] => {
  const kind = kinds.find(name);
  return kind === null ? [] : [{ stream: streamOf({ kind, id }), since }];
};
