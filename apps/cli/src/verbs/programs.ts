import { fileURLToPath } from 'node:url';
import { EXIT } from '#platform/exit-codes';
import { storeHere } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

/** Returns a verb that runs another program of the package in this process. The program reads its settings from the environment. */
const programVerb =
  (name: string, path: string, description: string, notes = ''): Verb =>
  (program) => {
    const verb = program.command(name).description(description).addHelpText('after', notes);
    verb.action(async () => {
      const { store } = program.opts<{ store?: string }>();
      if (store !== undefined) process.env['DOCKET_STORE'] = storeHere(store);
      const main = new URL(`../../../${path}.js`, import.meta.url);
      process.argv.splice(1, Infinity, fileURLToPath(main));
      await import(main.href);
      program.terminal.exitCode = Number(process.exitCode ?? EXIT.done);
    });
  };

export const addServe = programVerb(
  'serve',
  'server/src/main',
  'Run the service: the API, the pages, and the sweep of deadlines.',
  '\nSet PORT and HOST to choose its address (default: 127.0.0.1:3000). docs/configuration.md lists all settings.',
);

export const addScheduler = programVerb(
  'scheduler',
  'scheduler/src/main',
  'Run the scheduler: the sweep of deadlines and the notifications, without the API and the pages.',
);

export const addDemo = programVerb(
  'demo',
  'server/src/demo',
  'Run the service on a temporary store with a ten-year sample register.',
  '\nSet PORT to choose its port (default: 3000, or another free port if it is in use).',
);
