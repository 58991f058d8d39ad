import { RandomIdGenerator } from '@opentelemetry/sdk-trace';
import type { IdGenerator } from '@opentelemetry/sdk-trace';

/** Random ids, but for a span whose id is to be found again by who was not there. */
export class SpanIds implements IdGenerator {
  /** The next span's id. To be set right before the span is started, which asks for it at once. */
  next: string | null = null;
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    return this.#random.generateTraceId();
  }

  generateSpanId(): string {
    const id = this.next ?? this.#random.generateSpanId();
    this.next = null;
    return id;
  }
}
