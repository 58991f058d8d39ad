import { Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import { codeOf, DeliveryError } from './delivery-error.ts';
import type { MessageText } from './message-text.ts';

export interface SmtpSettings {
  /** `smtp://` (with STARTTLS where the server offers it) or `smtps://`, with user and password where it asks for them. */
  readonly url: string;
  /** The sender's address. */
  readonly from: string;
}

export interface EmailMessage extends MessageText {
  readonly id: string;
  readonly to: string;
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
  { id, to, subject, text, html }: EmailMessage,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  // Ours, so that it can be ended: nodemailer's own time-outs begin anew with each byte.
  const socket = new Socket();
  const transport = createTransport({
    url,
    socket,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    socket.destroy();
    reject(new DeliveryError('no answer in time'));
  };
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    await Promise.race([
      aborted,
      transport.sendMail({
        from,
        to,
        subject,
        text,
        html,
        messageId: messageIdOf(id, from),
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Docket-Message': id },
      }),
    ]);
  } catch (error) {
    throw error instanceof DeliveryError ? error : deliveryErrorOf(error);
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

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
