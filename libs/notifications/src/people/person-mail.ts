import { labelOf } from '#lifecycle/fields';
import { pathOf } from '#lifecycle/kind';
import type { InboxItem } from '#read-models/inbox/inbox-query';
import { kinds } from '#state-machines/record-streams';
import { countInWords, mailOf, shortenTitle, written } from '../message-text.ts';
import type { MailBlock, MessageText } from '../message-text.ts';
import { NOTICE_TITLES } from './mailed-person.ts';

interface MailOptions {
  readonly baseUrl: string;
  /** The London date of a digest. */
  readonly digestOn: string | null;
  readonly unsubscribe: string;
  /** The common kind of its notices; null if they are of several kinds. */
  readonly kind: string | null;
  /** Whether mails contain the titles of records. */
  readonly titlesArePublic: boolean;
}

/**
 * Returns an email about a person's news, pending decisions first. It contains kinds of news, ids and dates, but no text of records,
 * because an email cannot be recalled when a text is redacted. It contains titles only if the operator declares them public.
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
      ? newsOf(only, options)
      : `Docket${digestOn === null ? '' : `, ${written(digestOn)}`}: ${countInWords(items.length)}`;
  const blocks = parts.flatMap(({ heading, news }): readonly MailBlock[] => [
    ...(parts.length > 1 ? [{ text: heading, heading: 'h2' } as const] : []),
    ...news.map((item) => ({ text: newsOf(item, options), url: `${options.baseUrl}${pathTo(item)}` })),
  ]);
  return mailOf(subject, blocks, footerOf(options));
}

/** Returns the notice's title and its record: `Closure refused: recommendation 730`. */
function newsOf(
  { kind, stream, dueOn, title }: InboxItem,
  { titlesArePublic }: Pick<MailOptions, 'titlesArePublic'>,
): string {
  const record = kinds.ofStream(stream);
  const named = record === null ? stream : `${record.kind.noun.singular} ${record.id}`;
  const date = dueOn === null ? '' : `, due on ${written(dueOn)}`;
  return `${NOTICE_TITLES.get(kind) ?? labelOf(kind)}: ${named}${date}${titlesArePublic && title !== null ? `: ${shortenTitle(title)}` : ''}`;
}

function pathTo({ stream, version, hasLeft }: InboxItem): string {
  const record = kinds.ofStream(stream);
  return record === null || hasLeft ? '/inbox' : `${pathOf(record)}?at=${version}#event-${version}`;
}

const footerOf = ({ baseUrl, unsubscribe, kind }: MailOptions): readonly MailBlock[] => [
  {
    text: 'Do not reply to this email. Replies are not read. To make a decision, open the record in Docket.',
  },
  { text: 'Your inbox', url: `${baseUrl}/inbox` },
  { text: 'Notification settings', url: `${baseUrl}/inbox/choices` },
  { text: kind === null ? 'Stop these emails' : 'Stop emails about this type of notice', url: unsubscribe },
];
