import type { Command } from 'commander';
import { systemRandom } from '#event-sourcing/random';
import { EXIT } from '#platform/exit-codes';
import { openOrMakeStore } from '#platform/open-or-make-store';
import { Bodies } from '#use-cases/bodies/bodies';
import { readBodies } from '#use-cases/bodies/read-bodies';
import { ProblemError } from '#use-cases/problems';
import { readOptionText } from '../read-limited.ts';
import type { Terminal } from '../terminal.ts';
import { errorLine, describeError } from '../describe-error.ts';
import { actorOf, guardSameLog, settingsOf } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

const FILE = {
  option: 'import',
  expected: 'a CSV file with the header slug,name,kind',
  bytesMax: 1024 * 1024,
};

export const addBodies: Verb = (program, terminal) => {
  program
    .command('bodies')
    .description('Manage the names of public bodies.')
    .command('import')
    .argument('<file>', 'a CSV file with the header slug,name,kind')
    .description(
      'Import names of bodies from a file: either all of them or none. Names that are already known are skipped.',
    )
    .option('--json', 'one JSON value on standard output')
    .action(async (file: string, { json }: { json?: true }) => {
      const text = await readOptionText(file, FILE);
      try {
        const summary = await nameBodies(program, terminal, text);
        if (json) terminal.json({ file, ...summary });
        else
          terminal.line(
            `${file}: ${summary.bodies} ${summary.bodies === 1 ? 'body' : 'bodies'}, ${summary.named} new ${summary.named === 1 ? 'name' : 'names'}`,
          );
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        terminal.exitCode = EXIT.refused;
        if (json) terminal.json({ file, outcome: 'refused', ...describeError(error) });
        else terminal.error(`${file}: refused: ${errorLine(describeError(error))}`);
      }
    });
};

async function nameBodies(program: Command, terminal: Terminal, text: string) {
  const bodies = readBodies(text);
  const opened = await openOrMakeStore(settingsOf(program));
  try {
    const { store, clock } = await guardSameLog(program, terminal, opened);
    const call = { actor: actorOf(program), now: clock.now(), correlationId: systemRandom.uuid() };
    const news = await new Bodies(store, systemRandom).name(bodies, call);
    return {
      outcome: news.length === 0 ? 'unchanged' : 'imported',
      bodies: bodies.length,
      named: news.length,
    };
  } finally {
    await opened.close();
  }
}
