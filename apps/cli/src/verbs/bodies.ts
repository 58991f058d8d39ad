import { systemRandom } from '#event-sourcing/random';
import { EXIT } from '#platform/exit-codes';
import { openOrMakeStore } from '#platform/open-or-make-store';
import { Bodies } from '#use-cases/bodies/bodies';
import { readBodies } from '#use-cases/bodies/read-bodies';
import { ProblemError } from '#use-cases/problems';
import { readOptionText } from '../read-limited.ts';
import { errorLine, describeError } from '../describe-error.ts';
import type { CommandLine, Verb } from '../verb-context.ts';

const FILE = {
  option: 'import',
  expected: 'a CSV file with the header slug,name,kind',
  bytesMax: 1024 * 1024,
};

export const addBodies: Verb = (program) => {
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
        const summary = await nameBodies(program, text);
        if (json) program.terminal.json({ file, ...summary });
        else
          program.terminal.line(
            `${file}: ${summary.bodies} ${summary.bodies === 1 ? 'body' : 'bodies'}, ${summary.named} new ${summary.named === 1 ? 'name' : 'names'}`,
          );
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        program.terminal.exitCode = EXIT.refused;
        if (json) program.terminal.json({ file, outcome: 'refused', ...describeError(error) });
        else program.terminal.error(`${file}: refused: ${errorLine(describeError(error))}`);
      }
    });
};

async function nameBodies(program: CommandLine, text: string) {
  const bodies = readBodies(text);
  const opened = await openOrMakeStore(program.settings);
  try {
    const { store, clock } = await program.guardSameLog(opened);
    const call = program.callAt(clock.now());
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
