import type { Random } from '#event-sourcing/random';
import type { EventStore } from '#event-sourcing/event-store';
import type { CommandHandler } from '#lifecycle/handle-command';
import type { Lifecycles } from '#lifecycle/lifecycles';
import type { Past } from '#lives/past';
import type { Waitable } from '#projections/following/follower';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { Accesses } from '../audit-trail/record-access.ts';
import type { People } from '../people/people.ts';
import type { Attempt } from '../audit-trail/record-refusal.ts';
import type { Eraser } from './eraser.ts';
import type { KnownHistories } from './known-histories.ts';

/** The dependencies of the use cases on records. Each use case picks the ones that it needs. */
export interface RecordsAccess {
  readonly store: EventStore;
  readonly random: Random;
  readonly readModels: ReadModelDatabase;
  /** Answers questions about the past. */
  readonly past: Past;
  readonly commands: CommandHandler;
  /** The lifecycles for reading events and for new records; `commands` uses the same. */
  readonly lifecycles: Lifecycles;
  /** Reads records' current histories. */
  readonly histories: Pick<KnownHistories, 'read'>;
  readonly people: People;
  readonly eraser: Pick<Eraser, 'whenHandled' | 'pending'>;
  /** Records what people receive, before they receive it. */
  readonly accesses: Accesses;
  /** Waits for the read models, whichever process folds them. */
  readonly projections: Waitable;
  /**
   * Runs an attempt. Records or counts a refusal before it is thrown.
   * @throws what `carryOut` throws; StoreUnavailableError instead of a refusal that cannot be recorded.
   */
  attempt<Result>(attempt: Attempt, carryOut: () => Promise<Result>): Promise<Result>;
}
