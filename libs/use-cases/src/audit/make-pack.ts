import type { Random } from '#event-sourcing/random';
import { layOutPack, withheldDigest } from '#audit/pack/lay-out-pack';
import type { PackedEvent, PackParts } from '#audit/pack/lay-out-pack';
import type { Adoption } from '#audit/pack/check-log';
import type { PackFiles } from '#audit/pack/pack-names';
import { printNote } from '#audit/tlog/signed-note';
import { signNote } from '#audit/tlog/checkpoint';
import type { Envelope } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import { streamEvents, nextTurn } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { runYielding } from '#event-sourcing/folding';
import type { Lifecycles } from '#lifecycle/lifecycles';
import { CommandRefusedError } from '#lifecycle/refused';
import { comparePositions } from '#projections/position';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { registeredRecipient } from '#read-models/register/registered-recipient';
import { londonDate } from '#state-machines/london';
import { ProblemError } from '../problems.ts';
import { storedEvents } from '../records/record-events.ts';
import type { SignsLog } from './sign-log.ts';
import { keysOf } from './make-checkpoint.ts';
import type { CheckpointCall, LogSigner } from './make-checkpoint.ts';
import {
  recordPackMade,
  adoptionsOf,
  checkpointOf,
  consistencyFrom,
  previousCheckpoint,
  proofsOf,
} from './pack-proofs.ts';
import type { Since } from './pack-proofs.ts';
import { recordForPeople } from './record-for-people.ts';
import { withholdValues } from './withhold-values.ts';
import type { WithheldEvents, Withholding } from './withhold-values.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { zipPack } from '#audit/pack/zip-pack';

/** Signs the log and describes its signer. */
interface SignsPacks extends SignsLog {
  /** @throws CheckpointRefusedError if no signer is configured. */
  signer(): Promise<LogSigner>;
}

export interface PackContext {
  readonly store: EventStore;
  readonly random: Random;
  readonly readModels: ReadModelDatabase;
  readonly lifecycles: Lifecycles;
  readonly signing: SignsPacks;
  readonly verifiers: () => Promise<PackParts['verifiers']>;
}

/** A request for a pack: its record, and what to include or withhold. */
export interface PackRequest {
  readonly record: RecordReference;
  readonly since?: Since | undefined;
  /** Returns what to withhold from the record as read. @throws if the record may not be disclosed. */
  readonly withholding: (events: readonly Envelope[]) => Withholding;
  /** Returns people's names, if the pack may contain them. */
  readonly namesOf?: (subjects: ReadonlySet<string>) => Promise<Readonly<Record<string, string>>>;
  /** Called with the number of events proved so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Pack {
  readonly files: PackFiles;
  /** The version at which the record's stream ended. */
  readonly version: number;
  /** When the making of the pack was recorded. */
  readonly madeAt: string;
  readonly withheld: number;
}

/** More events than a record can have. That many files still fit into a zip. */
const EVENTS_MAX = 20_000;
/** The number of attempts. An attempt fails if the record grows in the meantime. */
const ATTEMPTS_MAX = 20;

/**
 * Makes an evidence pack of a record's current state: records that the pack is made, signs a checkpoint that covers this event, and proves
 * that each event is under it.
 * @throws CommandRefusedError 404 for a record without events; ProblemError `checkpoint-refused`, CheckpointRefusedError if the log is not
 * signed, before anything is recorded; `invalid-parameter`, `pack-too-large`; `too-busy` if the record keeps growing.
 */
export async function makePack(
  context: PackContext,
  call: CheckpointCall,
  request: PackRequest,
): Promise<Pack> {
  const { readModels, signing } = context;
  const known = (await registeredRecipient(readModels, request.record))?.version ?? 0;
  let read = await readRecord(context, request);
  // If the log cannot be signed now, no pack is recorded as made.
  await signNow(signing, { ...call, record: { events: read.stored, known } }, readModels);
  const signer = await signing.signer();
  const previous = request.since && (await previousCheckpoint(readModels, signer, request.since));
  const adoptions = await adoptionsOf(context.store, readModels);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    // The record may have grown while the log was signed. From here to the append, there is no slow step.
    if (attempt > 0) read = await readRecord(context, request);
    const pack = await tryPack(context, call, request, { ...read, signer, previous, adoptions });
    if (pack !== null) return pack;
  }
  throw new ProblemError('too-busy', 'The record kept changing. Try again in a few seconds');
}

/** A record as it is disclosed. */
interface ReadRecord extends WithheldEvents {
  readonly stored: readonly Envelope[];
  readonly last: Envelope;
}

/** A disclosed record with the log's signer. */
interface Ready extends ReadRecord {
  readonly signer: LogSigner;
  readonly previous: { readonly note: string; readonly size: bigint } | undefined;
  readonly adoptions: readonly Adoption[];
}

/** Returns null if the record has grown in the meantime. */
async function tryPack(
  context: PackContext,
  call: CheckpointCall,
  request: PackRequest,
  ready: Ready,
): Promise<Pack | null> {
  const { store, readModels, signing } = context;
  const { last, withheld, adoptions } = ready;
  const { streamId, version, hash } = last;
  const contents = { streamId, version, hash, withheld: withheldDigest(withheld), adoptions };
  const packMade = await recordPackMade(context, contents, call);
  if (packMade === null) return null;
  const signed = await signNow(signing, call, readModels);
  const parts = await partsOf(context, request, {
    ...ready,
    ...signed,
    made: packMade,
    today: londonDate(call.now),
  });
  if (await isOvertaken(store, last, packMade)) return null;
  const files = await runYielding(layOutPack(parts));
  return { files, version, madeAt: packMade.recordedAt, withheld: withheld.length };
}

