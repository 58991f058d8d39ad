import { codeOf, DeliveryError } from './delivery-error.ts';
import type { MessageText } from './message-text.ts';

/** The mail server, from one URL. */
export interface SmtpSettings {
  /** `smtp://` (with STARTTLS if the server offers it) or `smtps://`, with user and password if the server requires them. */
  readonly url: string;
  /** The sender's address. */
  readonly from: string;
}

const EXAMPLE = 'smtp://user:password@mail.example.org:587?from=docket@example.org';

/**
 * Parses the URL of the mail server, whose parameter `from` is the sender's address.
 * @throws RangeError that does not quote the URL, which may contain a password
 */
export function parseSmtp(text: string): SmtpSettings {
  const url = URL.parse(text);
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
    throw new RangeError(`is not the address of a mail server; use one such as ${EXAMPLE}`);
  const { from, requireTLS, ...others } = Object.fromEntries(url.searchParams);
  if (from === undefined || !/^[^\s@<>]+@[^\s@<>]+$/.test(from))
    throw new RangeError(`must end in ?from= and the sender's address, as in ${EXAMPLE}`);
  // Other parameters would be options of the mailer: to log mails, to run a program, to bypass TLS.
  if (Object.keys(others).length > 0 || (requireTLS !== undefined && requireTLS !== 'true'))
    throw new RangeError('may have the parameters from and requireTLS=true, and no others');
  url.search = requireTLS === undefined ? '' : '?requireTLS=true';
  return { url: url.href, from };
}

interface EmailMessage extends MessageText {
  readonly id: string;
  readonly to: string;
  /** The URL for one-click unsubscription (RFC 8058); absent if that is not possible. */
  readonly unsubscribe?: string;
}

/** The domain of Message-IDs if the sender's address has none. */
const NO_DOMAIN = 'docket.invalid';

/** Returns a Message-ID, the same for every attempt, so that a mailbox can recognise duplicates. */
export const messageIdOf = (id: string, from: string): string =>
  `<${id}@${/@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? NO_DOMAIN}>`;

/**
 * Sends a mail over a new connection.
 * @throws DeliveryError; final if the server permanently refuses the address or the mail (RFC 5321: 5xx in
 * reply to RCPT TO or to the mail itself).
 */
export async function sendEmail(
  { url, from }: SmtpSettings,
  { id, to, subject, text, html, unsubscribe }: EmailMessage,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  // Imported here, so that a process without mail does not load it.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    socketCloseTimeout: CLOSE_MS,
    maxResponseSize: RESPONSE_BYTES_MAX,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from,
      to,
      subject,
      text,
      html,
      // The timeouts above restart with each byte, unlike this signal.
      signal,
      messageId: messageIdOf(id, from),
      headers: {
        'Auto-Submitted': 'auto-generated',
        'X-Docket-Message': id,
        ...(unsubscribe !== undefined && {
          'List-Unsubscribe': `<${unsubscribe}>`,
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        }),
      },
    });
  } catch (error) {
    throw signal.aborted ? new DeliveryError('no response before the timeout') : deliveryErrorOf(error);
  }
}

/** The maximum size of a reply to one command, which is a few lines. */
const RESPONSE_BYTES_MAX = 64 * 1024;

/** How long to wait for the server to close the connection. */
const CLOSE_MS = 1_000;

interface SmtpError {
  readonly responseCode?: number;
  readonly command?: string;
}

const PERMANENT = 500;

/** Returns the failure of a delivery, with codes only: a server's reply can quote addresses and text. */
function deliveryErrorOf(error: unknown): DeliveryError {
  const { responseCode, command } = error as SmtpError;
  if (responseCode === undefined) return new DeliveryError(`not sent: ${codeOf(error)}`);
  const isFinal = responseCode >= PERMANENT && (command === 'RCPT TO' || command === 'DATA');
  return new DeliveryError(`the mail server replied ${responseCode}`, { isFinal });
}
