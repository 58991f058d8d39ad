import type { KeyObject } from 'node:crypto';
import type { Machine } from './steady-clock.ts';
import type { Random } from '#event-sourcing/random';
import { OpenIdProvider } from '#identity/openid-provider';
import { ProviderSignIn } from '#identity/provider-sign-in';
import { Sessions } from '#identity/sessions';
import { developmentIssuer, TokenVerifier } from '#identity/tokens';
import type { EventStore } from '#event-sourcing/event-store';
import { messageOf } from '#event-sourcing/errors';
import type { Past } from '#lives/past';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { lifecycles } from '#state-machines/lifecycles';
import type { Bodies } from '#use-cases/bodies/bodies';
import type { People } from '#use-cases/people/people';
import type { OnRuleFailed } from '#lifecycle/allowed-commands';
import type { LogPages } from '#use-cases/log/filter-log';
import { Eraser } from '#use-cases/records/eraser';
import { KnownHistories } from '#use-cases/records/known-histories';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { AccessRecorder } from '#use-cases/audit-trail/record-access';
import { RefusalRecorder } from '#use-cases/audit-trail/record-refusal';
import type { LogSigning } from './checkpoints/log-signing.ts';
import { loadOrCreateDevelopmentKey } from './development-key.ts';
import { commandHandler } from './docket.ts';
import { whenFolded } from './projector.ts';
import { throttleRepeats } from './throttle-repeats.ts';
import type { Settings } from './settings.ts';
import type { LogVerifications } from './verification/log-verifications.ts';
import type { WatchedStore } from './watched-store.ts';

/** The path to which the provider redirects after sign-in. */
const SIGNED_IN_PATH = '/sign-in/ended';

/** How often recorders are checked for entries that they left out. */
const LEFT_OUT_MS = 1_000;

/** Returns the key that seals page sessions, and from which webhooks' secrets are derived. */
export const sessionKeyOf = ({ provider, developmentKey, sessionKey }: Settings): Promise<KeyObject> =>
  loadOrCreateDevelopmentKey(provider === null ? developmentKey : sessionKey);

/** The dependencies of the HTTP layer. */
export interface HttpParts extends Omit<WatchedStore, 'store'>, Verifier {
  readonly records: RecordsAccess;
  readonly logPages: LogPages;
  readonly people: People;
  readonly bodies: Bodies;
  readonly signing: LogSigning;
  readonly verifications: LogVerifications;
}

/** Verifies tokens and signs people in. */
export interface Verifier {
  readonly tokens: TokenVerifier;
  /** The provider whose keys verify tokens; null if the development key does. */
  readonly provider: OpenIdProvider | null;
  readonly sessions: Sessions;
  /** Signs people in at the provider; null without a provider, or if sign-in is not configured. */
  readonly signIn: ProviderSignIn | null;
}

/** Opens the configured provider or, without one, the development key. */
export async function openVerifier(
  settings: Settings,
  random: Random,
  onError: (message: string) => void,
): Promise<Verifier> {
  const { provider: named, signIn, publicUrl } = settings;
  if (named === null) {
    const key = await sessionKeyOf(settings);
    const tokens = new TokenVerifier(developmentIssuer(key));
    return { provider: null, tokens, sessions: new Sessions(key, random), signIn: null };
  }
  const provider = new OpenIdProvider(named, onError);
  const tokens = new TokenVerifier(provider);
  const secret = await sessionKeyOf(settings);
  const atProvider =
    signIn === null
      ? null
      : new ProviderSignIn({
          issuer: named.issuer,
          settings: signIn,
          redirectUri: `${publicUrl ?? ''}${SIGNED_IN_PATH}`,
          tokens,
          secret,
        });
  return { provider, tokens, sessions: new Sessions(secret, random), signIn: atProvider };
}

/** Starts the worker that carries out redactions. */
export function startEraser(
  store: EventStore,
  database: ReadModelDatabase,
  onError: (message: string) => void,
): Eraser {
  const report = throttleRepeats(onError);
  const eraser = new Eraser({
    store,
    database,
    onError: (error) => {
      report(`Redacted text could not be erased yet: ${messageOf(error)}`);
    },
  });
  eraser.start();
  return eraser;
}

/** Starts the recorders of refusals and accesses, and the timer that reports what they left out. */
export function startRecorders(
  store: EventStore,
  { clock, random }: Machine,
  onError: (message: string) => void,
) {
  const recorders = {
    refusals: new RefusalRecorder(store, random, onError),
    accesses: new AccessRecorder(store, { clock, random }, onError),
  };
  const allRecorders = Object.values(recorders);
  const counting = clock
    .every(() => {
      for (const recorder of allRecorders) recorder.reportLeftOut(clock.now());
    }, LEFT_OUT_MS)
    .unref();
  return {
    recorders,
    stop: (): void => {
      counting.close();
      for (const recorder of allRecorders) recorder.close();
    },
  };
}

export const recordsAccess = (
  store: EventStore,
  readModels: ReadModelDatabase,
  past: Past,
  eraser: Eraser,
  { refusals, accesses }: ReturnType<typeof startRecorders>['recorders'],
  {
    people,
    random,
    onRuleFailed,
  }: Pick<RecordsAccess, 'random' | 'people'> & { readonly onRuleFailed: OnRuleFailed },
): RecordsAccess => ({
  store,
  random,
  readModels,
  past,
  commands: commandHandler(store, { onRuleFailed }),
  lifecycles,
  histories: new KnownHistories(store, lifecycles),
  people,
  eraser,
  accesses,
  projections: { whenHandled: whenFolded(readModels) },
  attempt: (attempt, carryOut) => refusals.recording(attempt, carryOut),
});
