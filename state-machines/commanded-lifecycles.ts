import { Lifecycles, withCommands } from '#lifecycle/lifecycles';
import type { CommandedLifecycle } from '#lifecycle/lifecycles';
import { earlierDefinitions, inspectionRecommendation } from './inspection-recommendation/v1/lifecycle.ts';
import { issue } from './inspection-recommendation/v1/issue.ts';
import { commands } from './inspection-recommendation/v1/policy.ts';
import { words } from './inspection-recommendation/words.ts';
import { lifecycles } from './lifecycles.ts';

/** The lifecycles of `lifecycles.ts`, each with the commands that records under it take. */
export const commandedLifecycles = new Lifecycles<unknown, CommandedLifecycle>(
  ...[...earlierDefinitions, inspectionRecommendation].map((each) =>
    withCommands(each, { commands, issue, words }),
  ),
);

/** The names of all commands, of whichever kind of record. */
export const COMMAND_NAMES: readonly string[] = [
  ...new Set(commandedLifecycles.currents.flatMap(({ commands }) => Object.keys(commands))),
];

/** In which roles a command is given; none for a name that no command has. */
export const rolesFor = (command: string): readonly string[] => [
  ...new Set(commandedLifecycles.currents.flatMap(({ commands }) => commands[command]?.roles ?? [])),
];

for (const { reference } of lifecycles.all)
  if (commandedLifecycles.find(reference) === null)
    throw new Error(`No commands are listed for ${reference.name} v${reference.version}`);
