import { NoVerdictError } from '#audit/pack/judge-pack';
import {
  anchorLines,
  findingLines,
  inOneLine,
  notProvedLines,
  recordLines,
  verdictLine,
} from '#audit/pack/pack-report';
import { readTrust, TrustError } from '#audit/pack/read-trust';
import type { PackTrust } from '#audit/pack/read-trust';
import { PACK_EXITS, verifyPack, verifyZip } from '#audit/pack/verify-pack';
import { CHECKPOINT_FILE, readOptionBytes, whyUnreadable } from '../read-limited.ts';
import type { ExpectedFile } from '../read-limited.ts';
import { PackInsideError, readPack } from '../read-pack.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError, userPath } from '../verb-context.ts';

/** The options of a pack's verification. */
export interface PackOptions {
  readonly key?: readonly string[];
  readonly witness?: readonly string[];
  readonly tsa?: string;
  readonly checkpoint?: string;
  readonly json?: true;
}

const CERTIFICATE_FILE: ExpectedFile = {
  option: '--tsa',
  expected: 'the certificate of a time-stamping authority, in PEM or DER',
  bytesMax: 1024 * 1024,
};

/** Verifies an evidence pack, a folder or a zip, without a store. */
export async function verifyPackAt(terminal: Terminal, path: string, options: PackOptions): Promise<void> {
  const { verified, ignored } = await verifiedAt(path, await trustOf(options));
  const { verification } = verified;
  terminal.exitCode = PACK_EXITS[verification.verdict];
  if (options.json) {
    terminal.json(verification);
    return;
  }
  terminal.line(verdictLine(verification));
  for (const line of [...notProvedLines(), ...findingLines(verification)]) terminal.line(`  ${line}`);
  for (const name of ignored) terminal.line(`  ignored: ${inOneLine(name)}`);
  for (const line of anchorLines(verification)) terminal.line(`  ${line}`);
  terminal.line();
  for (const line of recordLines(verified)) terminal.line(line);
}

async function verifiedAt(path: string, trust: PackTrust) {
  const pack = await readPack(userPath(path)).catch((error: unknown) => {
    const why =
      error instanceof PackInsideError ? error.message : whyUnreadable(error as NodeJS.ErrnoException);
    throw new UsageError(`--pack ${path}: ${why}`);
  });
  try {
    if (pack instanceof Uint8Array) return { verified: verifyZip(pack, trust), ignored: [] };
    return { verified: verifyPack(pack.files, trust, pack.found), ignored: pack.ignored };
  } catch (error) {
    if (!(error instanceof NoVerdictError)) throw error;
    throw new UsageError(`no verdict: ${error.message}`);
  }
}

async function trustOf({ key = [], witness = [], tsa, checkpoint }: PackOptions): Promise<PackTrust> {
  const input = {
    keys: key,
    witnesses: witness,
    authority: tsa === undefined ? null : await readOptionBytes(tsa, CERTIFICATE_FILE),
    kept: checkpoint === undefined ? null : await readOptionBytes(checkpoint, CHECKPOINT_FILE),
  };
  try {
    return readTrust(input);
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    throw new UsageError(error.message);
  }
}
