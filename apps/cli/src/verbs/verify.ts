import { Option } from 'commander';
import { parseLogHead } from '#audit/log-head';
import type { LogHead } from '#audit/log-head';
import { NoExportError, verifyExport } from '#use-cases/log/verify-export';
import { readCheckpoint } from '#audit/tlog/checkpoint';
import type { ReadCheckpoint } from '#audit/tlog/checkpoint';
import { findFork, signedOrigins } from '#use-cases/audit/find-fork';
import { REACHABLE } from '#audit/pack/judge-pack';
import { MalformedNoteError, NOTE_BYTES_MAX } from '#audit/tlog/signed-note';
import type { EventStore } from '#event-sourcing/event-store';
import type { ExportVerification } from '#use-cases/log/verify-export';
import { instant, systemClock } from '#event-sourcing/clock';
import { verifyStore } from '#use-cases/log/verify-store';
import type { Verification } from '#use-cases/log/verify-store';
import { EXIT } from '#platform/exit-codes';
import { VERSION } from '#platform/package-json';
import { SignedEnd } from '#platform/checkpoints/signed-end';
import { examineOnThreads } from '#platform/verification/examine-on-threads';
import { readOptionText } from '../read-limited.ts';
import type { ExpectedFile } from '../read-limited.ts';
import { signingWith } from '../sign-printed.ts';
import type { Terminal } from '../terminal.ts';
import { NAME_OF_RECORD, UsageError } from '../verb-context.ts';
import type { CommandLine, Verb } from '../verb-context.ts';
import { printVerification, printDivergences } from './print-verification.ts';
import type { PackOptions } from './verify-pack.ts';
import { lifecycles } from '#state-machines/lifecycles';

interface VerifyOptions extends PackOptions {
  readonly pack?: string;
  readonly json?: true;
  readonly expectHead?: string;
  readonly checkpoint?: string;
  readonly since?: string;
  readonly file?: string;
  readonly readModels?: true;
  readonly sign?: string;
  readonly signature?: string;
  readonly cosign?: string;
  readonly memory?: string;
  readonly name?: string;
  readonly lifecycle?: readonly string[];
}

/** Collects the values of a repeatable option. */
const collect = (value: string, values: readonly string[] | undefined) => [...(values ?? []), value];
const HEAD_FILE: ExpectedFile = {
  option: '--expect-head',
  expected: `the output of docket verify --json, its last line, its head, or the line "Head: …" of docket backup: {"events": 6, "hash": "(64 hexadecimal digits)"}`,
  // The printed output, with its divergences, is far smaller.
  bytesMax: 16 * 1024 * 1024,
};
const checkpointFile = (option: '--checkpoint' | '--since'): ExpectedFile => ({
  option,
  expected: 'a signed checkpoint, as printed by docket checkpoint',
  bytesMax: NOTE_BYTES_MAX,
});
const EXPORT_FILE: ExpectedFile = {
  option: '--file',
  expected: 'one record, as printed by docket export ID --format json',
  // A record has at most 10,000 events and 32 MiB of text, which can be six times as long in JSON.
  bytesMax: 400 * 1024 * 1024,
};

