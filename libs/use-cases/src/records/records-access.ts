import type { Random } from '#event-sourcing/random';
import type { ErasedRemains, EventStore } from '#event-sourcing/event-store';
import type { CommandHandler } from '#lifecycle/handle-command';
import type { CommandedLifecycle, Lifecycles } from '#lifecycle/lifecycles';
import type { AwaitsProjections } from '#projections/projection-status';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { Accesses } from '../audit-trail/record-access.ts';
import type { People } from '../people/people.ts';
import type { Attempt } from '../audit-trail/record-refusal.ts';
import type { Eraser } from './eraser.ts';
import type { KnownHistories } from './known-histories.ts';

/** Where what was to be erased remains; nobody is given it any more, either way. */
export interface Erased {
  readonly remains: ErasedRemains | 'pending';
}

/** What records are read from, and changed with. Each use case takes of it what it needs. */
export interface RecordsAccess {
  readonly store: EventStore;
  readonly random: Random;
  readonly readModels: ReadModelDatabase;
  readonly commands: CommandHandler;
  /** What each event is read by, and new records follow; it is what `commands` are decided by. */
  readonly lifecycles: Lifecycles<unknown, CommandedLifecycle>;
  /** Records' histories as they are stored now. */
  readonly histories: Pick<KnownHistories, 'read'>;
  /** Everybody who is known here. */
  readonly people: Pick<People, 'find' | 'isKnown'>;
  readonly eraser: Pick<Eraser, 'whenHandled' | 'pending'>;
  /** Puts on record what somebody is given, before they are. */
  readonly accesses: Accesses;
  /** Waits for the read models, whoever folds them. */
  readonly projections: AwaitsProjections;
  /**
   * Carries out what somebody attempts. Where it is refused, the refusal is on record, or counted, before it is thrown.
   * @throws what `carryOut` throws; StoreUnavailableError instead of a refusal that cannot be recorded.
   */
  attempt<Result>(attempt: Attempt, carryOut: () => Promise<Result>): Promise<Result>;
}
