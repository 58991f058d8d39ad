import type { IncomingHttpHeaders } from 'node:http';
import type { ObservedAppend } from '#event-sourcing/store-observer';
import type { FoldedBatch } from '#projections/projection';
import type { Attempt } from '#use-cases/audit-trail/record-refusal';
import { causesOf } from './event-cause.ts';
import type { EventCause } from './event-cause.ts';

/** The trace of one request. */
export interface RequestTrace {
  /** The correlation id of the request's events, which links them to the trace; null if it is not recorded. */
  readonly correlationId: string | null;
  /** Runs work of the request, so that spans started in it are its children. */
  within(work: () => void): void;
  end(answer: RequestAnswer): void;
}

export interface RequestAnswer {
  /** The route's template, or null. */
  readonly route: string | null;
  readonly status: number;
  /** Whether the response was sent completely. */
  readonly complete: boolean;
}

/** A batch with traced commands that a projection folded or failed to fold. */
export interface ProjectedBatch extends Omit<FoldedBatch, 'events'> {
  readonly events: number;
  readonly causes: readonly EventCause[];
}

/** Records commands as spans, without texts, people or tokens. Tracing errors never reach the traced code. */
export interface Tracing {
  request(method: string, headers: IncomingHttpHeaders): RequestTrace;
  /** Runs an attempt in its own span, which records the outcome. */
  decide<Result>(
    attempt: Pick<Attempt, 'command' | 'record'>,
    carryOut: () => Promise<Result>,
  ): Promise<Result>;
  /** Runs a sweep in its own span. */
  sweep<Result>(sweep: () => Promise<Result>): Promise<Result>;
  /** Returns the correlation id for events of the current trace; null if it is not recorded. */
  correlationId(): string | null;
  appended(append: ObservedAppend): void;
  projected(batch: ProjectedBatch): void;
  /** Sends the unsent spans, up to a time limit. */
  close(): Promise<void>;
}

/** The number of commands in a batch that get a span for each projection that folds it. */
const CAUSES_MAX = 32;

/** Returns a callback that reports folded batches with events of traced commands. */
export const reportingProjected =
  (onProjected: (batch: ProjectedBatch) => void) =>
  ({ events, ...folded }: FoldedBatch): void => {
    const causes = causesOf(events, CAUSES_MAX);
    if (causes.length > 0) onProjected({ ...folded, events: events.length, causes });
  };
