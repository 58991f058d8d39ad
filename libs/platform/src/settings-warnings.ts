import { nearest } from '#lifecycle/nearest';

/** The settings that programs of this version read. */
export const SETTINGS = [
  'DOCKET_CHECKPOINT_KEY',
  'DOCKET_CHECKPOINTS',
  'DOCKET_DEVELOPMENT_KEY',
  'DOCKET_LOG_LEVEL',
  'DOCKET_LOG_ORIGIN',
  'DOCKET_OIDC_AUDIENCE',
  'DOCKET_OIDC_CLIENT_ID',
  'DOCKET_OIDC_CLIENT_SECRET_FILE',
  'DOCKET_OIDC_ISSUER',
  'DOCKET_OIDC_PARAMETERS',
  'DOCKET_OWN_ORGANISATIONS',
  'DOCKET_PUBLIC_URL',
  'DOCKET_RATE_LIMIT',
  'DOCKET_READ_MODELS',
  'DOCKET_SESSION_KEY',
  'DOCKET_SMTP',
  'DOCKET_STORE',
  'DOCKET_SWEEP',
  'DOCKET_TIMESTAMP_URL',
  'DOCKET_WEBHOOK_NETWORKS',
  'DOCKET_WITNESSES',
] as const;

/** Returns warnings about variables that look like settings but have no effect, with suggestions. */
export function settingsWarnings(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env)
    .filter((name) => /^DOCKET_/i.test(name) && !isSetting(name))
    .map((name) => `${name} is not a setting of this version${didYouMean(nearest(name, SETTINGS))}`);
}

const isSetting = (name: string): boolean => (SETTINGS as readonly string[]).includes(name);

const didYouMean = (name: string | null): string =>
  name === null ? '; it has no effect' : `; it has no effect. Did you mean ${name}?`;