async function readRecord({ store }: PackContext, { record, withholding }: PackRequest): Promise<ReadRecord> {
  const stored = await storedEvents(store, record);
  const last = lastOf(stored);
  return { ...(await runYielding(withholdValues(stored, withholding(stored)))), stored, last };
}

interface Made extends Ready, Pick<PackParts, 'checkpoint' | 'timestamp'> {
  readonly made: Envelope;
  readonly today: string;
}

async function partsOf(
  { readModels, lifecycles, verifiers }: PackContext,
  { record, namesOf, onProgress }: PackRequest,
  { stored, events, withheld, made, checkpoint, timestamp, previous, signer, today }: Made,
): Promise<PackParts> {
  const hashes = [...stored, made].map(({ hash }) => hash);
  const proofs = await proofsOf(readModels, hashes, checkpoint, (done) => onProgress?.(done, hashes.length));
  const names = await namesOf?.(new Set(stored.map(({ actor }) => actor.subject)));
  const named = names && { names };
  const packMadeProof = proofs.pop() ?? '';
  return {
    events,
    withheld,
    packMade: withoutPosition(made),
    packMadeProof,
    proofs,
    checkpoint,
    ...(timestamp && { timestamp }),
    ...(previous && { previous: await consistencyFrom(readModels, previous, checkpoint) }),
    lifecycles: [...new Set(stored.map((event) => lifecycles.of(event)))].map(({ identity }) => identity),
    ...named,
    forPeople: await recordForPeople(lifecycles, { id: record.id, events, withheld, ...named, today }),
    verifiers: await verifiers(),
    info: infoOf(record, signer, made),
    sign: (text) =>
      printNote({ text, signatures: keysOf(signer).map((key) => signNote(text, signer.origin, key)) }),
  };
}

function withoutPosition({ position: _, ...event }: Envelope): PackedEvent {
  return event;
}

/** @throws CommandRefusedError, ProblemError as `makePack` does. */
function lastOf(stored: readonly Envelope[]): Envelope {
  const last = stored.at(-1);
  if (last === undefined) throw new CommandRefusedError('not-found', 'not-found', 'There is no such record');
  if (stored.length <= EVENTS_MAX) return last;
  throw new ProblemError(
    'pack-too-large',
    `The record has ${stored.length} events; a pack can contain at most ${EVENTS_MAX}`,
  );
}

/** Returns the checkpoint at the log's end with all its signatures, and the times at which witnesses signed it. */
async function signNow(
  signing: SignsPacks,
  call: CheckpointCall,
  readModels: ReadModelDatabase,
): Promise<Pick<PackParts, 'checkpoint' | 'timestamp'>> {
  const outcome = await signing.sign(call);
  if (outcome.result === 'empty') throw new ProblemError('checkpoint-refused', 'The log is empty');
  const stored = await checkpointOf(readModels, outcome.size);
  const timestamp = stored?.timestamp ?? null;
  return { checkpoint: stored?.note ?? outcome.note, ...(timestamp && { timestamp }) };
}

/**
 * Reports whether the pack is outdated: a value of the record was redacted, or the log contains another event of the record before the
 * event that records its end. The second is possible in stores that check only the stream of an append.
 */
async function isOvertaken(
  store: EventStore,
  { streamId, version }: Envelope,
  made: Envelope,
): Promise<boolean> {
  for await (const event of streamEvents(store, streamId, version))
    if (redactionOf(event) !== null || comparePositions(event.position, made.position) < 0) return true;
  return false;
}

/** The bag's metadata, which archivists read (RFC 8493, 2.2.2). */
const infoOf = (
  record: RecordReference,
  { origin }: LogSigner,
  { recordedAt }: Envelope,
): PackParts['info'] => ({
  'Bagging-Date': recordedAt.slice(0, 'YYYY-MM-DD'.length),
  'External-Identifier': `${origin} ${streamOf(record)}`,
  'External-Description': `The evidence pack of record ${record.id}: its events, with proof that they are in the log ${origin}`,
});

/** The number of characters of an id in the name of a pack's folder. */
const ID_LENGTH_MAX = 80;
/** The number of bytes assembled in one turn. */
const PIECE_BYTES = 256 * 1024;

/** Yields a pack as a zip, in pieces. Its folder is named after the record and its version in the pack. */
export async function* zippedPack({ files, version, madeAt }: Pack, id: string): AsyncGenerator<Uint8Array> {
  const base = `pack-${id.slice(0, ID_LENGTH_MAX)}-v${version}`;
  let pieces: Uint8Array[] = [];
  let length = 0;
  for (const piece of zipPack(files, base, Date.parse(madeAt))) {
    pieces.push(piece);
    length += piece.length;
    if (length < PIECE_BYTES) continue;
    yield Buffer.concat(pieces);
    [pieces, length] = [[], 0];
    await nextTurn();
  }
  yield Buffer.concat(pieces);
}
