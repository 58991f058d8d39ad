import { messageOf } from '#event-sourcing/errors';
import { EXIT, exitCodeOf } from '#platform/exit-codes';
import type { Settings } from '#platform/settings';

/** What kept the service from its start, in a line that says what helps; null for what nobody foresaw. */
export function explained(error: unknown, { host, port }: Pick<Settings, 'host' | 'port'>): string | null {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const isAddress = syscall === 'listen' || syscall === 'getaddrinfo';
  if (isAddress && code !== undefined && code in ADDRESS_TROUBLES) {
    return `${host}:${port} ${ADDRESS_TROUBLES[code] ?? ''}`;
  }
  return exitCodeOf(error) === EXIT.refused ? null : messageOf(error);
}

const ADDRESS_TROUBLES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use already; set PORT to another, or to 0 for any free one',
  EADDRNOTAVAIL: 'is no address of this machine; set HOST to one that is',
  EACCES: 'may not be used by this user; set PORT to 1024 or more',
  ENOTFOUND: 'has a name that is not known; set HOST to an address of this machine',
};
