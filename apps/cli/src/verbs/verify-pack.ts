import { readTrust, TrustError } from '#audit/pack/read-trust';
import { comparePacks, COMPARISON_EXITS } from '#audit/pack/compare-packs';
import {
  anchorLines,
  comparisonLines,
  findingLines,
  inOneLine,
  recordLines,
  verdictLine,
} from '#audit/pack/pack-report';
import { outcomeOf, PACK_EXITS, verifyPack, verifyZip } from '#audit/pack/verify-pack';
import type { PackTrust, RequiredVerdict } from '#audit/pack/judge-pack';
import { NOTE_BYTES_MAX } from '#audit/tlog/signed-note';
import { POLICY_BYTES_MAX } from '#audit/tlog/witness-policy';
import { readOptionBytes, whyUnreadable } from '../read-limited.ts';
import { PackInsideError, readPack } from '../read-pack.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError, userPath } from '../verb-context.ts';

/** The options of a pack's verification. */
export interface PackOptions {
  readonly key?: readonly string[];
  readonly policy?: string;
  readonly kept?: string;
  readonly require?: RequiredVerdict;
  readonly lifecycle?: readonly string[];
  readonly challenge?: string;
  readonly against?: string;
  readonly json?: true;
}

const KEPT_FILE = {
  option: '--kept',
  expected: 'a signed checkpoint, as printed by docket checkpoint',
  bytesMax: NOTE_BYTES_MAX,
};
const POLICY_FILE = {
  option: '--policy',
  expected: 'a policy: a line for each log and witness, and a quorum (C2SP tlog-policy)',
  bytesMax: POLICY_BYTES_MAX,
};

/** Verifies an evidence pack, a folder or a zip, without a store, and optionally compares it with another one. */
export async function verifyPackAt(terminal: Terminal, path: string, options: PackOptions): Promise<void> {
  const trust = await trustOf(options);
  const pack = await verifiedAt('--pack', path, trust);
  if (options.against !== undefined) {
    // Requirements apply to the first pack only; keys and lifecycle apply to both.
    const alone = { ...trust, kept: null, required: null, challenge: null };
    const against = await verifiedAt('--against', options.against, alone);
    const comparison = comparePacks(pack.verified, against.verified);
    terminal.exitCode = COMPARISON_EXITS[comparison.outcome];
    const [one, other] = [pack.verified.verification, against.verified.verification];
    if (options.json) terminal.json({ comparison, pack: one, against: other });
    else for (const line of comparisonLines(comparison, one, other)) terminal.line(line);
    return;
  }
  const { verification } = pack.verified;
  terminal.exitCode = PACK_EXITS[outcomeOf(verification)];
  if (options.json) {
    terminal.json(verification);
    return;
  }
  terminal.line(verdictLine(verification));
  for (const line of findingLines(verification)) terminal.line(`  ${line}`);
  for (const name of pack.ignored) terminal.line(`  ignored: ${inOneLine(name)}`);
  for (const line of anchorLines(verification)) terminal.line(`  ${line}`);
  terminal.line();
  for (const line of recordLines(pack.verified)) terminal.line(line);
}

async function verifiedAt(option: string, path: string, trust: PackTrust) {
  const pack = await readPack(userPath(path)).catch((error: unknown) => {
    const why =
      error instanceof PackInsideError ? error.message : whyUnreadable(error as NodeJS.ErrnoException);
    throw new UsageError(`${option} ${path}: ${why}`);
  });
  if (pack instanceof Uint8Array) return { verified: verifyZip(pack, trust), ignored: [] };
  return { verified: verifyPack(pack.files, trust, pack.found), ignored: pack.ignored };
}

async function trustOf({
  key = [],
  policy,
  kept,
  require,
  lifecycle = [],
  challenge = null,
}: Omit<PackOptions, 'challenge'> & { readonly challenge?: string | null }): Promise<PackTrust> {
  const input = {
    keys: key,
    policy: policy === undefined ? null : await readOptionBytes(policy, POLICY_FILE),
    kept: kept === undefined ? null : await readOptionBytes(kept, KEPT_FILE),
    required: require ?? null,
    lifecycles: lifecycle,
    challenge,
  };
  try {
    return readTrust(input);
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    throw new UsageError(error.message);
  }
}
