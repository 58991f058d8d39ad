import type { Command } from 'commander';
import { systemClock } from '#event-sourcing/clock';
import { openExistingOutbox } from '#notifications/outbox/outbox-database';
import type { OutboxDatabase } from '#notifications/outbox/outbox-database';
import { listMessages, retryMessage, retryMessages } from '#notifications/outbox/outbox-list';
import type { OutboxItem } from '#notifications/outbox/outbox-list';
import { EXIT } from '#platform/exit-codes';
import { acceptedAddresses } from '#platform/settings';
import { outlivesProcess } from '#platform/stores';
import { wholeList } from '#projections/read-on';
import type { Terminal } from '../terminal.ts';
import { errorLine } from '../describe-error.ts';
import type { ErrorDescription } from '../describe-error.ts';
import { UsageError } from '../verb-context.ts';
import type { CommandLine, Verb } from '../verb-context.ts';

export const addOutbox: Verb = (program) => {
  const outbox = program.command('outbox').description('List outgoing messages, and retry dead letters.');
  addList(outbox, program);
  addRetry(outbox, program);
};

function addList(outbox: Command, program: CommandLine): void {
  outbox
    .command('list')
    .description('List pending messages and dead letters, newest first.')
    .option('--dead', 'only dead letters')
    .option('--all', 'include messages that were delivered or are no longer sent')
    .option('--json', 'one JSON value per message on standard output')
    .action(async ({ dead, all, json }: { dead?: true; all?: true; json?: true }) => {
      if (dead && all) throw new UsageError('--dead and --all cannot be combined');
      let listed = 0;
      await withOutbox(program, async (database) => {
        for await (const message of messages(database, dead)) {
          if ((message.state === 'delivered' || message.state === 'lapsed') && !all) continue;
          listed += 1;
          if (json) program.terminal.json(message);
          else program.terminal.line(lineOf(program.terminal, message));
        }
      });
      if (listed === 0 && !json) program.terminal.line(dead ? 'No dead letters' : 'No pending messages');
    });
}

function addRetry(outbox: Command, program: CommandLine): void {
  outbox
    .command('retry')
    .argument('[id...]', 'the ids of messages, as docket outbox list prints them')
    .option('--all', 'every dead letter')
    .description('Queue messages for immediate redelivery, and start counting their attempts again.')
    .action(async (ids: string[], { all }: { all?: true }) => {
      if (all ? ids.length > 0 : ids.length === 0) {
        throw new UsageError('pass the ids of messages, or --all for every dead letter');
      }
      const found = await withOutbox(program, async (database) => {
        if (all) {
          const again = await retryMessages(database, { states: ['dead'] }, systemClock.now());
          program.terminal.line(queuedLine(again.length));
        }
        for (const id of ids) {
          const message = await retryMessage(database, id, systemClock.now());
          if (message === null || message.state === 'delivered') program.terminal.exitCode = EXIT.refused;
          if (message === null) program.terminal.error(noMessage(id));
          else if (message.state === 'delivered') program.terminal.error(deliveredAlready(id));
          else program.terminal.line(`${id} queued for redelivery`);
        }
      });
      if (found) return;
      for (const id of ids) program.terminal.error(noMessage(id));
      if (!all) program.terminal.exitCode = EXIT.refused;
      else program.terminal.line(queuedLine(0));
    });
}

const queuedLine = (count: number): string =>
  `${count} dead ${count === 1 ? 'letter' : 'letters'} queued for redelivery`;
const describeProblem = (problem: ErrorDescription): string => `docket: ${errorLine(problem)}`;
const noMessage = (id: string) => describeProblem({ code: 'not-found', detail: `there is no message ${id}` });
const deliveredAlready = (id: string) =>
  describeProblem({ code: 'already-delivered', detail: `${id} was already delivered` });

/** Opens the outbox. Returns false if there is none, because no message was ever queued. */
async function withOutbox(
  program: CommandLine,
  look: (database: OutboxDatabase) => Promise<void>,
): Promise<boolean> {
  const { outbox } = program.settings;
  if (outbox === null)
    throw new UsageError(`DOCKET_OUTBOX is off; set it to ${acceptedAddresses('read_models')}`);
  if (!outlivesProcess(outbox)) throw new UsageError('an in-memory outbox exists only inside its process');
  const database = await openExistingOutbox(outbox);
  if (database === null) return false;
  try {
    await look(database);
    return true;
  } finally {
    await database.close();
  }
}

async function* messages(database: OutboxDatabase, dead: true | undefined): AsyncGenerator<OutboxItem> {
  const parts = await wholeList({}, (page) =>
    listMessages(database, { ...page, ...(dead && { state: 'dead' }) }),
  );
  for await (const items of parts) yield* items;
}

function lineOf(terminal: Terminal, message: OutboxItem): string {
  const { id, receiver, channel, state, notices, noticeCount, attempts, error } = message;
  const [first] = notices;
  const what =
    message.digestOn !== null || first === undefined
      ? `digest of ${message.digestOn}, ${noticeCount} notices`
      : `${first.kind} ${first.recordId}`;
  const tried = attempts === 0 ? '' : `, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
  const shown = state === 'dead' ? terminal.styled('red', state) : state;
  return `${id}  ${shown}  ${receiver} (${channel}): ${what}${tried}${error === null ? '' : `: ${error}`}`;
}
