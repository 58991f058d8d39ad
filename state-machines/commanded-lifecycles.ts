import type { CommandTable } from '#lifecycle/decide';
import type { Lifecycle } from '#lifecycle/lifecycle';
import { Lifecycles } from '#lifecycle/lifecycles';
import type { CommandedLifecycle } from '#lifecycle/lifecycles';
import { earlierDefinitions, inspectionRecommendation } from './inspection-recommendation/v1/lifecycle.ts';
import { commands } from './inspection-recommendation/v1/policy.ts';
import { lifecycles } from './lifecycles.ts';

/** Versions whose records take the same commands. */
const withCommands = <Facts>(
  commands: CommandTable<Facts>,
  ...versions: readonly Lifecycle<Facts>[]
): readonly CommandedLifecycle[] =>
  versions.map((each): CommandedLifecycle<Facts> => ({ ...each, commands }));

/** The lifecycles of `lifecycles.ts`, each with the commands that records under it take. */
export const commandedLifecycles = new Lifecycles<unknown, CommandedLifecycle>(
  ...withCommands(commands, ...earlierDefinitions, inspectionRecommendation),
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
