import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { systemClock } from '#event-sourcing/clock';
import { printVerifierKey, verifierKey } from '#audit/tlog/signed-note';
import type { VerifierKey } from '#audit/tlog/signed-note';
import { loadOrCreateCheckpointKey } from '#platform/checkpoints/checkpoint-key';
import { EXIT } from '#platform/exit-codes';
import { examineOnThreads } from '#platform/verification/examine-on-threads';
import { CosignerState } from '#platform/witness/cosigner-state';
import { lifecycles } from '#state-machines/lifecycles';
import { examineLog } from '#use-cases/audit/examine-log';
import type { Cosigned, Examination, ExaminerMemory } from '#use-cases/audit/examine-log';
import { asUsage, readLogKey } from '../key-options.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError, userPath } from '../verb-context.ts';
import { printVerification } from './print-verification.ts';
import type { CommandLine } from '../verb-context.ts';

interface CosignOptions {
  readonly cosign: string;
  readonly memory: string;
  readonly name: string | null;
  readonly lifecycle: readonly string[];
  readonly key: readonly string[];
  readonly json: boolean;
}

/** Verifies the whole store, cosigns its latest checkpoint as an examiner, and prints the checkpoint. */
export async function cosignStore(program: CommandLine, options: CosignOptions): Promise<void> {
  const logKeys = options.key.flatMap((vkeys) => vkeys.trim().split(/\s+/)).map(readLogKey('--key'));
  const memory = await CosignerState.open(userPath(options.memory), { of: 'examiner', isNew: true });
  try {
    const key = await loadOrCreateCheckpointKey(userPath(options.cosign));
    const examiner = examinerKey(options.name, key, memory);
    if (memory.pinned('name').length === 0)
      program.terminal.warn(`the memory ${options.memory} is new: no earlier examination is compared`);
    const accepted = options.lifecycle.map(digestIn);
    const examination = await program.withStore(async (store) =>
      examineLog(
        store,
        lifecycles,
        { name: examiner.name, key, memory, now: systemClock.now(), logKeys, accepted },
        {
          examined: examineOnThreads(store),
          onProgress(events, total) {
            program.terminal.progress(events, total, 'events');
          },
        },
      ),
    );
    program.terminal.endProgress();
    report(program.terminal, examination, examiner, options.json);
    if (examination.cosigned === null) program.terminal.exitCode = EXIT.refused;
  } finally {
    memory.close();
  }
}

/** Returns the examiner's key. The memory stores its name, so the name is needed only once; by default it is derived from the key. */
function examinerKey(name: string | null, key: KeyObject, memory: ExaminerMemory): VerifierKey {
  const publicKey = createPublicKey(key);
  const [kept = null] = memory.pinned('name');
  if (name !== null && kept !== null && name !== kept)
    throw new UsageError(`--name ${name}: this memory belongs to the examiner ${kept}`);
  const examinerName = name ?? kept;
  if (examinerName !== null)
    return asUsage(`--name ${examinerName}`, () => verifierKey(examinerName, 'cosignature', publicKey));
  const { keyId } = verifierKey('examiner.invalid', 'cosignature', publicKey);
  return verifierKey(`examiner.invalid/${keyId}`, 'cosignature', publicKey);
}

function digestIn(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new UsageError(`--lifecycle ${text} is not a digest: 64 hexadecimal digits`);
}

/** Only the cosigned checkpoint goes to standard output, so that it can be redirected to a file. */
function report(
  terminal: Terminal,
  { verified, cosigned }: Examination,
  examiner: VerifierKey,
  json: boolean,
): void {
  const vkey = printVerifierKey(examiner);
  if (json) {
    terminal.json({ ...verified, examined: cosigned === null ? null : asJson(cosigned, vkey) });
    return;
  }
  if (cosigned === null) {
    printVerification(terminal, verified, true);
    return;
  }
  const { checkpoint, before, lifecycles: pinned, note } = cosigned;
  const since = before === null ? '' : `; ${before.size} of them were examined before`;
  terminal.write(note);
  terminal.note(`Examined: ${checkpoint.size} events of ${checkpoint.origin}${since}`);
  terminal.note(`Lifecycles pinned: ${pinned.join(', ') || 'none'}`);
  terminal.note(`Examiner's key: ${vkey}`);
}

const asJson = ({ checkpoint, before, lifecycles: pinned, note, signature }: Cosigned, vkey: string) => ({
  origin: checkpoint.origin,
  size: Number(checkpoint.size),
  root: Buffer.from(checkpoint.root).toString('base64'),
  before: before === null ? null : Number(before.size),
  lifecycles: pinned,
  examiner: vkey,
  signature,
  checkpoint: note,
});