const HELP = `
Verification reads the whole store and continues after a divergence. It checks every hash and hash chain, that the statechart
allows each event and produces its state, that no event occurs twice, and every column and index that reads use. It prints the
log's head: the number of events, and one hash over all of them in order.

A store alone cannot show that its end was cut off or that it was rewritten. Keep a head (from docket verify or docket backup) or
a signed checkpoint (docket checkpoint) with someone else. Later, pass it to --expect-head or --checkpoint: the log must extend it.

--since verifies only the events after a checkpoint up to which the log was verified before. Of the earlier events it reads only
the stated hashes, which must produce the checkpoint's root. It does not check that these events still match their hashes, nor
the indexes or the file structure. To check those, verify the whole log.

--file verifies a record that was exported as JSON. It shows that the file is consistent with itself, even if values were erased
or withheld. It does not show that the file is complete or that it matches the log.

--pack verifies an evidence pack (a folder or a zip) without a store or a network. The log's key (--key), a policy with witnesses
(--policy) and a checkpoint that you kept (--kept) determine how much the pack proves. Without them it is unanchored: it is only
consistent with itself. The record is printed from its events. Exit codes: 0 valid, and all your requirements are met; 1 invalid,
or a requirement is not met (the output lists it); 4 unanchored.

--against compares two packs of one record. Exit codes: 0 one history; 1 two histories; 2 different records; 4 not shown: neither
log is proved to extend the other pack's checkpoint, or the packs are from two logs. The output then lists both origins and each
recorded change of origin with its reason.

--cosign KEYFILE verifies the whole store as an examiner and then cosigns its latest checkpoint. The key is created if missing.
--memory FILE records what the examiner cosigned before, which the log must extend. The cosignature states that, up to this size,
each record has one history with valid hashes, states and transitions. It does not confirm who people are. Lifecycles are pinned at
the first examination or by --lifecycle DIGEST; others are refused. The operator records the printed checkpoint with
docket checkpoint --add-cosignature FILE. An examiner that the operator runs proves nothing.

--read-models compares each read model, row by row, with a fresh fold of the log. The service can keep running.

--json (without --pack) prints {ok, streams, events, firstDivergence, divergences, divergenceCount, head: {events, hash}}, with
the first 100 divergences as {position, streamId, version, code, detail}. It adds warnings if a clock was wrong, or if an event was
recorded before a checkpoint that precedes it. With --since it adds since, the size of the checkpoint; streams and events then
count only later events. With --sign and --signature it adds verifiedAt and docket (the version), and signs the printed line,
including its line feed. Check the signature with openssl pkeyutl -verify -rawin.`;

export const addVerify: Verb = (program) => {
  program
    .command('verify')
    .argument('[id...]', `records, each by ${NAME_OF_RECORD} (default: the whole log)`)
    .description('Verify that the history was not altered and that reads find all of it.')
    .option(
      '--expect-head <file>',
      "an earlier head of the log, as printed by 'docket verify' or 'docket backup'",
    )
    .option('--checkpoint <file>', "a kept checkpoint, as printed by 'docket checkpoint'")
    .option('--since <file>', 'a checkpoint up to which the log was verified: verify only later events')
    .option('--file <file>', "a record exported by 'docket export --format json', without a store")
    .option('--pack <path>', 'an evidence pack, a folder or a zip, without a store')
    .option('--key <vkey>', "with --pack or --cosign: the log's verifier key; can be repeated", collect)
    .option('--policy <file>', 'with --pack: a policy of logs, witnesses and a quorum (C2SP tlog-policy)')
    .option('--kept <file>', "with --pack: a kept checkpoint, which the pack's log must extend")
    .addOption(new Option('--require <verdict>', 'with --pack: the required verdict').choices(REACHABLE))
    .option(
      '--lifecycle <digest>',
      'with --pack: accept only this lifecycle; with --cosign: also accept this lifecycle; can be repeated',
      collect,
    )
    .option('--against <path>', 'with --pack: compare it with another pack of the record')
    .option('--challenge <text>', 'with --pack: the challenge that you sent when you requested the pack')
    .option('--read-models', 'compare the read models with a fresh fold of the log instead')
    .option('--json', 'one JSON value on standard output')
    .option('--sign <file>', 'with --json: sign the output with this Ed25519 key (PKCS#8) of the verifier')
    .option('--signature <file>', 'with --sign: the file to write the signature to')
    .option(
      '--cosign <file>',
      "verify the whole store, then cosign its latest checkpoint with this examiner's key",
    )
    .option('--memory <file>', "with --cosign: the file of the examiner's earlier examinations")
    .option(
      '--name <name>',
      'with --cosign: the name that the examiner signs under (required only the first time)',
    )
    .addHelpText('after', HELP)
    .action((ids: string[], options: VerifyOptions) => verifyByOptions(program, ids, options));
};

/** Verifies what the options name. */
async function verifyByOptions(
  program: CommandLine,
  ids: readonly string[],
  options: VerifyOptions,
): Promise<void> {
  refuseSigning(options);
  if (COSIGN_OPTIONS.some((name) => options[name] !== undefined)) {
    await examine(program, ids, options);
    return;
  }
  if (options.readModels) {
    if (ids.length > 0 || options.file !== undefined || isExpecting(options))
      throw new UsageError(
        '--read-models cannot be combined with records, --file, --expect-head, --checkpoint or --since',
      );
    // Loading these libraries is slower than verifying a short log.
    const { verifyReadModels } = await import('./verify-read-models.ts');
    await verifyReadModels(program, options.json === true);
    return;
  }
  if (options.pack !== undefined) {
    await verifyPackAlone(program.terminal, ids, { ...options, pack: options.pack });
    return;
  }
  if (PACK_OPTIONS.some((name) => options[name] !== undefined))
    throw new UsageError(
      `${PACK_OPTIONS.map((name) => `--${name}`).join(', ')} require --pack; --key and --lifecycle can also be used with --cosign`,
    );
  if (options.file !== undefined) {
    await verifyFile(program.terminal, ids, { ...options, file: options.file });
    return;
  }
  await verifyAndPrint(program, ids, options);
}

