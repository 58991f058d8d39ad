import type { Random } from '#event-sourcing/random';
import type { EventStore } from '#event-sourcing/event-store';
import { asWebhookEvent, webhookDraft, webhooksAfter, WEBHOOKS_STREAM } from '#state-machines/webhook-events';
import type { Webhook, WebhookSettings } from '#state-machines/webhook-events';
import { KeptStream } from '../log/kept-stream.ts';
import type { EventCall } from '../log/kept-stream.ts';
import { ProblemError } from '../problems.ts';

/** More webhooks than an inspectorate needs, and few enough to check all for each event. */
export const WEBHOOKS_MAX = 50;

/** The webhooks, from their stream. */
export class Webhooks {
  readonly #random: Random;
  readonly #stream: KeptStream<readonly Webhook[]>;

  constructor(store: EventStore, random: Random) {
    this.#random = random;
    this.#stream = new KeptStream<readonly Webhook[]>(
      { store, random },
      WEBHOOKS_STREAM,
      [],
      (known, event) => webhooksAfter(known, asWebhookEvent(event)),
    );
  }

  /** Returns all current webhooks, oldest first. */
  all(): Promise<readonly Webhook[]> {
    return this.#stream.read();
  }

  async find(id: string): Promise<Webhook | null> {
    return (await this.all()).find((each) => each.id === id) ?? null;
  }

  /** Adds a webhook, which receives events recorded from then on. @throws ProblemError `too-many-webhooks`. */
  async add(settings: WebhookSettings, call: EventCall): Promise<Webhook> {
    const webhookId = this.#random.uuid();
    await this.#stream.change('add-webhook', call, (known, day) => {
      if (known.length >= WEBHOOKS_MAX) throw tooMany();
      return [webhookDraft('WebhookAdded', { webhookId, ...settings }, day)];
    });
    return (await this.find(webhookId)) as Webhook;
  }

  /** Removes a webhook. @throws ProblemError `not-found`. */
  async remove(webhookId: string, call: EventCall): Promise<void> {
    await this.#stream.change('remove-webhook', call, (known, day) => {
      if (!known.some(({ id }) => id === webhookId)) throw noWebhook();
      return [webhookDraft('WebhookRemoved', { webhookId }, day)];
    });
  }
}

export const noWebhook = (): ProblemError =>
  new ProblemError('not-found', 'There is no such webhook; GET /api/webhooks lists them');

const tooMany = (): ProblemError =>
  new ProblemError(
    'too-many-webhooks',
    `There are already ${WEBHOOKS_MAX} webhooks; remove an unused one first`,
  );
