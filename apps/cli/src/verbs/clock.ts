import { systemRandom } from '#event-sourcing/random';
import { EXIT } from '#platform/exit-codes';
import type { Verb } from '../verb-context.ts';

const HELP = `
Docket does not trust a machine's clock if it jumped while a process ran, or if the log has events in the future. The machine's
processes then record nothing. They continue when the clock is correct again, or after --confirm. A confirmation applies to every
process whose clock agrees with this machine's, including running ones.

Exit codes: 0 the clock is trusted, 1 it is not.`;

export const addClock: Verb = (program) => {
  program
    .command('clock')
    .description("Check whether this machine's clock agrees with the log, or confirm that it is correct.")
    .option('--confirm', 'record that the clock is now correct, even if it disagrees with the log')
    .option('--json', 'one JSON value on standard output')
    .addHelpText('after', HELP)
    .action(async ({ confirm = false, json }: { confirm?: boolean; json?: true }) => {
      await program.withStore(
        async (unguarded) => {
          const { clock } = await program.guardStore(unguarded);
          if (confirm) await clock.confirm({ actor: program.actor, correlationId: systemRandom.uuid() });
          const report = { now: new Date(clock.now()).toISOString(), jump: clock.jump, confirmed: confirm };
          if (report.jump !== null) program.terminal.exitCode = EXIT.refused;
          if (json) program.terminal.json(report);
          else if (report.jump !== null) program.terminal.error(report.jump);
          else
            program.terminal.line(
              `${report.now}: ${confirm ? 'confirmed and recorded' : 'agrees with the log'}`,
            );
        },
        { readOnly: !confirm },
      );
    });
};
