import { randomUUID } from 'node:crypto';
import type { Actor, Envelope } from '#event-sourcing/envelope';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { draftEvents } from '#lifecycle/decide';
import type { DecidedEvent } from '#lifecycle/decide';
import { CommandRefusedError } from '#lifecycle/refused';
import { exported } from './exported.ts';
import { importRecord } from '#use-cases/register-files/import-record';
import type { ImportOutcome } from '#use-cases/register-files/import-record';
import type { BroughtRecord } from '#use-cases/register-files/attempt-import';
import type { ImportCall } from '#use-cases/register-files/plan-import';
import { currentState } from '#use-cases/records/read-record';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { recordOf } from '#state-machines/record-streams';
import { append, commit } from './event-commits.ts';
import { collectLog } from './event-streams.ts';
import { recordedBy } from './recording.ts';
import { todaysEvents } from './todays-events.ts';
import { storedEvents } from '#use-cases/records/record-events';
import { memberValue } from '#state-machines/inspection-recommendation/v1/line-members';
import type {
  AnyData,
  RecordEnvelope,
  RecordEvent,
} from '#state-machines/inspection-recommendation/v1/record-event';
import { lifecycles } from '#state-machines/lifecycles';

export const REFERENCE = lifecycles.current('inspection-recommendation').reference;
export const ADMINISTRATOR: Actor = { subject: 'an-administrator', roles: ['administrator'] };
export const INSPECTOR: Actor = { subject: 'an-inspector', roles: ['inspector'] };
export const TODAY = '2026-11-24';
export const NOW = Date.parse(`${TODAY}T12:00:00Z`);
export const DAY_MS = 86_400_000;

export const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Returns a register record with reference 7 and these blocks. */
export const file = (...blocks: string[]): string => `Units (7)\n\nDo it.\n\n${blocks.join('')}`;
export const statusBlock = (date: string, status: string): string =>
  `[on]${date} [status]${status}[/status][/on]`;
export const commentBlock = (date: string, text: string): string =>
  `[on]${date} [comment]\n\n${text}\n\n[/comment][/on]`;

export const comment = (text: string, more: Partial<DecidedEvent> = {}): DecidedEvent => ({
  type: 'CommentAdded',
  data: { text, visibility: 'public' },
  ...more,
});

/** Returns an event in short: `2016-09-30 ProgressStarted`, and its text. */
export const short = ({ effectiveOn, type, data }: RecordEvent): string => {
  const { text, status }: AnyData = data;
  return [effectiveOn, type, text ?? status].filter((part) => part !== undefined).join(' ');
};

const sourcePointers = ({ type, commitments }: RecordEnvelope): string[] =>
  type === 'RegisterRecordImported' ? Object.keys(commitments) : [];

/** Returns a file to import, with default settings. */
export const fileToImport = (
  source: string | Uint8Array,
  more: Partial<BroughtRecord> = {},
): BroughtRecord => ({
  source: typeof source === 'string' ? bytes(source) : source,
  id: null,
  recipient: null,
  dryRun: false,
  ...more,
});

/** Returns the import of a file by an administrator at {@link NOW}. */
export const importCall = (source: string | Uint8Array, more: Partial<ImportCall> = {}): ImportCall => ({
  ...fileToImport(source),
  organisations: [],
  actor: ADMINISTRATOR,
  now: NOW,
  commandId: randomUUID(),
  request: null,
  correlationId: 'a-correlation',
  ...more,
});

/** Imports into a separate store, in addition to live commands; record 7 by default. */
export class RegisterImports {
  readonly store = new MemoryEventStore(createSealer());

  importFile(source: string | Uint8Array, more: Partial<ImportCall> = {}): Promise<ImportOutcome> {
    return importRecord(this.store, lifecycles, importCall(source, more));
  }

  async stream(id = '7'): Promise<readonly RecordEvent<Envelope>[]> {
    return todaysEvents(await storedEvents(this.store, recordOf(id)));
  }

  async exported(id = '7'): Promise<Uint8Array> {
    return exported(await this.stream(id), 'register');
  }

  /** Returns the history after the issue, without the notes of imports. */
  async history(): Promise<string[]> {
    return (await this.stream())
      .slice(1)
      .filter(({ type }) => type !== 'RegisterRecordImported')
      .map(short);
  }

  /** Records decided events on a record as a command does. */
  async live(...events: DecidedEvent[]): Promise<void> {
    const known = await this.stream();
    const state = currentState(lifecycles, known);
    const { drafts } = draftEvents(inspectionRecommendation, state, events, TODAY, recordedBy(ADMINISTRATOR));
    await this.store.append(commit([append(recordStream('7'), known.length, ...drafts)]));
  }

  /** Redacts as the lifecycle does: records the redaction, and then erases the values. */
  async redact(pointersOf: (event: RecordEnvelope) => string[]): Promise<void> {
    for (const event of await this.stream()) {
      const erased = pointersOf(event);
      if (erased.length === 0) continue;
      const data = { eventId: event.eventId, erased, reason: 'asked for' };
      await this.live({ type: 'CommentRedacted', data });
      await this.store.erase(event.streamId, event.version, erased);
    }
  }

  /** Redacts one comment. Its text is also in the source, which is erased too. */
  redactComment(text: string): Promise<void> {
    return this.redact((event) =>
      memberValue(event, 'text') === text ? ['/data/text'] : sourcePointers(event),
    );
  }

  /** Returns the result or error of an attempt that must append nothing. */
  async nothingAppendedBy(act: () => Promise<unknown>): Promise<unknown> {
    const before = JSON.stringify(await collectLog(this.store));
    const outcome = await act().catch((error: unknown) => error);
    if (JSON.stringify(await collectLog(this.store)) !== before) throw new Error('Something was appended');
    return outcome;
  }

  /** Returns the refusal of an attempt that must be refused. */
  async refusalOf(act: () => Promise<unknown>): Promise<CommandRefusedError> {
    const error = await this.nothingAppendedBy(act);
    if (!(error instanceof CommandRefusedError)) throw new Error('It was not refused', { cause: error });
    return error;
  }
}
