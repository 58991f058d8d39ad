import { verifyStore } from '../../../../libs/use-cases/src/verify-store.ts';
import { EXIT } from '../../../../libs/platform/src/exit-codes.ts';
import { withStore } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';
import { recordIdOf } from '../../../../state-machines/inspection-recommendation/v1/record.ts';

/** How often the progress is shown, in events. */
const PROGRESS_EVENTS = 5_000;

export const addVerify: Verb = (program, terminal, end) => {
  program
    .command('verify')
    .argument('[id...]', 'records (default: the whole log)')
    .description(
      'Verify that history was not altered: every hash, every chain, every event legal, every state right.',
    )
    .option('--json', 'one JSON value on standard output')
    .action(async (ids: string[], { json }: { json?: true }) => {
      const result = await withStore(program, async (store) => {
        // The last position is near enough to the number of events for a progress bar.
        const total = Number(await store.lastPosition());
        return verifyStore(store, ids, (events) => {
          if (ids.length === 0 && events % PROGRESS_EVENTS === 0) terminal.progress(events, total, 'events');
        });
      });
      terminal.endProgress();
      if (!result.ok) end(EXIT.refused);
      if (json) {
        terminal.json(result);
        return;
      }
      const { ok, streams, events, firstDivergence: first } = result;
      if (first?.code === 'not-found') {
        terminal.error(`docket: there is no record ${recordIdOf(first.streamId) ?? first.streamId}`);
        return;
      }
      terminal.line(
        ok
          ? `${terminal.styled('green', 'Holds')}: ${events} events in ${streams} ${streams === 1 ? 'stream' : 'streams'}`
          : `${terminal.styled('red', 'Does not hold')}: ${first?.streamId} version ${first?.version}: ${first?.code}: ${first?.detail}`,
      );
    });
};
