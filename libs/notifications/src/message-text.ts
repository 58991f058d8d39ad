import { onOneLine } from '#lifecycle/text-rules';
import { labelOf } from '#lifecycle/fields';
import { addDays } from '#lifecycle/plain-date';
import { upperFirst } from '#lifecycle/words';
import type { Body } from '#state-machines/body-events';
import type { DeadlineFacts, DeadlineNotice, NoticeKind } from './notices.ts';

/** A notice of a deadline with its record's current facts. */
export interface PresentNotice extends Omit<DeadlineNotice, 'deadline'>, DeadlineFacts {
  /** Null if it was redacted or never set. */
  readonly title: string | null;
  readonly status: string | null;
  /** The record's display name. */
  readonly called: string;
  readonly url: string;
}

export interface MessageText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const TITLE_LENGTH_MAX = 200;

interface MessageOptions {
  readonly subscription: string;
  readonly digestOn: string | null;
  /** The named bodies by slug. */
  readonly bodies: ReadonlyMap<string, Pick<Body, 'name'>>;
}

/** Returns the email about one notice or a digest's notices. */
export function messageText(
  notices: readonly PresentNotice[],
  { subscription, digestOn, bodies }: MessageOptions,
): MessageText {
  const [first] = notices;
  if (first === undefined) throw new RangeError('A message must contain a notice');
  const title = digestOn === null ? null : `Deadlines, ${written(digestOn)}: ${countInWords(notices.length)}`;
  const heading: readonly MailBlock[] = title === null ? [] : [{ text: title, heading: 'h1' }];
  const blocks = notices.map((notice): MailBlock => ({
    text: headline(notice),
    rows: lines(notice, bodies),
    url: notice.url,
  }));
  const footer = `Sent by Docket for the subscription ${subscription}.`;
  return mailOf(title ?? headline(first), [...heading, ...blocks], [{ text: footer }]);
}

export const countInWords = (notices: number): string => (notices === 1 ? '1 notice' : `${notices} notices`);

const NOTICE_WORDS: Readonly<Record<NoticeKind, string>> = {
  approaching: 'deadline approaching',
  passed: 'deadline passed',
  escalated: 'long overdue',
  reminder: 'still overdue',
};

/** Returns a notice as a subject line, without the record's text: subjects are shown on locked screens. */
const headline = ({ kind, deadlineKind, dueOn, called }: PresentNotice): string => {
  const what = deadlineKind === 'action' ? '' : `${labelOf(deadlineKind)} `;
  return `${upperFirst(what + NOTICE_WORDS[kind])}: ${called}, due ${written(dueOn)}`;
};

/** Returns a notice's lines as pairs of name and value. */
function lines(notice: PresentNotice, bodies: MessageOptions['bodies']): [name: string, value: string][] {
  const { title, recipient, status } = notice;
  return [
    ...(title === null ? [] : [['Title', shortenTitle(title)] satisfies [string, string]]),
    ...(recipient === null
      ? []
      : [['Body', bodies.get(recipient)?.name ?? recipient] satisfies [string, string]]),
    ...(status === null ? [] : [['Status', status.replaceAll('-', ' ')] satisfies [string, string]]),
    dateLine(notice),
  ];
}

function dateLine({ kind, dueOn, reminder }: PresentNotice): [name: string, value: string] {
  if (kind === 'approaching') return ['Due', written(dueOn)];
  return [
    'Overdue since',
    `${written(addDays(dueOn, 1))}${reminder === null ? '' : ` (reminder ${reminder})`}`,
  ];
}

/** A block of an email: a link with named values, a heading, or a grey paragraph. */
export interface MailBlock {
  readonly text: string;
  readonly url?: string;
  readonly rows?: readonly (readonly [name: string, value: string])[];
  readonly heading?: keyof typeof HEADING_SIZES;
}

const HEADING_SIZES = { h1: '1.2em', h2: '1.1em' };

/** Returns an email as text and as HTML. */
export function mailOf(
  subject: string,
  blocks: readonly MailBlock[],
  footer: readonly MailBlock[],
): MessageText {
  const signature = footer.map(({ text, url }) => (url === undefined ? text : `${text}: ${url}`)).join('\n');
  return {
    subject,
    text: [...blocks.map(asText), `-- \n${signature}\n`].join('\n\n'),
    html: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="font-family:sans-serif">
${[...blocks, ...footer].map(asHtml).join('\n')}
</body>
</html>
`,
  };
}

const asText = ({ text, url, rows = [] }: MailBlock): string =>
  [text, ...rows.map((row) => `  ${row.join(': ')}`), ...(url === undefined ? [] : [`  ${url}`])].join('\n');

function asHtml({ text, url, rows = [], heading }: MailBlock): string {
  if (heading !== undefined)
    return `<${heading} style="font-size:${HEADING_SIZES[heading]}">${escapeHtml(text)}</${heading}>`;
  if (url === undefined) return `<p style="color:#555">${escapeHtml(text)}</p>`;
  const link = `<a href="${escapeHtml(url)}">${escapeHtml(text)}</a>`;
  if (rows.length === 0) return `<p>${link}</p>`;
  const table = rows.map(
    ([name, value]) =>
      `<tr><th style="text-align:left;padding-right:1em">${name}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<p style="margin-bottom:0">${link}</p>\n<table>${table.join('')}</table>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] as string);

/** Returns a title in one line, truncated and without control characters. */
export function shortenTitle(title: string): string {
  const line = onOneLine(title);
  // Half of a surrogate pair is not text.
  const start = line.slice(0, TITLE_LENGTH_MAX - 1).replace(/[\ud800-\udbff]$/, '');
  return line.length <= TITLE_LENGTH_MAX ? line : `${start}…`;
}

const long = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
export const written = (date: string): string => long.format(new Date(`${date}T00:00:00Z`));
