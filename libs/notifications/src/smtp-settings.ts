import type { SmtpSettings } from './email.ts';

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