async function verifyAndPrint(
  program: CommandLine,
  ids: readonly string[],
  options: VerifyOptions,
): Promise<void> {
  const { sign: key, signature = '' } = options;
  const sign = key === undefined ? null : await signingWith(key, signature);
  const verified = await verifyHere(program, ids, options);
  if (!verified.ok) program.terminal.exitCode = EXIT.refused;
  // A signed result states its time and the version of the program.
  const signedText = { ...verified, verifiedAt: instant(systemClock.now()), docket: VERSION };
  if (sign !== null) await sign(program.terminal.json(signedText));
  else if (options.json) program.terminal.json(verified);
  else printVerification(program.terminal, verified, isExpecting(options));
}

/** The signed text is the `--json` output about a store. */
function refuseSigning({ sign, signature, json, readModels, file, pack }: VerifyOptions): void {
  if (sign === undefined && signature === undefined) return;
  if (sign === undefined || signature === undefined || json !== true)
    throw new UsageError('--sign and --signature require each other and --json');
  if ((readModels ?? file ?? pack) !== undefined)
    throw new UsageError('--sign cannot be combined with --file, --pack or --read-models');
}

async function verifyHere(
  program: CommandLine,
  ids: readonly string[],
  options: VerifyOptions,
): Promise<Verification> {
  if (isExpecting(options) && ids.length > 0)
    throw new UsageError(
      '--expect-head, --checkpoint and --since apply to the whole log and cannot be combined with records',
    );
  if (options.expectHead !== undefined && options.checkpoint !== undefined)
    throw new UsageError('--expect-head and --checkpoint cannot be combined; use one of them');
  const kept = options.checkpoint === undefined ? null : await readKept(options.checkpoint, '--checkpoint');
  const verifiedTo = options.since === undefined ? null : await readKept(options.since, '--since');
  const expectedHeads = kept === null ? await expectedOf(options) : [headOf(kept)];
  return program.withStore(async (store) => {
    if (verifiedTo !== null) await refuseOtherOrigin(store, verifiedTo, options.since ?? '');
    const since = verifiedTo === null ? null : headOf(verifiedTo);
    const verified = await verifyStore(store, lifecycles, ids, {
      expectedHeads,
      since,
      ...(ids.length === 0 && { lost: await new SignedEnd(store, program.settings).lost() }),
      ...(ids.length === 0 && {
        examined: examineOnThreads(store, { since: since?.events ?? 0 }),
        onProgress(events: number, total: number) {
          program.terminal.progress(events, total, 'events');
        },
      }),
    });
    program.terminal.endProgress();
    for (const each of [verifiedTo, kept]) {
      const fork = each !== null && !verified.ok ? await findFork(store, each) : null;
      if (fork !== null) program.terminal.error(`docket: ${fork}`);
    }
    if (!options.json)
      for (const { code, position, detail } of verified.warnings ?? [])
        program.terminal.warn(
          `A clock was wrong${position === null ? '' : `, ${PLACES[code]} position ${position}`}: ${detail}`,
        );
    return verified;
  });
}

const PLACES = { 'clock-leap': 'before', 'before-checkpoint': 'at' } as const;

/** Refuses a signed log that was never signed under the checkpoint's name: it is a different log. */
async function refuseOtherOrigin(
  store: EventStore,
  { checkpoint: { origin } }: ReadCheckpoint,
  file: string,
): Promise<void> {
  const origins = await signedOrigins(store);
  if (origins.size === 0 || origins.has(origin)) return;
  throw new UsageError(
    `--since ${file}: it is a checkpoint of ${origin}, and this log was signed as ${[...origins].join(', ')}`,
  );
}

