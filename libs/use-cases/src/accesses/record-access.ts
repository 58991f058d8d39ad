import type { Actor } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { accessDraft, accessStream } from '#state-machines/access-events';
import type { RecordedAccess } from '#state-machines/access-events';
import { londonDate } from '#state-machines/london';
import { actorOf } from '../asked.ts';
import type { Reader } from '../asked.ts';
import { BoundedRecording } from '../log/bounded-recording.ts';
import { REFUSAL_LIMITS } from '../refusals/refusal-window.ts';
import type { RefusalLimits } from '../refusals/refusal-window.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';

/** Puts on record what somebody is given, before they are. Each throws StoreUnavailableError where it cannot be recorded. */
export interface Accesses {
  /** Each time. */
  exported(
    reader: Reader,
    reference: RecordReference,
    file: { readonly version: number; readonly format: string },
  ): Promise<void>;
  /** Once in an hour. */
  log(reader: Reader): Promise<void>;
  /** The internal parts of a record: once on a day in London. */
  internal(reader: Reader, reference: RecordReference): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** So many are remembered of a day; what is forgotten is recorded again. */
const REMEMBERED_MAX = 50_000;
const IS_RECORDED = Promise.resolve(true);

/**
 * Records accesses: in a stream for each day, bounded as refusals are. What is recorded once is remembered by this process only:
 * another one, and the same after a restart, records it again.
 */
export class AccessRecorder implements Accesses {
  readonly #recording: BoundedRecording;
  readonly #clock: () => number;
  #day = '';
  /** The longest ago first; a promise while it is being recorded, for which whoever else asks waits. */
  readonly #recorded = new Map<string, Promise<boolean>>();

  /** `onError` is told why counts could not be written. */
  constructor(
    store: Pick<EventStore, 'append'>,
    onError: (message: string) => void,
    { limits = REFUSAL_LIMITS, clock = Date.now }: { limits?: RefusalLimits; clock?: () => number } = {},
  ) {
    const kind: ConstructorParameters<typeof BoundedRecording>[1] = {
      name: 'accesses',
      streamOf: accessStream,
      counted: ({ codes: kinds, ...counted }, day) =>
        accessDraft('AccessesCounted', { ...counted, kinds }, day),
    };
    this.#recording = new BoundedRecording(store, kind, onError, limits);
    this.#clock = clock;
  }

  async exported(
    reader: Reader,
    reference: RecordReference,
    file: { readonly version: number; readonly format: string },
  ): Promise<void> {
    await this.#record(reader, { kind: 'export', streamId: streamOf(reference), ...file }, this.#clock());
  }

  async log(reader: Reader): Promise<void> {
    const now = this.#clock();
    const hour = Math.floor(now / HOUR_MS);
    await this.#once(`log ${hour} ${reader.subject}`, reader, { kind: 'log', streamId: null }, now);
  }

  async internal(reader: Reader, reference: RecordReference): Promise<void> {
    const streamId = streamOf(reference);
    const access = { kind: 'internal', streamId } as const;
    // No stream has a blank.
    await this.#once(`internal ${streamId} ${reader.subject}`, reader, access, this.#clock());
  }

  /** Records the counts of a window that has ended. To be called now and then; never rejects. */
  writeCounted(now: number): Promise<void> {
    return this.#recording.writeCounted(now);
  }

  /** Records what was counted until now. Never rejects. */
  close(now: number): Promise<void> {
    return this.#recording.close(now);
  }

  async #once(
    key: string,
    reader: Reader,
    access: Pick<RecordedAccess, 'kind' | 'streamId'>,
    now: number,
  ): Promise<void> {
    this.#forgetEarlierDays(now);
    const recorded = this.#recorded.get(key);
    if (recorded !== undefined) {
      await recorded;
      return;
    }
    const recording = this.#record(reader, { ...access, version: null, format: null }, now);
    this.#recorded.set(key, recording);
    // What was only counted, or could not be recorded, is to be recorded by itself as soon as it can be.
    if (await recording.catch(() => false)) this.#recorded.set(key, IS_RECORDED);
    else this.#recorded.delete(key);
    await recording;
  }

  #record(reader: Reader, access: RecordedAccess, now: number): Promise<boolean> {
    const { correlationId } = reader;
    const actor: Actor = actorOf(reader);
    return this.#recording.record({
      header: { name: `give-${access.kind}`, actor, now, correlationId },
      code: access.kind,
      draftOf: (day) => accessDraft('AccessRecorded', access, day),
    });
  }

  #forgetEarlierDays(now: number): void {
    const day = londonDate(now);
    if (day !== this.#day) this.#recorded.clear();
    this.#day = day;
    const [first] = this.#recorded.size < REMEMBERED_MAX ? [] : this.#recorded.keys();
    if (first !== undefined) this.#recorded.delete(first);
  }
}
