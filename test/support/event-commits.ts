import { randomUUID } from 'node:crypto';
import type { JsonObject, Pointer } from '#event-sourcing/envelope';
import type { Commit, CommandRequest, EventDraft, StreamAppend } from '#event-sourcing/event-store';
import { lifecycles } from '#state-machines/lifecycles';

/** Returns a draft with one sensitive text, `/data/text`. */
export const draft = (text = 'a text', more: Partial<EventDraft> = {}): EventDraft => ({
  type: 'CommentAdded',
  schemaVersion: 1,
  effectiveOn: '2026-11-24',
  data: { text, visibility: 'public' },
  state: { progress: 'awaiting-review', closure: 'none', evidence: 'none', response: 'not-required' },
  sensitive: ['/data/text'],
  ...more,
});

export const redaction = (eventId: string, erased: readonly Pointer[]): EventDraft =>
  draft('', {
    type: 'CommentRedacted',
    data: { eventId, erased, reason: 'asked for' },
    sensitive: [],
  });

export const append = (
  streamId: string,
  expectedVersion: number,
  ...events: readonly EventDraft[]
): StreamAppend => ({ streamId, expectedVersion, events });

export const request = (payload: JsonObject = { text: 'a text' }): CommandRequest => ({
  method: 'POST',
  path: '/recommendations/r-1/commands/add-comment',
  payload,
});

interface CommitOptions {
  readonly id?: string;
  readonly request?: CommandRequest | null;
  readonly recordedAt?: string;
}

export const commit = (appends: readonly StreamAppend[], options: CommitOptions = {}): Commit => ({
  command: { id: options.id ?? randomUUID(), name: 'add-comment', request: options.request ?? null },
  actor: { subject: '4f9d6c2e-2b0a-4f43-9c56-0d4f3f7c9a11', roles: ['inspector', 'approver'] },
  decision: { role: 'inspector', guards: ['text-not-blank'] },
  correlationId: 'c0ffee00-0000-4000-8000-000000000001',
  causationId: null,
  origin: 'command',
  lifecycle: lifecycles.current('inspection-recommendation').reference,
  recordedAt: options.recordedAt ?? '2026-11-24T10:00:00.000Z',
  appends,
});
