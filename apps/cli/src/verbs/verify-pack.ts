import { readTrust, TrustError } from '#audit/pack/read-trust';
import { divergenceLines, inOneLine, recordLines, verdictLine } from '#audit/pack/tell-pack';
import { isEnough, verifyPack, verifyZip } from '#audit/pack/verify-pack';
import type { PackTrust, RequiredVerdict } from '#audit/pack/verify-pack';
import { NOTE_BYTES_MAX } from '#audit/tlog/signed-note';
import { POLICY_BYTES_MAX } from '#audit/tlog/witness-policy';
import { EXIT } from '#platform/exit-codes';
import { readGivenBytes, whyUnreadable } from '../read-limited.ts';
import { readPack } from '../read-pack.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError, userPath } from '../verb-context.ts';

/** What a pack is verified with. */
export interface PackOptions {
  readonly key?: readonly string[];
  readonly policy?: string;
  readonly kept?: string;
  readonly require?: RequiredVerdict;
  readonly json?: true;
}

const KEPT_FILE = {
  option: '--kept',
  expected: 'a signed checkpoint, as docket checkpoint printed it',
  bytesMax: NOTE_BYTES_MAX,
};
const POLICY_FILE = {
  option: '--policy',
  expected: 'a policy: a line for each log and witness, and a quorum (C2SP tlog-policy)',
  bytesMax: POLICY_BYTES_MAX,
};

/** Verifies an evidence pack, be it a folder or a zip, without a store. */
export async function verifyPackAt(
  terminal: Terminal,
  end: (code: number) => void,
  path: string,
  options: PackOptions,
): Promise<void> {
  const trust = await trustOf(options);
  const pack = await readPack(userPath(path)).catch((error: unknown) => {
    throw new UsageError(`--pack ${path}: ${whyUnreadable(error as NodeJS.ErrnoException)}`);
  });
  const isZip = pack instanceof Uint8Array;
  const verified = isZip ? verifyZip(pack, trust) : verifyPack(pack.files, trust, pack.found);
  const { verification } = verified;
  if (!isEnough(verification)) end(EXIT.refused);
  if (options.json) {
    terminal.json(verification);
    return;
  }
  terminal.line(verdictLine(verification));
  for (const line of divergenceLines(verification)) terminal.line(`  ${line}`);
  if (!isZip) for (const name of pack.passedOver) terminal.line(`  passed over: ${inOneLine(name)}`);
  terminal.line();
  for (const line of recordLines(verified)) terminal.line(line);
}

async function trustOf({ key = [], policy, kept, require }: PackOptions): Promise<PackTrust> {
  const given = {
    keys: key,
    policy: policy === undefined ? null : await readGivenBytes(policy, POLICY_FILE),
    kept: kept === undefined ? null : await readGivenBytes(kept, KEPT_FILE),
    required: require ?? null,
  };
  try {
    return readTrust(given);
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    throw new UsageError(error.message);
  }
}
