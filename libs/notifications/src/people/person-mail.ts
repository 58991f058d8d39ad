import { labelOf } from '#lifecycle/fields';
import { pathOf } from '#lifecycle/kind';
import type { InboxItem } from '#read-models/inbox/inbox-query';
import { kinds } from '#state-machines/record-streams';
import { countInWords, mailOf, written } from '../message-text.ts';
import type { MailBlock, MessageText } from '../message-text.ts';
import type { NoticeGroup } from '#state-machines/person-events';
import { GROUP_TITLES, titleOf } from './notice-groups.ts';

interface MailOptions {
  readonly baseUrl: string;
  /** The London date of a digest. */
  readonly digestOn: string | null;
  readonly unsubscribe: string;
  /** The common group of its notices; null if they are of several groups. */
  readonly group: NoticeGroup | null;
}

/**
 * Returns an email about a person's news, pending decisions first. It contains kinds of news, ids and dates, but no text or title of
 * records, because an email cannot be recalled when a text is redacted.
 */
export function personMail(items: readonly InboxItem[], options: MailOptions): MessageText {
  const { digestOn } = options;
  const parts = [
    { heading: 'Waiting for your decision', news: items.filter(({ asks }) => asks) },
    { heading: 'Other notices', news: items.filter(({ asks }) => !asks) },
  ].filter(({ news }) => news.length > 0);
  const [only] = items;
  const subject =
    items.length === 1 && only !== undefined && digestOn === null
      ? newsOf(only)
      : `Docket${digestOn === null ? '' : `, ${written(digestOn)}`}: ${countInWords(items.length)}`;
  const blocks = parts.flatMap(({ heading, news }): readonly MailBlock[] => [
    ...(parts.length > 1 ? [{ text: heading, heading: 'h2' } as const] : []),
    ...news.map((item) => ({ text: newsOf(item), url: `${options.baseUrl}${pathTo(item)}` })),
  ]);
  return mailOf(subject, blocks, footerOf(options));
}

/** Returns the notice's title and its record: `Closure refused: recommendation 730`. */
function newsOf({ kind, stream, dueOn }: InboxItem): string {
  const record = kinds.ofStream(stream);
  const named = record === null ? stream : `${record.kind.noun.singular} ${record.id}`;
  const date = dueOn === null ? '' : `, due on ${written(dueOn)}`;
  return `${titleOf(kind) ?? labelOf(kind)}: ${named}${date}`;
}

function pathTo({ stream, version, hasLeft }: InboxItem): string {
  const record = kinds.ofStream(stream);
  return record === null || hasLeft ? '/inbox' : `${pathOf(record)}?at=${version}#event-${version}`;
}

const footerOf = ({ baseUrl, unsubscribe, group }: MailOptions): readonly MailBlock[] => [
  {
    text: 'Do not reply to this email. Replies are not read. To make a decision, open the record in Docket.',
  },
  { text: 'Your inbox', url: `${baseUrl}/inbox` },
  { text: 'Notification settings', url: `${baseUrl}/inbox/choices` },
  {
    text: group === null ? 'Stop these emails' : `Stop emails about this: ${GROUP_TITLES[group]}`,
    url: unsubscribe,
  },
];
