import { loadOrCreateDevelopmentKey } from '#identity/development-key';
import { OpenIdProvider } from '#identity/openid-provider';
import { developmentIssuer, TokenVerifier } from '#identity/tokens';
import type { Actor } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import type { StoreObserver } from '#event-sourcing/store-observer';
import type { CommandHandler } from '#lifecycle/handle-command';
import { openReadModels } from '#read-models/open-read-models';
import type { ReadModelDatabase } from '#read-models/read-model-database';
import { assertSameLog } from '#read-models/same-log';
import { RefusalRecorder } from '#use-cases/refusals/record-refusal';
import type { Attempt } from '#use-cases/refusals/record-refusal';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { withdrawAgain, withdrawnLines } from '#use-cases/records/withdraw-again';
import { People } from '#use-cases/people/people';
import { RedactionsNotFolded } from '#use-cases/records/redactions-not-folded';
import { Eraser } from '#use-cases/records/eraser';
import type { Delivery } from '#notifications/deliver-messages';
import { AppendHealth, watchingAppends } from './append-health.ts';
import { commandHandler } from './docket.ts';
import { LogClock } from './log-clock.ts';
import { closeTelling, openTelling } from './notifications.ts';
import type { Telling } from './notifications.ts';
import { openOrMakeStore } from './open-or-make-store.ts';
import { PROJECTION_NAMES } from './projections.ts';
import { startProjectorInProcess, startProjectorThread } from './projector.ts';
import type { OnProjectorError, Projector, ProjectorReports } from './projector.ts';
import type { Settings } from './settings.ts';
import { openTracing, tracingAppends } from './tracing/open-tracing.ts';
import type { Tracing } from './tracing/tracing.ts';
import { seldom } from './seldom.ts';
import { StoreDamage, watchedForDamage } from './store-damage.ts';
import { SWEEPER, SweepSchedule } from './sweep.ts';
import type { SweepScheduleOptions } from './sweep.ts';
import type { RebuildOutcome } from '#read-models/rebuild';
import type { SweepOutcome } from '#use-cases/records/sweep-deadlines';
import { messageOf } from '#event-sourcing/errors';
import { lifecycles } from '#state-machines/lifecycles';

/** How often the recorder of refusals is asked whether it has counts to write. */
const COUNTS_MS = 1_000;

/** Who carries out at a start what was withdrawn in a log that was lost. */
const STARTER: Actor = { subject: 'docket:start', roles: ['administrator'] };

/** What a running service holds open. */
export class Service {
  readonly store: EventStore;
  /** Whether the store takes appends. */
  readonly appends: AppendHealth;
  readonly damage: StoreDamage;
  /** This machine's clock, seen from the log. */
  readonly clock: LogClock;
  readonly commands: CommandHandler<Facts>;
  readonly refusals: RefusalRecorder;
  readonly people: People;
  readonly readModels: ReadModelDatabase;
  readonly tokens: TokenVerifier;
  /** Whose keys tokens are checked with; null with the development key. */
  readonly provider: OpenIdProvider | null;
  readonly projector: Projector;
  readonly eraser: Eraser;
  /** Null where this process does not sweep. */
  readonly sweeps: SweepSchedule | null;
  /** Null where this process tells nobody of deadlines. */
  readonly telling: Telling | null;
  /** What addresses begin with that are given out; null where no setting says it. */
  readonly publicUrl: string | null;
  /** Null where traces are not recorded. */
  readonly tracing: Tracing | null;
  readonly #counting: NodeJS.Timeout;

  constructor(parts: Omit<Service, 'attempt' | 'reached' | 'close'>) {
    this.store = parts.store;
    this.appends = parts.appends;
    this.damage = parts.damage;
    this.clock = parts.clock;
    this.commands = parts.commands;
    this.refusals = parts.refusals;
    this.people = parts.people;
    this.readModels = parts.readModels;
    this.tokens = parts.tokens;
    this.provider = parts.provider;
    this.projector = parts.projector;
    this.eraser = parts.eraser;
    this.sweeps = parts.sweeps;
    this.telling = parts.telling;
    this.publicUrl = parts.publicUrl;
    this.tracing = parts.tracing;
    this.#counting = setInterval(() => void this.refusals.writeCounted(Date.now()), COUNTS_MS).unref();
  }

