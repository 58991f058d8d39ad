import type { Random } from '#event-sourcing/random';
import { commandIds } from '#audit/seal';
import type { Actor } from '#event-sourcing/envelope';
import type { EventDraft, EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import { retryConflicts } from '#event-sourcing/retry-conflicts';
import { commitFor } from '#lifecycle/commit-for';
import { londonDate } from '#state-machines/london';
import { asWebhookEvent, webhookDraft, webhooksAfter, WEBHOOKS_STREAM } from '#state-machines/webhook-events';
import type { Webhook, WebhookSettings } from '#state-machines/webhook-events';
import { ProblemError } from '../problems.ts';

/** More webhooks than an inspectorate needs, and few enough to check all for each event. */
export const WEBHOOKS_MAX = 50;

interface WebhookCall {
  readonly actor: Actor;
  readonly now: number;
  readonly correlationId: string;
}

/** The webhooks, from their stream. */
export class Webhooks {
  readonly #store: EventStore;
  readonly #random: Random;
  #known: readonly Webhook[] = [];
  #version = 0;
  /** The last read in progress. Concurrent callers wait for it: two parallel reads would fold events twice. */
  #reading: Promise<void> = Promise.resolve();

  constructor(store: EventStore, random: Random) {
    this.#store = store;
    this.#random = random;
  }

  /** Returns all current webhooks, oldest first. */
  async all(): Promise<readonly Webhook[]> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#readOn());
    await this.#reading;
    return this.#known;
  }

  async find(id: string): Promise<Webhook | null> {
    return (await this.all()).find((each) => each.id === id) ?? null;
  }

  /** Adds a webhook, which receives events recorded from then on. @throws ProblemError `too-many-webhooks`. */
  async add(settings: WebhookSettings, call: WebhookCall): Promise<Webhook> {
    const webhookId = this.#random.uuid();
    await this.#change('add-webhook', call, (day) => {
      if (this.#known.length >= WEBHOOKS_MAX) throw tooMany();
      return webhookDraft('WebhookAdded', { webhookId, ...settings }, day);
    });
    return (await this.find(webhookId)) as Webhook;
  }

  /** Removes a webhook. @throws ProblemError `not-found`. */
  async remove(webhookId: string, call: WebhookCall): Promise<void> {
    await this.#change('remove-webhook', call, (day) => {
      if (!this.#known.some(({ id }) => id === webhookId)) throw noWebhook();
      return webhookDraft('WebhookRemoved', { webhookId }, day);
    });
  }

  async #change(name: string, call: WebhookCall, decide: (day: string) => EventDraft): Promise<void> {
    await retryConflicts(async () => {
      await this.all();
      const append = {
        streamId: WEBHOOKS_STREAM,
        expectedVersion: this.#version,
        events: [decide(londonDate(call.now))],
      };
      const { commit } = commitFor({ ...call, ids: commandIds(this.#random.uuid()), name }, [append]);
      return this.#store.append(commit);
    });
  }

  async #readOn(): Promise<void> {
    for await (const event of streamEvents(this.#store, WEBHOOKS_STREAM, this.#version)) {
      this.#known = webhooksAfter(this.#known, asWebhookEvent(event));
      this.#version = event.version;
    }
  }
}

export const noWebhook = (): ProblemError =>
  new ProblemError('not-found', 'There is no such webhook; GET /api/webhooks lists them');

const tooMany = (): ProblemError =>
  new ProblemError(
    'too-many-webhooks',
    `There are already ${WEBHOOKS_MAX} webhooks; remove an unused one first`,
  );
