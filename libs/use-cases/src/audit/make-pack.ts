import type { Random } from '#event-sourcing/random';
import { CHALLENGE_LENGTH_MAX, isChallenge } from '#audit/pack/strict-text';
import { layOutPack, withheldDigest } from '#audit/pack/lay-out-pack';
import type { PackedEvent, PackParts } from '#audit/pack/lay-out-pack';
import type { PackFiles } from '#audit/pack/pack-names';
import { printNote } from '#audit/tlog/signed-note';
import { signNote } from '#audit/tlog/checkpoint';
import type { Envelope } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import { streamEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { byTurns } from '#event-sourcing/folding';
import type { Lifecycles } from '#lifecycle/lifecycles';
import { CommandRefusedError } from '#lifecycle/refused';
import { comparePositions } from '#projections/position';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { londonDate } from '#state-machines/london';
import { invalidParameter, ProblemError } from '../problems.ts';
import { storedEvents } from '../records/record-events.ts';
import type { SignsLog } from './ask-for-checkpoint.ts';
import { keysOf } from './make-checkpoint.ts';
import type { CheckpointCall, LogSigner } from './make-checkpoint.ts';
import { recordPackMade } from './pack-made.ts';
import {
  begunLogs,
  checkpointOf,
  examinedSince,
  leadingFrom,
  previousCheckpoint,
  proofsOf,
} from './pack-proofs.ts';
import type { Since } from './pack-proofs.ts';
import { recordForPeople } from './record-for-people.ts';
import { withholdValues } from './withhold-values.ts';
import type { WithheldEvents, Withholding } from './withhold-values.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { withoutRedacted } from '#state-machines/capabilities/redacted';

/** Who signs the log, and what is said of it. */
interface SignsPacks extends SignsLog {
  /** @throws CheckpointRefusedError where there is nobody who signs. */
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

/** What a pack is made of, and how. */
export interface PackRequest {
  readonly record: RecordReference;
  readonly since?: Since | undefined;
  /** A text that the requester chose, which goes on record with the pack. */
  readonly challenge?: string | undefined;
  /** What is withheld of the record as it is read. @throws where it may not be given out. */
  readonly withholding: (events: readonly Envelope[]) => Withholding;
  /** What people are called, where that is given out. */
  readonly namesOf?: (subjects: ReadonlySet<string>) => Promise<Readonly<Record<string, string>>>;
  /** Told of how many events are proved. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Pack {
  readonly files: PackFiles;
  /** The record's stream ended at this version. */
  readonly version: number;
  /** When it was put on record that the pack is made. */
  readonly madeAt: string;
  readonly withheld: number;
}

/** Above what a record can have; the files of so many go into a zip. */
const EVENTS_MAX = 20_000;
/** How often a record may go on meanwhile. */
const ATTEMPTS_MAX = 20;

/**
 * Makes an evidence pack of a record as it stands: that it is made is put on record, a checkpoint that covers this is signed, and each event is
 * proved to be under it.
 * @throws CommandRefusedError 404 for a record without events; ProblemError `checkpoint-refused`, CheckpointRefusedError where the log is not
 *   signed, before anything is on record; `invalid-parameter`, `pack-too-large`; `too-busy` where the record goes on all the time.
 */
export async function makePack(
  context: PackContext,
  call: CheckpointCall,
  request: PackRequest,
): Promise<Pack> {
  const { readModels, signing } = context;
  refuseOddChallenge(request);
  let read = await readRecord(context, request);
  // Where the log is not signed now, no pack is said to have been made.
  await signedNow(signing, call, readModels);
  const signer = await signing.signer();
  const previous = request.since && (await previousCheckpoint(readModels, signer, request.since));
  const begun = await begunLogs(context.store, readModels);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    // It may have gone on while the log was signed: nothing else takes long from here to what is put on record.
    if (attempt > 0) read = await readRecord(context, request);
    const pack = await tryPack(context, call, request, { ...read, signer, previous, begun });
    if (pack !== null) return pack;
  }
  throw new ProblemError('too-busy', 'The record goes on all the time; try again shortly');
}

function refuseOddChallenge({ challenge }: PackRequest): void {
  if (challenge === undefined || isChallenge(challenge)) return;
  throw invalidParameter(
    'challenge',
    `takes 1 to ${CHALLENGE_LENGTH_MAX} printable ASCII characters in one line`,
  );
}

/** A record as it goes out. */
interface ReadRecord extends WithheldEvents {
  readonly stored: readonly Envelope[];
  readonly last: Envelope;
}

/** The same, and by whom the log is signed. */
interface Ready extends ReadRecord {
  readonly signer: LogSigner;
  readonly previous: { readonly note: string; readonly size: bigint } | undefined;
  /** The events by which the log began anew. */
  readonly begun: readonly Envelope[];
}

/** Null where the record has gone on meanwhile. */
async function tryPack(
  context: PackContext,
  call: CheckpointCall,
  request: PackRequest,
  ready: Ready,
): Promise<Pack | null> {
  const { store, readModels, signing } = context;
  const { last, withheld } = ready;
  const { streamId, version, hash } = last;
  const { challenge = null } = request;
  const said = { streamId, version, hash, withheld: withheldDigest(withheld), challenge };
  const made = await recordPackMade(context, said, call);
  if (made === null) return null;
  const signed = await signedNow(signing, call, readModels);
  const parts = await partsOf(context, request, { ...ready, ...signed, made, today: londonDate(call.now) });
  if (await isOvertaken(store, last, made)) return null;
  const files = await byTurns(layOutPack(parts));
  return { files, version, madeAt: made.recordedAt, withheld: withheld.length };
}

async function readRecord({ store }: PackContext, { record, withholding }: PackRequest): Promise<ReadRecord> {
  const stored = withoutRedacted(await storedEvents(store, record));
  const last = lastOf(stored);
  return { ...(await byTurns(withholdValues(stored, withholding(stored)))), stored, last };
}

interface Made extends Ready, Pick<PackParts, 'checkpoint' | 'timestamp'> {
  readonly made: Envelope;
  readonly today: string;
}

async function partsOf(
  { readModels, lifecycles, verifiers }: PackContext,
  { record, namesOf, onProgress }: PackRequest,
  { stored, events, withheld, made, begun, checkpoint, timestamp, previous, signer, today }: Made,
): Promise<PackParts> {
  const hashes = [...stored, made, ...begun].map(({ hash }) => hash);
  const proofs = await proofsOf(readModels, hashes, checkpoint, (done) => onProgress?.(done, hashes.length));
  const begunProofs = proofs.splice(stored.length + 1);
  const names = await namesOf?.(new Set(stored.map(({ actor }) => actor.subject)));
  const named = names && { names };
  const packMadeProof = proofs.pop() ?? '';
  const examined = await examinedSince(readModels, proofs.at(-1) ?? '', checkpoint);
  return {
    events,
    withheld,
    packMade: withoutPosition(made),
    packMadeProof,
    proofs,
    checkpoint,
    ...(timestamp && { timestamp }),
    ...(previous && { previous: await leadingFrom(readModels, previous, checkpoint) }),
    ...(examined && { examined }),
    begun: begun.map((event, at) => ({ event: withoutPosition(event), proof: begunProofs[at] ?? '' })),
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
    `The record has ${stored.length} events; a pack holds ${EVENTS_MAX}`,
  );
}

/** The checkpoint of the log as it ends now, with all that was signed of it, and when others saw it. */
async function signedNow(
  signing: SignsPacks,
  call: CheckpointCall,
  readModels: ReadModelDatabase,
): Promise<Pick<PackParts, 'checkpoint' | 'timestamp'>> {
  const outcome = await signing.sign(call);
  if (outcome.result === 'empty') throw new ProblemError('checkpoint-refused', 'The log is empty');
  const held = await checkpointOf(readModels, outcome.size);
  const timestamp = held?.timestamp ?? null;
  return { checkpoint: held?.note ?? outcome.note, ...(timestamp && { timestamp }) };
}

/**
 * Whether something of the record was redacted since, which is given to nobody any more; or whether the log has another event of it
 * before what says that it ended, which a server can let happen that checks no other stream in the step of an append.
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

/** What archivists read of a bag (RFC 8493, 2.2.2). */
const infoOf = (
  record: RecordReference,
  { origin }: LogSigner,
  { recordedAt }: Envelope,
): PackParts['info'] => ({
  'Bagging-Date': recordedAt.slice(0, 'YYYY-MM-DD'.length),
  'External-Identifier': `${origin} ${streamOf(record)}`,
  'External-Description': `The evidence pack of record ${record.id}: its events, with proof that they are in the log ${origin}`,
});