const COSIGN_OPTIONS = ['cosign', 'memory', 'name'] as const;
const PACK_OPTIONS = ['key', 'policy', 'kept', 'require', 'lifecycle', 'challenge', 'against'] as const;
/** All options of another kind of verification; `--key` and `--lifecycle` also apply to cosigning. */
const REFUSED_WITH_COSIGN = [
  ...(['sign', 'file', 'pack', 'readModels'] as const),
  ...PACK_OPTIONS.filter((name) => name !== 'key' && name !== 'lifecycle'),
];

async function examine(program: CommandLine, ids: readonly string[], options: VerifyOptions): Promise<void> {
  const { cosign, memory, name = null, lifecycle = [], key = [], json } = options;
  if (cosign === undefined || memory === undefined)
    throw new UsageError('--cosign KEYFILE and --memory FILE require each other; --name requires both');
  const isRefused = REFUSED_WITH_COSIGN.some((other) => options[other] !== undefined);
  if (ids.length > 0 || isExpecting(options) || isRefused)
    throw new UsageError(
      '--cosign verifies the whole store: it cannot be combined with records, or with options other than --memory, --name, --lifecycle, --key and --json',
    );
  const { cosignStore } = await import('./verify-cosign.ts');
  await cosignStore(program, { cosign, memory, name, lifecycle, key, json: json === true });
}

async function verifyPackAlone(
  terminal: Terminal,
  ids: readonly string[],
  { pack, ...options }: VerifyOptions & { readonly pack: string },
): Promise<void> {
  if (ids.length > 0 || options.file !== undefined || isExpecting(options))
    throw new UsageError(
      '--pack cannot be combined with records, --file, --expect-head, --checkpoint or --since',
    );
  const { verifyPackAt } = await import('./verify-pack.ts');
  await verifyPackAt(terminal, pack, options);
}

async function verifyFile(
  terminal: Terminal,
  ids: readonly string[],
  { file, json, ...options }: VerifyOptions & { readonly file: string },
): Promise<void> {
  if (ids.length > 0 || isExpecting(options)) {
    throw new UsageError('--file cannot be combined with records, --expect-head, --checkpoint or --since');
  }
  const text = await readOptionText(file, EXPORT_FILE);
  try {
    const verified = verifyExport(lifecycles, text);
    if (!verified.ok) terminal.exitCode = EXIT.refused;
    if (json) terminal.json({ ...verified, head: null });
    else printFileVerification(terminal, verified);
  } catch (error) {
    if (!(error instanceof NoExportError)) throw error;
    terminal.error(`docket: ${file} ${error.message}`);
    terminal.exitCode = EXIT.refused;
  }
}

function printFileVerification(terminal: Terminal, verified: ExportVerification): void {
  const { ok, id, events, erased, withheld } = verified;
  if (ok) {
    terminal.line(
      `${terminal.styled('green', 'Consistent with itself')}: record ${id}, ${events} events, ${erased} values erased, ${withheld} withheld`,
    );
    terminal.line('This does not prove that the file is complete or that it matches the log.');
  } else printDivergences(terminal, `record ${id}, ${events} events`, verified);
}

const isExpecting = ({ expectHead, checkpoint, since }: VerifyOptions): boolean =>
  expectHead !== undefined || checkpoint !== undefined || since !== undefined;

/** Returns the head that the log must extend, if an option names one. */
async function expectedOf({ expectHead }: VerifyOptions): Promise<readonly LogHead[]> {
  return expectHead === undefined ? [] : [await readHead(expectHead)];
}

/** Reads a kept checkpoint. The user knows where it is from. */
async function readKept(file: string, option: '--checkpoint' | '--since'): Promise<ReadCheckpoint> {
  const expected = checkpointFile(option);
  const text = await readOptionText(file, expected);
  try {
    return readCheckpoint(Buffer.from(text), []);
  } catch (error) {
    if (!(error instanceof MalformedNoteError)) throw error;
    throw new UsageError(`${option} ${file}: it ${error.message}. Expected ${expected.expected}`);
  }
}

const headOf = ({ checkpoint: { size, root } }: ReadCheckpoint): LogHead => ({
  events: Number(size),
  hash: Buffer.from(root).toString('hex'),
});

async function readHead(file: string): Promise<LogHead> {
  const text = await readOptionText(file, HEAD_FILE);
  try {
    return parseLogHead(text);
  } catch {
    throw new UsageError(
      `--expect-head ${file}: the file does not contain a log head. Expected ${HEAD_FILE.expected}`,
    );
  }
}
