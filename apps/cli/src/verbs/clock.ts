import { systemRandom } from '#event-sourcing/random';
import { EXIT } from '#platform/exit-codes';
import { actorOf, guarded, withStore } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

const HELP = `
While the clock of a machine is not trusted, its processes record nothing: it jumped while one of them ran, or the log holds events of the future.
They go on when it is right again, or when somebody confirms that it is right now. What --confirm records is for every process whose clock agrees
with this machine's, also for those that run: each sees it by itself.

Exit codes: 0 the clock is trusted, 1 it is not.`;

export const addClock: Verb = (program, terminal) => {
  program
    .command('clock')
    .description("Say whether this machine's clock agrees with the log, and confirm that it is right.")
    .option('--confirm', 'record that the clock is right now, whatever the log says')
    .option('--json', 'one JSON value on standard output')
    .addHelpText('after', HELP)
    .action(async ({ confirm = false, json }: { confirm?: boolean; json?: true }) => {
      await withStore(
        program,
        async (unguarded) => {
          const { clock } = await guarded(program, terminal, unguarded);
          if (confirm) await clock.confirm({ actor: actorOf(program), correlationId: systemRandom.uuid() });
          const told = { now: new Date(clock.now()).toISOString(), jump: clock.jump, confirmed: confirm };
          if (told.jump !== null) terminal.exitCode = EXIT.refused;
          if (json) terminal.json(told);
          else if (told.jump !== null) terminal.error(told.jump);
          else
            terminal.line(`${told.now}: ${confirm ? 'confirmed, and on record' : 'the log agrees with it'}`);
        },
        { create: false, readOnly: !confirm },
      );
    });
};
