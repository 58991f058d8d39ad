import { Option } from 'commander';
import { systemRandom } from '#event-sourcing/random';
import { ROLES } from '#state-machines/access';
import { validatePayload } from '#lifecycle/validate-payload';
import { enterAs, EnterPersonPayload } from '#use-cases/people/administer-people';
import { People } from '#use-cases/people/people';
import { checkUsage } from '../verb-context.ts';
import type { CommandLine, Verb } from '../verb-context.ts';
import { refuseNonSlugs } from './token.ts';

interface EnterOptions {
  readonly role: readonly string[];
  readonly organisation: readonly string[];
  readonly json?: true;
}

export const addPeople: Verb = (program) => {
  program
    .command('people')
    .description('Add people before their first sign-in.')
    .command('enter')
    .argument('<subject>', "the subject of the person's future token")
    .argument('<name>', "the person's name")
    .addOption(new Option('--role <role...>', "the person's roles").choices([...ROLES]).default([], 'none'))
    .addOption(
      new Option('--organisation <organisation...>', "the slugs of the person's bodies").default([], 'none'),
    )
    .description(
      'Add a person before their first sign-in, so that they can be assigned as an owner. This grants no rights: those come from tokens.',
    )
    .option('--json', 'one JSON value on standard output')
    .action(async (subject: string, name: string, { role, organisation, json }: EnterOptions) => {
      refuseNonSlugs(organisation);
      const person = { subject, name, roles: role, organisations: organisation };
      checkUsage(() => validatePayload(EnterPersonPayload, person));
      const isNew = await enter(program, person);
      if (json) program.terminal.json({ outcome: isNew ? 'entered' : 'unchanged', ...person });
      else program.terminal.line(`${subject}: ${isNew ? `added as ${name}` : `already known as ${name}`}`);
    });
};

/** Returns whether anything was recorded. */
const enter = (program: CommandLine, person: object): Promise<boolean> =>
  program.withStoreToAppend(async (opened) => {
    const { store, clock } = await program.guardSameLog(opened);
    const call = program.callAt(clock.now());
    return (await enterAs(new People(store, systemRandom), person, call)).position !== null;
  });
