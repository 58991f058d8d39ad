import { labelOf } from '#lifecycle/fields';
import { pathOf } from '#lifecycle/kind';
import type { InboxItem } from '#read-models/inbox/inbox-query';
import { kinds } from '#state-machines/record-streams';
import { counted, escaped, mailPage, shortened, written } from '../message-text.ts';
import type { MessageText } from '../message-text.ts';

interface MailOptions {
  readonly baseUrl: string;
  /** The London date of a digest. */
  readonly digestOn: string | null;
  readonly unsubscribe: string;
  /** The common kind of its notices; null for several kinds. */
  readonly kind: string | null;
  /** Whether mails contain the titles of records. */
  readonly titlesArePublic: boolean;
}

/**
 * Returns a mail about a person's news, pending decisions first. It contains kinds of news, ids and dates, but no text
 * of records, since a mail cannot be recalled when a text is redacted; titles only if the operator declares them
 * public.
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
      : `Docket${digestOn === null ? '' : `, ${written(digestOn)}`}: ${counted(items.length)}`;
  const blocks = parts.flatMap(({ heading, news }): readonly Block[] => [
    ...(parts.length > 1 ? [{ text: heading, is: 'heading' } as const] : []),
    ...news.map((item): Block => ({ text: newsOf(item, options), url: `${options.baseUrl}${pathTo(item)}` })),
  ]);
  const footer = footerOf(options);
  return {
    subject,
    text: [
      ...blocks.map(({ text, url }) => (url === undefined ? text : `${text}\n  ${url}`)),
      `-- \n${footer.map(({ text, url }) => (url === undefined ? text : `${text}: ${url}`)).join('\n')}\n`,
    ].join('\n\n'),
    html: mailPage(subject, [...blocks, ...footer].map(asHtml).join('\n')),
  };
}

interface Block {
  readonly text: string;
  readonly url?: string;
  readonly is?: 'heading';
}

function asHtml({ text, url, is }: Block): string {
  if (is === 'heading') return `<h2 style="font-size:1.1em">${escaped(text)}</h2>`;
  if (url === undefined) return `<p style="color:#555">${escaped(text)}</p>`;
  return `<p><a href="${escaped(url)}">${escaped(text)}</a></p>`;
}

/** Returns the event and its record: `Closure refused: recommendation 730`. */
function newsOf(
  { kind, stream, dueOn, title }: InboxItem,
  { titlesArePublic }: Pick<MailOptions, 'titlesArePublic'>,
): string {
  const record = kinds.ofStream(stream);
  const named = record === null ? stream : `${record.kind.noun.singular} ${record.id}`;
  const date = dueOn === null ? '' : `, due on ${written(dueOn)}`;
  return `${labelOf(kind)}: ${named}${date}${titlesArePublic && title !== null ? `: ${shortened(title)}` : ''}`;
}

function pathTo({ stream, version, hasLeft }: InboxItem): string {
  const record = kinds.ofStream(stream);
  return record === null || hasLeft ? '/inbox' : `${pathOf(record)}?at=${version}#event-${version}`;
}

const footerOf = ({ baseUrl, unsubscribe, kind }: MailOptions): readonly Block[] => [
  {
    text: 'Do not reply to this email. Replies are not read. To make a decision, open the record in Docket.',
  },
  { text: 'Your inbox', url: `${baseUrl}/inbox` },
  { text: 'Notification settings', url: `${baseUrl}/inbox/choices` },
  { text: kind === null ? 'Stop these emails' : 'Stop emails of this kind', url: unsubscribe },
];
