import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import type { Machine } from './steady-clock.ts';
import { thisMachine } from './steady-clock.ts';
import { systemClock } from '#event-sourcing/clock';
import { messageOf } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import type { StoreObserver } from '#event-sourcing/store-observer';
import type { Delivery } from '#notifications/deliver-messages';
import type { Past } from '#lives/past';
import { pastHere } from '#lives/past';
import { PastReader } from '#lives/past-reader';
import { unsubscribingKey } from '#identity/sessions';
import { webhookSecret } from '#notifications/webhooks/webhook-receiver';
import { openReadModels } from '#projections/open-read-models';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { assertSameLog } from '#projections/same-log';
import { Bodies } from '#use-cases/bodies/bodies';
import type { LogPages } from '#use-cases/log/filter-log';
import { pagesOf } from '#use-cases/log/filter-log';
import { People } from '#use-cases/people/people';
import type { SweepOutcome } from '#use-cases/records/sweep-deadlines';
import { SWEEPER } from '#use-cases/records/sweep-deadlines';
import type { WebhooksAccess } from '#use-cases/webhooks/administer-webhooks';
import { Webhooks } from '#use-cases/webhooks/webhooks';
import { openVerifier, recordsAccess, sessionKeyOf, startEraser, startRecorders } from './http-parts.ts';
import type { HttpParts, Verifier } from './http-parts.ts';
import { openMessaging } from './notifications.ts';
import type { Messaging } from './notifications.ts';
import type { CheckedClock } from './checked-clock.ts';
import { CheckpointSchedule } from './checkpoints/checkpoint-schedule.ts';
import { LogSigning } from './checkpoints/log-signing.ts';
import { Heartbeat } from './heartbeat.ts';
import { LogPageThreads } from './log-page-threads.ts';
import { PastThread } from './past-thread.ts';
import { startProjectorInProcess, startProjectorThread } from './projector.ts';
import { PROJECTIONS } from './projections.ts';
import type { Projector } from './projector.ts';
import type { Settings } from './settings.ts';
import { throttleRepeats } from './throttle-repeats.ts';
import { fileOf, outlivesProcess } from './stores.ts';
import { SweepSchedule } from './sweep.ts';
import { LogVerifications } from './verification/log-verifications.ts';
import { openGuardedStore, openWatchedStore } from './watched-store.ts';
import type { WatchedStore } from './watched-store.ts';
import type { GuardReports } from './write-guard.ts';

/** The tasks that a process performs. */
export interface NodeWork<Http extends boolean = boolean> {
  /** Whether to serve requests, which also creates a missing store, verifies tokens and carries out redactions. */
  readonly http: Http;
  /** Whether to keep every read model at the end of the log. */
  readonly project: boolean;
  /** When to sweep deadlines: a cron expression in London's time; null for never. */
  readonly sweep: string | null;
  /** When to sign the log, if the process serves requests: a cron expression in London's time; null for never. */
  readonly checkpoints: string | null;
}

/** A node's reports while it runs. */
export interface NodeReports extends GuardReports {
  /** Called with the name of a failed task and the reason. The task is retried. */
  readonly onFailure: (what: string, error: unknown) => void;
  /** Called when the projector fails. It retries. */
  readonly onProjectorError: (message: string) => void;
  readonly onSwept: (outcome: SweepOutcome) => void;
  /** Called after each attempt to deliver a message. */
  readonly onDelivery: (delivery: Delivery) => void;
  /** Called when the store is open, before anything else is opened. */
  readonly onStoreOpened?: () => Promise<void>;
  /** Observes this process's calls of the store. */
  readonly observer?: StoreObserver;
}

/** A process of an installation, open but not started. */
export interface DocketNode<Http extends boolean = boolean> {
  readonly store: EventStore;
  readonly readModels: ReadModelDatabase;
  /** Null if this process does not serve requests. */
  readonly http: Http extends true ? HttpParts : HttpParts | null;
  /** Null if this process folds no read models. */
  readonly projector: Projector | null;
  /** Null if this process does not sweep. */
  readonly sweeps: SweepSchedule | null;
  /** Null if this process does not sign on a schedule. */
  readonly checkpoints: CheckpointSchedule | null;
  readonly messaging: Messaging;
  readonly webhooks: WebhooksAccess;
  /** The source of time and random numbers. */
  readonly machine: Machine;
  /** The start of published addresses; null if not configured. */
  readonly publicUrl: string | null;
  /** The organisations of the inspectorate's own people. */
  readonly ownOrganisations: readonly string[];
  /** Starts notifications, sweeps and heartbeats. */
  start(): void;
  /** Closes everything in reverse order of opening. */
  close(): Promise<void>;
}

