import type { Clock } from '#event-sourcing/clock';
import type { Random } from '#event-sourcing/random';
import type { EventStore } from '#event-sourcing/event-store';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { trailDraft } from '#state-machines/audit-trail-events';
import type { TrailData } from '#state-machines/audit-trail-events';
import { londonDate } from '#state-machines/london';
import { actorOf } from '../call-context.ts';
import type { Reader } from '../call-context.ts';
import { BoundedRecording, RECORDING_LIMITS } from './bounded-recording.ts';
import type { RecordingLimits } from './bounded-recording.ts';

/** Records accesses. Each is recorded before the person receives the data. */
export type Accesses = Pick<AccessRecorder, 'exported' | 'log' | 'internal'>;

type Access = TrailData['AccessRecorded'];

const HOUR_MS = 3_600_000;
/** The number of accesses remembered per day; a forgotten access is recorded again. */
const REMEMBERED_MAX = 50_000;
const IS_RECORDED = Promise.resolve(true);

/**
 * Records accesses. Each method throws StoreUnavailableError if it cannot. Only this process remembers accesses that are recorded once:
 * another process, or this one after a restart, records them again.
 */
export class AccessRecorder extends BoundedRecording {
  readonly #clock: Pick<Clock, 'now'>;
  #day = '';
  /** Oldest first. Concurrent requests wait for the promise of an access that is being recorded. */
  readonly #recorded = new Map<string, Promise<boolean>>();

  constructor(
    store: Pick<EventStore, 'append'>,
    { clock, random }: { readonly clock: Pick<Clock, 'now'>; readonly random: Random },
    onLeftOut: (message: string) => void,
    limits: RecordingLimits = RECORDING_LIMITS,
  ) {
    super({ store, random, list: 'accesses', onLeftOut, limits });
    this.#clock = clock;
  }

  /** Records every export. */
  async exported(
    reader: Reader,
    reference: RecordReference,
    file: { readonly version: number; readonly format: string },
  ): Promise<void> {
    await this.#record(reader, { kind: 'export', streamId: streamOf(reference), ...file }, this.#clock.now());
  }

  /** Records a read of the log once per hour. */
  async log(reader: Reader): Promise<void> {
    const hour = Math.floor(this.#clock.now() / HOUR_MS);
    await this.#once(`log ${hour} ${reader.subject}`, reader, { kind: 'log', streamId: null });
  }

  /** Records a read of a record's internal parts once per London day. */
  async internal(reader: Reader, reference: RecordReference): Promise<void> {
    const streamId = streamOf(reference);
    // Stream ids contain no space.
    await this.#once(`internal ${streamId} ${reader.subject}`, reader, { kind: 'internal', streamId });
  }

  async #once(key: string, reader: Reader, access: Pick<Access, 'kind' | 'streamId'>): Promise<void> {
    const now = this.#clock.now();
    this.#forgetEarlierDays(now);
    const recorded = this.#recorded.get(key);
    if (recorded !== undefined) {
      await recorded;
      return;
    }
    const recording = this.#record(reader, { ...access, version: null, format: null }, now);
    this.#recorded.set(key, recording);
    // An access that was not recorded is recorded as soon as possible.
    if (await recording.catch(() => false)) this.#recorded.set(key, IS_RECORDED);
    else this.#recorded.delete(key);
    await recording;
  }

  #record(reader: Reader, access: Access, now: number): Promise<boolean> {
    const { correlationId } = reader;
    return this.record({
      header: { name: `give-${access.kind}`, actor: actorOf(reader), now, correlationId },
      draftOf: (day) => trailDraft('AccessRecorded', access, day),
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
