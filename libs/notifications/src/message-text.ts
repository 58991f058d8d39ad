export interface MessageText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export const countInWords = (notices: number): string => (notices === 1 ? '1 notice' : `${notices} notices`);

/** A block of an email: a link, a heading, or a grey paragraph. */
export interface MailBlock {
  readonly text: string;
  readonly url?: string;
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

const asText = ({ text, url }: MailBlock): string => (url === undefined ? text : `${text}\n  ${url}`);

function asHtml({ text, url, heading }: MailBlock): string {
  if (heading !== undefined)
    return `<${heading} style="font-size:${HEADING_SIZES[heading]}">${escapeHtml(text)}</${heading}>`;
  if (url === undefined) return `<p style="color:#555">${escapeHtml(text)}</p>`;
  return `<p><a href="${escapeHtml(url)}">${escapeHtml(text)}</a></p>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] as string);

const long = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
export const written = (date: string): string => long.format(new Date(`${date}T00:00:00Z`));