/**
 * Opens the store, the read models and the key (each created if missing), and starts the projector. An unreachable identity provider does
 * not prevent the start: it is retried, and `onError` is called.
 * @throws StoreUnavailableError, ReadModelDatabaseError, ReadModelsAheadError, OutboxAheadError, KeyFileError,
 * OutboxUnusableError; SettingsError for a configured file that cannot be used
 */
export async function openNode<Http extends boolean>(
  settings: Settings,
  reports: NodeReports,
  work: NodeWork<Http>,
  machine: Machine = thisMachine,
): Promise<DocketNode<Http>> {
  // Closed in reverse order, even if a later step fails.
  const opened = new AsyncDisposableStack();
  try {
    const verifier = work.http ? await openVerifier(settings, machine.random, reports.onError) : null;
    const stores = await openStores(settings, reports, work, machine, opened);
    const { store, readModels } = stores;
    const { recorders, messaging, webhooks } = await openMessages(settings, stores, reports, opened);
    const projector = work.project ? await startProjector(settings, stores, reports) : null;
    opened.defer(() => projector?.stop());
    const http = verifier && openHttp(settings, { verifier, recorders }, stores, reports, opened);
    opened.defer(() => messaging.notifier.stop());
    const sweeps = sweepSchedule(work, stores, projector, reports);
    opened.defer(() => sweeps?.stop());
    const checkpoints = http && checkpointSchedule(work, http, machine, reports);
    opened.defer(() => checkpoints?.stop());
    opened.defer(() => http?.provider?.stop());
    await http?.provider?.start();
    const kind = work.http ? 'server' : 'scheduler';
    const heartbeat = new Heartbeat(readModels, kind, machine, reports.onWarning);
    opened.defer(() => heartbeat.stop());
    return {
      store,
      readModels,
      http: http as DocketNode<Http>['http'],
      projector,
      sweeps,
      checkpoints,
      messaging,
      webhooks,
      machine,
      publicUrl: settings.publicUrl,
      ownOrganisations: settings.ownOrganisations,
      start() {
        heartbeat.start();
        messaging.notifier.start();
        sweeps?.start();
        checkpoints?.start();
      },
      close: async () => opened.disposeAsync(),
    };
  } catch (error) {
    // Async, because the polyfill of Node 22 returns no promise if nothing is open.
    await (async () => opened.disposeAsync())().catch((trouble: unknown) => {
      reports.onError(`Resources could not be closed: ${messageOf(trouble)}`);
    });
    throw error;
  }
}

/** The log and its read models. */
interface OpenStores {
  readonly store: EventStore;
  readonly readModels: ReadModelDatabase;
  readonly machine: Machine;
  readonly clock: CheckedClock;
  /** The store with its monitors; null if this process does not serve requests. */
  readonly watched: WatchedStore | null;
}

async function openStores(
  settings: Settings,
  reports: NodeReports,
  { http }: NodeWork,
  machine: Machine,
  opened: AsyncDisposableStack,
): Promise<OpenStores> {
  const watched = http ? await openWatchedStore(settings, reports.observer, reports, machine) : null;
  const { store, clock } = watched ?? (await openGuardedStore(settings, reports.observer, reports, machine));
  opened.defer(() => store.close());
  await reports.onStoreOpened?.();
  const readModels = checkingRedactions(
    await openReadModels(settings.readModels, PROJECTIONS, reports.onWarning),
    store,
  );
  opened.defer(() => readModels.close());
  await assertSameLog(store, readModels);
  return { store, readModels, machine, clock, watched };
}

/** Returns read models that are not read while they lack a redaction of the log. */
const checkingRedactions = (database: ReadModelDatabase, store: EventStore): ReadModelDatabase => ({
  ...database,
  redactionAfter: async (after) => (await store.redactions({ after, limit: 1 }))[0]?.position ?? null,
});

/** Starts the projector: on its own thread, unless that could not read the store. */
async function startProjector(
  { store: address, readModels }: Settings,
  { store, readModels: database }: OpenStores,
  { onProjectorError: onError, observer }: NodeReports,
): Promise<Projector> {
  const reports = {
    onError,
    onDropped: observer ? observer.subscriptionDropped.bind(observer) : () => undefined,
  };
  if (!outlivesProcess(readModels)) return startProjectorInProcess(store, database, reports);
  return startProjectorThread({ store: address, readModels }, database, reports);
}

/** Opens the notifier and its outbox. */
async function openMessages(
  settings: Settings,
  stores: OpenStores,
  reports: NodeReports,
  opened: AsyncDisposableStack,
) {
  const { store, readModels, machine, clock } = stores;
  const { recorders, stop } = startRecorders(store, machine, reports.onError);
  opened.defer(stop);
  const hooks = openSecrets(settings, store, machine);
  const messaging = await openMessaging(settings, {
    ...{ store, readModels, machine, ...hooks },
    accesses: recorders.accesses,
    isTimeKnown: () => clock.trouble() === null,
    onDelivery: reports.onDelivery,
    onError: (error) => {
      reports.onFailure('Messages cannot be sent now', error);
    },
  });
  opened.defer(() => messaging.database.close());
  return { recorders, messaging, webhooks: { ...hooks, outbox: messaging.database } };
}

