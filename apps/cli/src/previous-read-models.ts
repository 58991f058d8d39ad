import { messageOf } from '#event-sourcing/errors';
import { PROJECTIONS } from '#platform/projections';
import { RestoreRefusedError } from '#platform/restore-store';
import { listProcesses } from '#projections/heartbeats';
import { ofAnyBuild } from '#projections/model-sets';
import { openExistingReadModels } from '#projections/open-read-models';
import { ReadModelMissingError } from '#projections/read-model-database';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { knownWithdrawals } from '#use-cases/records/redact-again';
import type { KnownWithdrawals } from '#use-cases/records/redact-again';
import { isReadModelFailure } from './refuse-other-log.ts';
import type { CommandLine } from './verb-context.ts';

/** The read models that an earlier store left, and the withdrawals that they know; null if they cannot tell. */
export interface PreviousReadModels {
  readonly database: ReadModelDatabase;
  readonly known: KnownWithdrawals | null;
}

/** Opens the read models of an earlier store for the duration of an action. They are null if there are none, or damaged. */
export async function withPreviousReadModels<Result>(
  { settings, terminal }: CommandLine,
  now: number,
  action: (previous: PreviousReadModels | null) => Promise<Result>,
): Promise<Result> {
  const database = await openExistingReadModels(settings.readModels, PROJECTIONS).catch((error: unknown) => {
    if (!isReadModelFailure(error)) throw error;
    terminal.warn(`The read models of the previous store cannot be read: ${messageOf(error)}`);
    return null;
  });
  if (database === null) return action(null);
  try {
    return await action({ database, known: await knownOrNull(ofAnyBuild(database), now) });
  } finally {
    await database.close();
  }
}

async function knownOrNull(database: ReadModelDatabase, now: number): Promise<KnownWithdrawals | null> {
  try {
    return await knownWithdrawals(database, now);
  } catch (error) {
    if (error instanceof ReadModelMissingError) return null;
    throw error;
  }
}

/**
 * Refuses to replace the read models of a running process.
 * @throws RestoreRefusedError
 */
export async function assertUnused(database: ReadModelDatabase): Promise<void> {
  const running = (await listProcesses(database)).find(({ isHeardOf }) => isHeardOf);
  if (running === undefined) return;
  const { kind, pid, host } = running;
  throw new RestoreRefusedError(
    `the read models are in use by a ${kind} (process ${pid} on ${host}). Stop it, or wait a minute if it was killed`,
  );
}
