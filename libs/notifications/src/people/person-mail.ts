import { labelOf } from '#lifecycle/fields';
import { pathOf } from '#lifecycle/kind';
import type { InboxItem } from '#read-models/inbox/inbox-query';
import { kinds } from '#state-machines/record-streams';
import { counted, escaped, mailPage, written } from '../message-text.ts';
import type { MessageText } from '../message-text.ts';

interface MailOptions {
  readonly baseUrl: string;
  /** Its London date, where it is a digest. */
  readonly digestOn: string | null;
  readonly unsubscribe: string;
  /** The kind of all of its notices; null where these are of several. */
  readonly kind: string | null;
}

/**
 * A mail about what is news for a person: kinds of news and ids, and none of the records' text, since a mail cannot be taken back
 * when a text is redacted.
 */
export function personMail(items: readonly InboxItem[], options: MailOptions): MessageText {
  const { digestOn, baseUrl } = options;
  const lines = items.map((item) => ({ text: newsOf(item), url: `${baseUrl}${pathTo(item)}` }));
  const [only] = lines;
  const subject =
    lines.length === 1 && only !== undefined && digestOn === null
      ? only.text
      : `Docket${digestOn === null ? '' : `, ${written(digestOn)}`}: ${counted(lines.length)}`;
  const footer = footerOf(options);
  const html = [
    ...lines.map(({ text, url }) => `<p><a href="${escaped(url)}">${escaped(text)}</a></p>`),
    ...footer.map(({ text, url }) =>
      url === undefined
        ? `<p style="color:#555">${escaped(text)}</p>`
        : `<p><a href="${escaped(url)}">${escaped(text)}</a></p>`,
    ),
  ];
  return {
    subject,
    text: [
      ...lines.map(({ text, url }) => `${text}\n  ${url}`),
      `-- \n${footer.map(({ text, url }) => (url === undefined ? text : `${text}: ${url}`)).join('\n')}\n`,
    ].join('\n\n'),
    html: mailPage(subject, html.join('\n')),
  };
}

/** What happened, and to which record: `Closure refused: recommendation 730`. */
function newsOf({ kind, stream }: InboxItem): string {
  const record = kinds.ofStream(stream);
  return `${labelOf(kind)}: ${record === null ? stream : `${record.kind.noun.singular} ${record.id}`}`;
}

function pathTo({ stream, version, hasLeft }: InboxItem): string {
  const record = kinds.ofStream(stream);
  return record === null || hasLeft ? '/inbox' : `${pathOf(record)}?at=${version}#event-${version}`;
}

const footerOf = ({ baseUrl, unsubscribe, kind }: MailOptions): readonly { text: string; url?: string }[] => [
  { text: 'An answer to this mail reaches nobody and decides nothing: open the record to act.' },
  { text: 'All of it is in your inbox', url: `${baseUrl}/inbox` },
  { text: 'Choose how you are told', url: `${baseUrl}/inbox/choices` },
  { text: kind === null ? 'Stop these mails' : 'Stop mails of this kind', url: unsubscribe },
];
