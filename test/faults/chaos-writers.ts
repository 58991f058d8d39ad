import { setTimeout as delay } from 'node:timers/promises';
import { systemRandom } from '#event-sourcing/random';
import { commandId } from '#platform/docket';
import { recommendation } from '../support/service.ts';
import type { Answer, Client } from '../support/service.ts';
import type { ChaosNodes } from './chaos-nodes.ts';

/** The time for which a command is retried until it has a response, in milliseconds. */
const ANSWERED_MS_MAX = 120_000;
const AGAIN_MS = 50;
/** The pause between a person's commands in milliseconds, which limits the size of the log. */
const THINK_MS = 20;
/** The number of latest records to which commands are sent, so that no history grows without limit. */
const RECORDS = 40;
const BODIES = ['avon', 'kent'];
/** The share of completed commands that are repeated at the other node. */
const REPEATED = 0.1;

/** A command that is sent, and repeated, with the same key. */
interface KeyedCommand {
  readonly key: string;
  readonly send: (person: Client) => Promise<Answer>;
}

/** The final response of a command. */
interface Settled {
  /** The id of the command in the log. */
  readonly commandId: string;
  readonly accepted: boolean;
  /** The ids of the events on the command's record; empty for an issue, whose response contains none. */
  readonly eventIds: readonly string[];
  /** The records that an issue created. */
  readonly issued: readonly string[];
}

/** Writers over HTTP, with a key for every command. A command that gets no response from one node is sent to the other. */
export class ChaosWriters {
  readonly #nodes: ChaosNodes;
  readonly #random: () => number;
  readonly #records: string[] = [];
  readonly settled: Settled[] = [];
  /** The number of lost responses, and of responses that report an unavailable store. */
  lost = 0;
  unavailable = 0;
  /** The responses that differ from an earlier one to the same command. */
  readonly contradicted: string[] = [];
  longestMs = 0;

  constructor(nodes: ChaosNodes, random: () => number) {
    this.#nodes = nodes;
    this.#random = random;
  }

  get retries(): number {
    return this.lost + this.unavailable;
  }

  /** Sends commands until `isOver`, and ends after the last command's response. */
  async write(name: string, isOver: () => boolean): Promise<void> {
    for (let count = 0; !isOver(); count += 1) {
      const command = this.#next(`${name}-${count}`);
      const answer = await this.#untilAnswered(name, command);
      this.#note(name, command, answer);
      if (answer.status < 300 && this.#random() < REPEATED) {
        const again = await this.#untilAnswered(name, command);
        if (again.text !== answer.text || again.status !== answer.status) {
          this.contradicted.push(`${command.key}: ${answer.text} and then ${again.text}`);
        }
      }
      await delay(THINK_MS * this.#random());
    }
  }

  #next(key: string): KeyedCommand {
    const headers = { 'idempotency-key': key };
    const chance = this.#random();
    const id = this.#records[Math.floor(this.#random() * this.#records.length)];
    if (id === undefined || chance < 0.1) {
      const issue = recommendation({ id: key, recipients: BODIES });
      return { key, send: (person) => person.post('/api/recommendations', issue, headers) };
    }
    const [command, body] = commandFor(chance, key);
    return { key, send: (person) => person.command(id, command, body, headers) };
  }

  async #untilAnswered(subject: string, { key, send }: KeyedCommand): Promise<Answer> {
    const startedAt = performance.now();
    for (let node = Math.floor(this.#random() * this.#nodes.count); ; node += 1) {
      const answer = await responseOrNull(send(this.#nodes.at(node).as('inspector', { subject })));
      if (answer !== null && answer.status !== 503) {
        this.longestMs = Math.max(this.longestMs, performance.now() - startedAt);
        return answer;
      }
      if (answer === null) this.lost += 1;
      else this.unavailable += 1;
      if (performance.now() - startedAt > ANSWERED_MS_MAX) throw new Error(`${key} was never answered`);
      await delay(AGAIN_MS);
    }
  }

  #note(subject: string, { key }: KeyedCommand, { status, json, text }: Answer): void {
    if (![200, 201, 409].includes(status)) throw new Error(`${key} was answered ${status}: ${text}`);
    const accepted = status !== 409;
    const issued = status === 201 ? json.recommendations.map(({ id }) => id) : [];
    const eventIds = status === 200 ? json.events.map(({ eventId }) => eventId) : [];
    this.settled.push({ commandId: commandId(subject, key, systemRandom), accepted, eventIds, issued });
    this.#records.push(...issued);
    this.#records.splice(0, this.#records.length - RECORDS);
  }
}

function commandFor(chance: number, key: string): [string, object] {
  if (chance < 0.4) return ['start-progress', {}];
  if (chance < 0.6) return ['return-to-review', { reason: 'Once more.' }];
  return ['add-comment', { text: `Under ${key}.`, visibility: 'public' }];
}

/** Returns the response; null if it was lost. Throws any other error. */
async function responseOrNull(request: Promise<Answer>): Promise<Answer | null> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Error && error.cause !== undefined) return null;
    throw error;
  }
}
