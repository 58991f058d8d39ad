import { lifecycles } from './lifecycles.ts';

export const commandedLifecycles = lifecycles;

/** The names of all commands, of whichever kind of record. */
export const COMMAND_NAMES: readonly string[] = [
  ...new Set(lifecycles.currents.flatMap(({ commands }) => Object.keys(commands))),
];

/** In which roles a command is given; none for a name that no command has. */
export const rolesFor = (command: string): readonly string[] => [
  ...new Set(lifecycles.currents.flatMap(({ commands }) => commands[command]?.roles ?? [])),
];
