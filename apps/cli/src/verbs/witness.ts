import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { printVerifierKey, verifierKey } from '#audit/tlog/signed-note';
import { loadOrCreateCheckpointKey } from '#platform/checkpoints/checkpoint-key';
import { isThere } from '#platform/new-file';
import { createWitness } from '#platform/witness/witness';
import type { WitnessOptions } from '#platform/witness/witness';
import { CosignerState } from '#platform/witness/cosigner-state';
import { asUsage, readLogKey } from '../key-options.ts';
import { untilSignalled } from '../until-signalled.ts';
import { UsageError, userPath } from '../verb-context.ts';
import type { Terminal } from '../terminal.ts';
import type { Verb } from '../verb-context.ts';

interface WitnessArguments {
  readonly name: string;
  readonly log: readonly string[];
  readonly key: string;
  readonly state: string;
  readonly listen: string;
}

const HELP = `
A witness signs the checkpoints of logs that it knows, each only if the checkpoint extends every checkpoint of that log that the
witness signed before (C2SP tlog-witness 1.0.0, POST /add-checkpoint). If a log shows two histories, or rolls one back, the witness does
not sign the second. Run it where the operator of the log has no access: a witness that the operator runs proves nothing.

It prints its verifier key, for the policies of the log (DOCKET_WITNESS_POLICY) and of the log's verifiers, then its address. It serves
plain HTTP: beyond one machine, use a TLS proxy. For a log with two keys (docket checkpoint --rotate), pass both.

The state file records what the witness signed last, before the witness responds. Once the key exists, the witness does not start
without this file.`;

export const addWitness: Verb = (program) => {
  program
    .command('witness')
    .description('Sign the checkpoints of other logs if they extend earlier ones.')
    .requiredOption('--name <name>', 'the name to sign under, such as ombudsman.example/w1')
    .requiredOption('--log <vkey...>', 'the verifier keys of the logs to witness')
    .requiredOption('--key <file>', "the witness's key, created if missing")
    .requiredOption('--state <file>', 'the state file, created with the key')
    .requiredOption('--listen <host:port>', 'the address to listen on')
    .addHelpText('after', HELP)
    .action(async ({ name, log, key: keyWord, state: stateWord, listen }: WitnessArguments) => {
      const [host, port] = listenOn(listen);
      // A log with two keys prints one per line.
      const logs = log.flatMap((vkeys) => vkeys.trim().split(/\s+/)).map(readLogKey('--log'));
      const keyPath = userPath(keyWord);
      await untilSignalled(async (signal) => {
        // Opens the state before the key, because a key without its state is refused.
        const state = await CosignerState.open(userPath(stateWord), {
          of: 'witness',
          isNew: !(await isThere(keyPath)),
        });
        try {
          const key = await loadOrCreateCheckpointKey(keyPath);
          const verifier = asUsage(`--name ${name}`, () =>
            verifierKey(name, 'cosignature', createPublicKey(key)),
          );
          const server = createWitness({ name, key, logs, state, ...errorHandlers(program.terminal) });
          await once(server.listen(port, host), 'listening');
          const { port: boundPort } = server.address() as AddressInfo;
          program.terminal.line(printVerifierKey(verifier));
          program.terminal.line(
            `Witness is ready at http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`,
          );
          if (!signal.aborted) await once(signal, 'abort');
          // Pending requests are answered first.
          await new Promise((closed) => server.close(closed));
        } finally {
          state.close();
        }
      });
    });
};

const errorHandlers = (terminal: Terminal): Pick<WitnessOptions, 'onForked' | 'onError'> => ({
  onForked(message, notes) {
    terminal.error(
      [
        `docket: ${message}. This proves that the holder of the log's key signed two histories. Keep both checkpoints:`,
        ...notes,
      ].join('\n'),
    );
  },
  onError(message) {
    terminal.error(`docket: ${message}`);
  },
});

/** @throws UsageError */
function listenOn(text: string): [host: string, port: number] {
  const [, host = '', port = ''] = /^(?:\[?([^\]]+?)\]?):(\d{1,5})$/.exec(text) ?? [];
  if (host === '' || Number(port) > 65_535) throw new UsageError(`--listen ${text} is not HOST:PORT`);
  return [host, Number(port)];
}