/** Opens the webhooks, and the keys that sign their messages and unsubscribe links. */
function openSecrets(settings: Settings, store: EventStore, { random }: Machine) {
  let key: ReturnType<typeof sessionKeyOf> | null = null;
  return {
    webhooks: new Webhooks(store, random),
    networks: settings.webhookNetworks,
    // Read on first use, because most processes have no webhooks.
    async secretOf(webhookId: string) {
      key ??= sessionKeyOf(settings);
      return webhookSecret(await key, webhookId);
    },
    async unsubscribingKey() {
      key ??= sessionKeyOf(settings);
      return unsubscribingKey(await key);
    },
  };
}

interface HttpSources extends Pick<ReturnType<typeof startRecorders>, 'recorders'> {
  readonly verifier: Verifier;
}

function openHttp(
  settings: Settings,
  { verifier, recorders }: HttpSources,
  { store, watched, readModels, machine }: OpenStores,
  reports: NodeReports,
  opened: AsyncDisposableStack,
): HttpParts | null {
  if (watched === null) return null;
  const { store: _, ...guards } = watched;
  const eraser = startEraser(store, readModels, reports.onError);
  opened.defer(() => eraser.stop());
  const { random } = machine;
  const people = new People(store, random);
  const past = openPast(settings.store, store, reports, opened);
  const records = recordsAccess(store, readModels, past, eraser, recorders, {
    ...{ people, random },
    onRuleFailed: (what, error) => {
      reports.onError(`${what}: ${messageOf(error)}`);
    },
  });
  const signing = new LogSigning({
    settings,
    ...machine,
    store,
    database: readModels,
    onError: reports.onError,
  });
  opened.defer(() => {
    signing.close();
  });
  return {
    ...verifier,
    ...guards,
    records,
    logPages: openLogPages(settings.store, watched, reports, opened),
    people,
    bodies: new Bodies(store, random),
    signing,
    verifications: openVerifications(settings.store, { store, readModels, machine }, reports, opened),
  };
}

/** The time after which the past is read, so that it delays neither the start nor a later view. */
const PAST_READ_AFTER_MS = 10_000;

/** Opens the answers about the past: on a thread, unless that could not read the store. */
function openPast(
  address: Settings['store'],
  store: EventStore,
  { onWarning }: NodeReports,
  opened: AsyncDisposableStack,
): Past {
  if (!outlivesProcess(address)) return pastHere(new PastReader(store));
  const thread = new PastThread(address, throttleRepeats(onWarning));
  opened.defer(() => thread.close());
  const reading = systemClock
    .after(() => {
      thread.ask('prepare', {}).catch(() => undefined);
    }, PAST_READ_AFTER_MS)
    .unref();
  opened.defer(() => {
    reading.close();
  });
  return thread;
}

function openVerifications(
  address: Settings['store'],
  { store, readModels: database, machine }: Pick<OpenStores, 'store' | 'readModels' | 'machine'>,
  { onError }: NodeReports,
  opened: AsyncDisposableStack,
): LogVerifications {
  const verifications = new LogVerifications({ address, store, random: machine.random, database, onError });
  opened.defer(() => verifications.stop());
  return verifications;
}

/** Opens a reader of the log's pages: on other threads, if the log is in a file that they can open. */
function openLogPages(
  address: Settings['store'],
  { store, damage }: WatchedStore,
  { onWarning }: NodeReports,
  opened: AsyncDisposableStack,
): LogPages {
  const path = fileOf(address);
  if (path === null) return pagesOf(store);
  const threads = new LogPageThreads(path, {
    met: (error) => {
      damage.note(error);
    },
    onReplaced: throttleRepeats(onWarning),
  });
  opened.defer(() => threads.close());
  return threads;
}

function sweepSchedule(
  { sweep: schedule }: NodeWork,
  { store, readModels: database, machine, clock }: OpenStores,
  projector: Projector | null,
  { onFailure, onSwept }: NodeReports,
): SweepSchedule | null {
  if (schedule === null) return null;
  return new SweepSchedule({
    ...{ store, database, projector, machine, clock },
    schedule,
    actor: SWEEPER,
    onSwept,
    onError: (error) => {
      onFailure('The deadlines could not be swept', error);
    },
  });
}

function checkpointSchedule(
  { checkpoints: schedule }: NodeWork,
  { signing }: HttpParts,
  machine: Machine,
  { onFailure }: NodeReports,
): CheckpointSchedule | null {
  if (schedule === null) return null;
  const onError = (error: unknown): void => {
    onFailure('The log could not be signed', error);
  };
  return new CheckpointSchedule({ signing, machine, schedule, onError });
}
