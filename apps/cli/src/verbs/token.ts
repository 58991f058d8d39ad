import { Option } from 'commander';
import { systemClock } from '#event-sourcing/clock';
import { loadOrCreateDevelopmentKey } from '#platform/development-key';
import { parseDuration } from '#identity/duration';
import { InvalidTokenError } from '#identity/identity-errors';
import { issueToken } from '#identity/tokens';
import { COMMAND_LINE_PREFIX, readSettings } from '#platform/settings';
import { SLUG } from '#lifecycle/text-rules';
import { isOfTheRecipient, ROLES, visibleBodies } from '#state-machines/access';
import { isBlank, storeHere, UsageError } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';
import { messageOf } from '#event-sourcing/errors';

interface TokenOptions {
  readonly subject: string;
  readonly role: readonly string[];
  readonly organisation?: readonly string[];
  readonly name?: string;
  readonly expiresIn: string;
}

export const addToken: Verb = (program) => {
  program
    .command('token')
    .description(
      'Print a bearer token for development, signed with the local key, which is created if missing.',
    )
    .requiredOption('--subject <subject>', "the person's opaque and permanent id")
    .addOption(new Option('--role <role...>', "the person's roles").choices([...ROLES]).makeOptionMandatory())
    .option('--organisation <organisation...>', "the slugs of the person's bodies")
    .option('--name <name>', 'the display name')
    .option('--expires-in <duration>', 'such as 30m, 12h or 7d', '12h')
    .action(async ({ subject, role, organisation = [], name, expiresIn }: TokenOptions) => {
      if (isBlank(subject))
        throw new UsageError('--subject is blank. Name the person, for example --subject ann');
      refuseNonSlugs(organisation);
      const { storeOption } = program;
      const store = storeOption === undefined ? process.env['DOCKET_STORE'] : storeHere(storeOption);
      const { developmentKey } = readSettings({
        DOCKET_STORE: store,
        DOCKET_DEVELOPMENT_KEY: process.env['DOCKET_DEVELOPMENT_KEY'],
      });
      const expiresInSeconds = secondsOf(expiresIn);
      const key = await loadOrCreateDevelopmentKey(developmentKey);
      const request = { subject, roles: role, organisations: organisation, expiresInSeconds };
      for (const warning of warningsFor(subject, role, organisation)) program.terminal.warn(warning);
      program.terminal.line(
        await issueToken(key, name === undefined ? request : { ...request, name }, systemClock.now()).catch(
          refuseClaim,
        ),
      );
    });
};

const OPTION_OF: Readonly<Record<string, string>> = {
  sub: '--subject',
  name: '--name',
  organisations: '--organisation',
};

/** @throws UsageError for a token that no service would accept. */
function refuseClaim(error: unknown): never {
  if (!(error instanceof InvalidTokenError)) throw error;
  const { claim, message } = error;
  throw new UsageError(message.replace(`the claim ${claim}`, OPTION_OF[claim ?? ''] ?? '$&'));
}

/** The service rejects a token whose organisations are not slugs. */
export function refuseNonSlugs(organisations: readonly string[]): void {
  const wrong = organisations.find((organisation) => !SLUG.test(organisation));
  if (wrong === undefined) return;
  throw new UsageError(
    `--organisation ${JSON.stringify(wrong)} is not the slug of a body. Use lower-case letters, digits and hyphens, for example ${JSON.stringify(slugOf(wrong))}`,
  );
}

/** Returns warnings about a token that may not be what its maker expects. */
function warningsFor(subject: string, roles: readonly string[], organisations: readonly string[]): string[] {
  const bound = roles.filter(isOfTheRecipient);
  const seesNone = bound.length > 0 && visibleBodies({ roles, organisations })?.length === 0;
  return [
    ...(seesNone ? [`without --organisation, a ${bound.join(' and ')} sees no records`] : []),
    ...(subject.startsWith(COMMAND_LINE_PREFIX)
      ? [
          `the subject ${subject} cannot be distinguished from a user of the command line, because it begins with ${COMMAND_LINE_PREFIX}`,
        ]
      : []),
  ];
}

/** Returns the slug that was probably meant, or an example if there is none. */
const slugOf = (organisation: string): string =>
  organisation
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63) || 'wiltshire';

function secondsOf(duration: string): number {
  try {
    return parseDuration(duration);
  } catch (error) {
    throw new UsageError(`--expires-in ${duration}: ${messageOf(error)}`);
  }
}
