import type { InboxQuery } from '#read-models/inbox/inbox-query';
import { streamOf } from '#lifecycle/kind';
import { londonDate } from '#state-machines/london';
import type { Viewer } from '#state-machines/access';
import { choicesOf } from '#state-machines/person-events';
import type { NoticeChoices, Person, Watch } from '#state-machines/person-events';
import { kinds } from '#state-machines/record-streams';

/** How long after a person's last recorded token they get mail: their rights may have changed since. */
const TOKEN_MS_MAX = 30 * 86_400_000;

/**
 * Returns a person's choice of mails; null if they get none: no address is known, they opted out, or their last sign-in is too long ago.
 */
export function mailChoicesOf(person: Person, now: number): NoticeChoices | null {
  const { email, issuedAt, rights } = person;
  if (email === null || rights === null || issuedAt === null) return null;
  if (now - Date.parse(issuedAt) > TOKEN_MS_MAX) return null;
  const choices = choicesOf(person);
  return choices.channels.includes('email') ? choices : null;
}

/**
 * Returns a person's inbox, with the rights of their newest token by default.
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

/** Returns a watch in the inbox's form; none for a kind of record that no longer exists. */
const watchedBy = ({ kind: name, id, since }: Watch): InboxQuery['watched'] => {
  const kind = kinds.find(name);
  return kind === null ? [] : [{ stream: streamOf({ kind, id }), since }];
};
