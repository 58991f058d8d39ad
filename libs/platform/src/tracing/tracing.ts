import type { IncomingHttpHeaders } from 'node:http';
import type { ObservedAppend } from '#event-sourcing/store-observer';
import type { FoldedBatch } from '#projections/projection';
import type { Attempt } from '#use-cases/audit-trail/record-refusal';
import { causesOf } from './event-cause.ts';
import type { EventCause } from './event-cause.ts';

/** The trace of one request. */
export interface RequestTrace {
  /** Under which its events are recorded, so that whoever folds them finds the trace; null where it is not recorded. */
  readonly correlationId: string | null;
  /** Carries on with the request: the spans of what is begun in there are below its own. */
  within(work: () => void): void;
  end(answer: RequestAnswer): void;
}

export interface RequestAnswer {
  /** The route's template; null where there is none. */
  readonly route: string | null;
  readonly status: number;
  /** Whether the caller has all of it. */
  readonly complete: boolean;
}

/** A batch that a projection has folded, or could not, for commands whose traces are recorded. */
export interface ProjectedBatch extends Omit<FoldedBatch, 'events'> {
  readonly events: number;
  readonly causes: readonly EventCause[];
}

/**
 * Records what becomes of commands as spans: no texts, no people, no tokens. Nothing that goes wrong with it reaches
 * whom it observes.
 */
export interface Tracing {
  request(method: string, headers: IncomingHttpHeaders): RequestTrace;
  /** Carries an attempt out under a span of its own, which says how it ended. */
  decide<Result>(
    attempt: Pick<Attempt, 'command' | 'record'>,
    carryOut: () => Promise<Result>,
  ): Promise<Result>;
  /** Sweeps under a span of its own. */
  sweep<Result>(sweep: () => Promise<Result>): Promise<Result>;
  /** Under which events of what is under way are recorded; null where its trace is not. */
  correlationId(): string | null;
  appended(append: ObservedAppend): void;
  projected(batch: ProjectedBatch): void;
  /** Sends what is still to be sent, for a bounded time. */
  close(): Promise<void>;
}

/** So many commands of a batch get a span in their traces for each projection that folds it. */
const CAUSES_MAX = 32;

/** Tells of folded batches, but for those of whose commands none is traced. */
export const tellingProjected =
  (onProjected: (batch: ProjectedBatch) => void) =>
  ({ events, ...folded }: FoldedBatch): void => {
    const causes = causesOf(events, CAUSES_MAX);
    if (causes.length > 0) onProjected({ ...folded, events: events.length, causes });
  };
