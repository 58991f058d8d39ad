import { codeOf, DeliveryError } from './delivery-error.ts';
import type { MessageText } from './message-text.ts';

export interface SmtpSettings {
  /** `smtp://` (with STARTTLS where the server offers it) or `smtps://`, with user and password where it asks for them. */
  readonly url: string;
  /** The sender's address. */
  readonly from: string;
}

interface EmailMessage extends MessageText {
  readonly id: string;
  readonly to: string;
  /** Where whoever gets it stops such mails with one click (RFC 8058); absent where they cannot. */
  readonly unsubscribe?: string;
}

/** What is written after the `@` of a Message-ID, where the sender's address has no domain. */
const NO_DOMAIN = 'docket.invalid';

/** A mail's own id: the same at every attempt, so that a mailbox can tell that it has it already. */
export const messageIdOf = (id: string, from: string): string =>
  `<${id}@${/@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? NO_DOMAIN}>`;

/**
 * Sends a mail over a connection of its own.
 * @throws DeliveryError; final where the server says of this address or mail that it will never take it (RFC 5321: 5xx
 *   in answer to RCPT TO or to the mail itself).
 */
export async function sendEmail(
  { url, from }: SmtpSettings,
  { id, to, subject, text, html, unsubscribe }: EmailMessage,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  // Where nobody is told by mail, a start does not wait for it to be loaded.
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
      // The time-outs above begin anew with each byte; this one does not.
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
    throw signal.aborted ? new DeliveryError('no answer in time') : deliveryErrorOf(error);
  }
}

/** What a mail server says in answer to one command is a line or a few. */
const RESPONSE_BYTES_MAX = 64 * 1024;

/** How long a server may take to say good-bye. */
const CLOSE_MS = 1_000;

interface SmtpError {
  readonly responseCode?: number;
  readonly command?: string;
}

const PERMANENT = 500;

/** Codes only: a server's answer can quote addresses and text. */
function deliveryErrorOf(error: unknown): DeliveryError {
  const { responseCode, command } = error as SmtpError;
  if (responseCode === undefined) return new DeliveryError(`not sent: ${codeOf(error)}`);
  const isFinal = responseCode >= PERMANENT && (command === 'RCPT TO' || command === 'DATA');
  return new DeliveryError(`the mail server answered with ${responseCode}`, { isFinal });
}
