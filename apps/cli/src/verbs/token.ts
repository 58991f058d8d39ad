import { Option } from 'commander';
import { loadOrCreateDevelopmentKey } from '../../../../libs/identity/src/development-key.ts';
import { parseDuration } from '../../../../libs/identity/src/duration.ts';
import { issueToken } from '../../../../libs/identity/src/tokens.ts';
import { DEFAULT_DEVELOPMENT_KEY } from '../../../../libs/platform/src/settings.ts';
import { ROLES } from '../../../../state-machines/inspection-recommendation/v1/policy.ts';
import { UsageError } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';
import { messageOf } from '../../../../libs/event-sourcing/src/errors.ts';

interface TokenOptions {
  readonly subject: string;
  readonly role: readonly string[];
  readonly organisation?: readonly string[];
  readonly name?: string;
  readonly expiresIn: string;
}

export const addToken: Verb = (program, terminal) => {
  program
    .command('token')
    .description(
      'Print a bearer token for development, signed with the local key; the key is made where there is none.',
    )
    .requiredOption('--subject <subject>', 'who it speaks for; opaque, and the same for one person always')
    .addOption(new Option('--role <role...>', 'what they may do').choices([...ROLES]).makeOptionMandatory())
    .option('--organisation <organisation...>', "the bodies that they belong to: a recipient's slug each")
    .option('--name <name>', 'for people to read')
    .option('--expires-in <duration>', 'such as 30m, 12h or 7d', '12h')
    .action(async ({ subject, role, organisation = [], name, expiresIn }: TokenOptions) => {
      const key = await loadOrCreateDevelopmentKey(
        process.env['DOCKET_DEVELOPMENT_KEY'] ?? DEFAULT_DEVELOPMENT_KEY,
      );
      const expiresInSeconds = secondsOf(expiresIn);
      const request = { subject, roles: role, organisations: organisation, expiresInSeconds };
      terminal.line(await issueToken(key, name === undefined ? request : { ...request, name }));
    });
};

function secondsOf(duration: string): number {
  try {
    return parseDuration(duration);
  } catch (error) {
    throw new UsageError(`--expires-in ${duration}: ${messageOf(error)}`);
  }
}