  /**
   * Carries out what somebody attempts, under a span of its own where that is traced. Where it is refused, the refusal is on
   * record, or counted, before it is thrown.
   * @throws what `carryOut` throws; StoreUnavailableError instead of a refusal that cannot be recorded.
   */
  attempt<Result>(attempt: Attempt, carryOut: () => Promise<Result>): Promise<Result> {
    const { refusals, tracing } = this;
    if (tracing === null) return refusals.recording(attempt, carryOut);
    return refusals.recording(attempt, () => tracing.decide(attempt, carryOut));
  }

  /** Whether the read models reached a position in time. */
  reached(position: string, timeoutMs: number): Promise<boolean> {
    return this.projector.whenHandled(position, timeoutMs);
  }

  /** Lets go of everything, in the order in which it is used. */
  async close(): Promise<void> {
    clearInterval(this.#counting);
    await this.refusals.close(Date.now());
    this.provider?.stop();
    await this.sweeps?.stop();
    if (this.telling !== null) await closeTelling(this.telling);
    await this.eraser.stop();
    await this.projector.stop();
    await this.readModels.close();
    await this.store.close();
    await this.tracing?.close();
  }
}

/** What a service tells of while it runs. */
export interface ServiceReports {
  /** What went wrong, and with which projection. */
  readonly onError: OnProjectorError;
  /** Something goes on, and somebody should know of it. */
  readonly onWarning: (message: string) => void;
  readonly onSwept: (outcome: SweepOutcome) => void;
  /** A rebuild of read models that was asked for has switched. */
  readonly onRebuilt: (outcome: RebuildOutcome) => void;
  /** A message to somebody was tried. */
  readonly onDelivery: (delivery: Delivery) => void;
  /** What the store does for this process. */
  readonly observer?: StoreObserver;
}

/**
 * Opens store, read models and key, makes what is missing, and starts the projector. A provider of identities that cannot
 * be reached keeps nothing from starting: it is asked again, and `onError` told.
 * @throws StoreUnavailableError, ReadModelDatabaseError, ReadModelsAheadError, OutboxAheadError, DevelopmentKeyError, OutboxUnusableError; SettingsError for a
 *   file that the settings name and that cannot be used.
 */
export async function openService(settings: Settings, reports: ServiceReports): Promise<Service> {
  const { onError, onDelivery, observer } = reports;
  // Where a later step fails, what is open is closed again, in reverse order.
  const opened = new AsyncDisposableStack();
  try {
    const { provider, tokens } = await verifier(settings, onError);
    const tracing = await openTracing(settings.traces, (message) => {
      onError(message, null);
    });
    opened.defer(() => tracing?.close());
    const watched = await openWatchedStore(settings, tracingAppends(tracing, observer), reports);
    const { store } = watched;
    opened.defer(() => store.close());
    const readModels = withholdingRedacted(await openReadModels(settings.readModels), store);
    opened.defer(() => readModels.close());
    await assertSameLog(store, readModels);
    await withdrawKept(store, readModels, reports);
    const telling = await openTelling(settings, {
      store,
      readModels,
      onDelivery,
      onError: (error) => {
        onError(`People cannot be told of deadlines now: ${messageOf(error)}`, null);
      },
    });
    opened.defer(() => telling?.database.close());
    const projecting = projectorReports(reports, tracing);
    const projector = await startProjector(settings, store, readModels, projecting);
    opened.defer(() => projector.stop());
    const eraser = startEraser(store, readModels, onError);
    opened.defer(() => eraser.stop());
    const swept = { store, database: readModels, projector, tracing };
    const sweeps = sweepSchedule(settings, swept, reports);
    opened.defer(() => sweeps?.stop());
    const commands = commandHandler(store);
    const refusals = new RefusalRecorder(store, (message) => {
      onError(message, null);
    });
    await provider?.start();
    return new Service({
      ...watched,
      commands,
      refusals,
      people: new People(store),
      readModels,
      tokens,
      provider,
      projector,
      eraser,
      sweeps,
      telling,
      publicUrl: settings.publicUrl ?? telling?.baseUrl ?? null,
      tracing,
    });
  } catch (error) {
    await opened.disposeAsync().catch((trouble: unknown) => {
      onError(`What was opened could not be closed: ${messageOf(trouble)}`, null);
    });
    throw error;
  }
}

/** Withdraws what was withdrawn in a log that was lost and this one has by now, before anybody is shown it. */
async function withdrawKept(
  store: EventStore,
  database: ReadModelDatabase,
  { onWarning }: ServiceReports,
): Promise<void> {
  const by = { lifecycles, actor: STARTER, now: Date.now() };
  for (const line of withdrawnLines(await withdrawAgain(store, database, by, { isLost: false })))
    onWarning(line);
}

/** Opens the store, made where there is none, and what watches over it. */
async function openWatchedStore(
  settings: Settings,
  observer: StoreObserver | undefined,
  { onError, onWarning }: ServiceReports,
): Promise<Pick<Service, 'store' | 'appends' | 'damage' | 'clock'>> {
  const appends = new AppendHealth({
    onFailing: (reason, failed) => {
      onError(`Events cannot be appended (${failed} times since this was last told): ${reason}`, null);
    },
    onRecovered: () => {
      onWarning('Events can be appended again');
    },
  });
  const opened = await openOrMakeStore(settings, watchingAppends(appends, observer));
  const damage = new StoreDamage(opened, (message) => {
    onError(message, null);
  });
  const store = watchedForDamage(opened, (error) => {
    damage.note(error);
  });
  try {
    const clock = await LogClock.of(store);
    if (clock.trouble !== null) onWarning(clock.trouble);
    return { store, appends, damage, clock };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Read models whose queries show nothing that is redacted, however far behind their rows are. */
function withholdingRedacted(database: ReadModelDatabase, store: EventStore): ReadModelDatabase {
  const notFolded = new RedactionsNotFolded(store);
  return { ...database, redactionsAfter: (position) => notFolded.after(position) };
}

/** Starts the eraser of what is redacted. */
function startEraser(store: EventStore, database: ReadModelDatabase, onError: OnProjectorError): Eraser {
  const told = seldom((message) => {
    onError(message, null);
  });
  const eraser = new Eraser({
    store,
    database,
    projections: PROJECTION_NAMES,
    onError: (error) => {
      told(`Redacted text is still to be erased: ${messageOf(error)}`);
    },
  });
  eraser.start();
  return eraser;
}

const projectorReports = (
  { onError, onRebuilt, observer }: ServiceReports,
  tracing: Tracing | null,
): ProjectorReports => ({
  onError,
  onRebuilt,
  onProjected:
    tracing &&
    ((batch) => {
      tracing.projected(batch);
    }),
  onDropped: (reason) => observer?.subscriptionDropped(reason),
});

/** Starts the projector: in a thread of its own, but where that could not see the store. */
async function startProjector(
  { store: address, readModels }: Settings,
  store: EventStore,
  database: ReadModelDatabase,
  reports: ProjectorReports,
): Promise<Projector> {
  if (readModels.kind === 'memory') return startProjectorInProcess(store, database, reports);
  return startProjectorThread({ store: address, readModels }, database, reports);
}

/** The sweeps of this process; null where it makes none. */
function sweepSchedule(
  { sweep: schedule }: Settings,
  swept: Pick<SweepScheduleOptions, 'store' | 'database' | 'projector' | 'tracing'>,
  { onError, onSwept }: Pick<ServiceReports, 'onError' | 'onSwept'>,
): SweepSchedule | null {
  if (schedule === null) return null;
  return new SweepSchedule({
    ...swept,
    schedule,
    actor: SWEEPER,
    onSwept,
    onError: (error) => {
      onError(`The deadlines could not be swept: ${messageOf(error)}`, null);
    },
  });
}

/** Who says whether a token holds: the provider that is named, else the development key. */
async function verifier(
  { provider: named, developmentKey }: Settings,
  onError: OnProjectorError,
): Promise<Pick<Service, 'provider' | 'tokens'>> {
  if (named === null) {
    const key = await loadOrCreateDevelopmentKey(developmentKey);
    return { provider: null, tokens: new TokenVerifier(developmentIssuer(key)) };
  }
  const provider = new OpenIdProvider(named, (message) => {
    onError(message, null);
  });
  return { provider, tokens: new TokenVerifier(provider) };
}
