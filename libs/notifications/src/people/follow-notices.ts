import { polledPart } from '#projections/following/log-part';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { noticesAfter, noticesUpTo, queryInbox } from '#read-models/inbox/inbox-query';
import type { InboxItem, InboxQuery, NoticePlace } from '#read-models/inbox/inbox-query';
import { peopleMailed } from '#read-models/people/people-projection';
import type { Person } from '#state-machines/person-events';
import { kinds, nameOf } from '#state-machines/record-streams';
import { nextDigest } from '../digest-time.ts';
import type { AddressedNotice } from '../outbox/record-messages.ts';
import { OutboxFollower } from '../outbox-follower.ts';
import type { FollowerSources } from '../outbox-follower.ts';
import { quietMoment } from '../turns.ts';
import { inboxOf, mailChoicesOf } from './mailed-person.ts';
import { groupOf } from './notice-groups.ts';

interface PeopleSources extends FollowerSources {
  readonly database: ReadModelDatabase;
  readonly findPerson: (subject: string) => Promise<Person>;
}

/** The number of rows read together. Notices for a person that span two pages are split. */
const PAGE = 200;
/** The number of inboxes read in one turn. */
const INBOXES_AT_ONCE = 5;

const PREFIX = 'person:';
const receiverOf = (subject: string): string => `${PREFIX}${subject}`;
/** Returns the subject of a person's receiver id; null for another receiver. */
export const subjectOf = (receiver: string): string | null =>
  receiver.startsWith(PREFIX) ? receiver.slice(PREFIX.length) : null;

/** Follows the notices for people. Records a mail for each person whose inbox contains the notice. */
export const followNotices = (sources: PeopleSources): OutboxFollower<NoticePlace> =>
  new OutboxFollower(sources, {
    name: 'people',
    part: polledPart({
      lastPosition: () => noticesUpTo(sources.database),
      next: (after) => noticesAfter(sources.database, after, PAGE),
    }),
    addressed: (rows) => addressed(sources, rows),
  });

async function addressed(sources: PeopleSources, rows: readonly NoticePlace[]): Promise<AddressedNotice[]> {
  const [first, last] = [rows.at(0), rows.at(-1)];
  if (first === undefined || last === undefined) return [];
  const notices: AddressedNotice[] = [];
  const query = { between: [first.number, last.number] as const, limit: rows.length };
  for (const [index, subject] of (await peopleMailed(sources.database)).entries()) {
    if (index % INBOXES_AT_ONCE === 0) await quietMoment();
    notices.push(...(await addressedTo(sources, subject, query)));
  }
  return notices;
}

async function addressedTo(
  { database, findPerson, clock }: PeopleSources,
  subject: string,
  query: Pick<InboxQuery, 'between' | 'limit'>,
): Promise<AddressedNotice[]> {
  const person = await findPerson(subject);
  const choices = mailChoicesOf(person, clock.now());
  if (choices === null) return [];
  const { items } = await queryInbox(database, { ...inboxOf(subject, person, clock.now()), ...query });
  return items
    .toReversed()
    .filter(({ kind }) => !choices.muted.includes(groupOf(kind)))
    .map((item) => ({
      notice: noticeOf(item),
      receiver: receiverOf(subject),
      channel: 'email',
      digest: choices.digest === 'daily' ? nextDigest : null,
      group: item.command,
    }));
}

const noticeOf = ({ eventId, kind, stream, at }: InboxItem) => {
  const record = kinds.ofStream(stream);
  return {
    ...{ key: eventId, kind, eventId, occurredAt: at },
    recordId: record === null ? stream : nameOf(record),
  };
};
