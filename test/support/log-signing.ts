import { join } from 'node:path';
import type { EventStore } from '#event-sourcing/event-store';
import { LogSigning } from '#platform/checkpoints/log-signing';
import { thisMachine } from '#platform/steady-clock';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { StoreAddress } from '#platform/stores';
import type { Witness } from '#use-cases/audit/witnesses';

export const ORIGIN = 'docket.example/log';

interface Signed {
  readonly store: EventStore;
  readonly database: ReadModelDatabase;
  readonly reports: string[];
  readonly address?: StoreAddress;
  readonly origin?: string;
  readonly witnesses?: readonly Witness[];
  readonly timestampUrl?: string | null;
  readonly machine?: Pick<typeof thisMachine, 'clock' | 'random'>;
}

/** Returns the signing of a log with the key and the memory in a folder. Appends its messages to `reports`. */
export const signingIn = (
  folder: string,
  { store, database, reports, address = { kind: 'memory' }, machine = thisMachine, ...more }: Signed,
): LogSigning => {
  const { origin = ORIGIN, witnesses = [], timestampUrl = null } = more;
  const [key, memory] = [join(folder, 'key.pem'), join(folder, 'memory.sqlite')];
  const checkpoints = { key, memory, origin, witnesses };
  return new LogSigning({
    ...machine,
    ...{ store, database, settings: { store: address, checkpoints, timestampUrl } },
    onError: (message) => reports.push(message),
  });
};
