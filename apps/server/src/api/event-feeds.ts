import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Envelope } from '#event-sourcing/envelope';
import { matchesFilter } from '#use-cases/log/filter-log';
import type { LogFilter } from '#use-cases/log/filter-log';
import { storedEvent } from '#use-cases/records/record-events';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { beginEvents, keepAlive, OpenResponses } from './open-responses.ts';
import type { OpenLimits } from './open-responses.ts';

/** Each feed uses a connection and a reader. */
const FEEDS: OpenLimits = {
  ...{ all: 100, ofSubject: 10 },
  are: 'feeds are open',
  own: ['of your feeds are open', 'close one'],
};

/** Live feeds of the log as server-sent events. An event's id is its position, from which a client resumes. */
@Injectable()
export class EventFeeds implements BeforeApplicationShutdown {
  @Inject(PARTS) private readonly parts!: Parts;
  readonly #open = new OpenResponses(FEEDS);

  /** Opens a feed of the matching events. It ends when the caller's token expires. @throws ProblemError if too many feeds are open. */
  open(request: FastifyRequest, reply: FastifyReply, after: string, filter: LogFilter): void {
    const { subject } = identityOf(request);
    const response = reply.raw;
    // A closed connection emits no further event.
    if (response.destroyed) {
      reply.hijack();
      return;
    }
    this.#open.refuseTooMany(subject);
    // Before the response starts: the position may be invalid.
    const subscription = this.parts.store.subscribe(after, (batch) => this.#send(response, batch, filter));
    // A feed ends on errors, and its client resumes from its last id.
    void subscription.ended
      .catch((error: unknown) => {
        if (response.destroyed) return;
        request.log.error({ err: error, correlationId: request.id }, 'A feed ended');
      })
      .finally(() => response.end());
    beginEvents(request, reply);
    this.#open.add(response, subject);
    keepAlive(request, reply);
    response.once('close', () => {
      void subscription.close().catch(() => undefined);
    });
  }

  async #send(response: ServerResponse, batch: readonly Envelope[], filter: LogFilter): Promise<void> {
    const last = batch.at(-1);
    // Values redacted while a slow reader was awaited are still in the batch.
    let hasWaited = false;
    for (const event of batch) {
      if (!matchesFilter(filter, event)) {
        // An id without data moves the client's position, so that it need not resume from far back.
        if (event === last && !response.writableEnded) response.write(`id: ${event.position}\n\n`);
        continue;
      }
      if (response.destroyed || response.writableEnded) return;
      const current = hasWaited ? await storedEvent(this.parts.store, event) : event;
      const fitted = response.write(
        `id: ${event.position}\nevent: ${event.type}\ndata: ${JSON.stringify(current)}\n\n`,
      );
      if (fitted) continue;
      await waitForDrain(response);
      hasWaited = true;
    }
  }

  /** Feeds never end by themselves, and a stopping server waits for its connections. */
  beforeApplicationShutdown(): void {
    this.#open.end();
  }
}

/** Waits until a response accepts more data or is closed. Removes its listeners. */
async function waitForDrain(response: ServerResponse): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const ends = [once(response, 'drain', { signal }), once(response, 'close', { signal })];
  try {
    await Promise.race(ends);
  } finally {
    waiting.abort();
    // The other promise rejects with the abort, which is not an error here.
    await Promise.allSettled(ends);
  }
}
