import { randomUUID } from 'node:crypto';
import { CommandRefusedError } from '#lifecycle/refused';
import { SWEEPER } from '#use-cases/records/threshold-recorder';
import { londonDate } from '#state-machines/london';
import type { Asked } from '#use-cases/asked';
import { callOf } from '#use-cases/asked';
import type { Bodies } from '#use-cases/bodies/bodies';
import type { People } from '#use-cases/people/people';
import { attemptIssue } from '#use-cases/records/attempt-issue';
import { giveCommand } from '#use-cases/records/give-command';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { seeRecord } from '#use-cases/records/see-record';
import { sweepDeadlines } from '#use-cases/records/sweep-deadlines';
import { attemptImport } from '#use-cases/register-files/attempt-import';
import { SAMPLE_BODIES, ADMINISTRATOR, INSPECTORS, leadOf } from './sample-cast.ts';
import type { CastMember } from './sample-cast.ts';
import type { SimulatedTime } from './simulated-time.ts';
import { recordOf } from '#state-machines/record-streams';

/** What the sample is made with: the use cases that the API calls, on a store of its own. */
export interface SampleParts {
  readonly records: RecordsAccess;
  readonly people: People;
  readonly bodies: Bodies;
}

/** How long a sweep waits until it knows of the deadlines. */
const FOLDED_MS = 30_000;

/** What people of the sample do, each at the moment that simulated time is at. */
export class SampleWorld {
  readonly time: SimulatedTime;
  /** The id of the newest record of each body. */
  readonly newest = new Map<string, string>();
  readonly #parts: SampleParts;
  readonly #seen = new Set<string>();

  constructor(parts: SampleParts, time: SimulatedTime) {
    this.#parts = parts;
    this.time = time;
  }

  async nameBodies(): Promise<void> {
    await this.#parts.bodies.name(SAMPLE_BODIES, callOf(await this.#asked(ADMINISTRATOR)));
  }

  /** The administrator enters who leads at each body: they can be named as owners before they were here. */
  async enterLeads(): Promise<void> {
    const call = callOf(await this.#asked(ADMINISTRATOR));
    for (const { slug } of SAMPLE_BODIES) {
      const { subject, name, ...rights } = leadOf(slug);
      if (name !== null) await this.#parts.people.enter(subject, { ...rights, name }, call);
    }
  }

  /** @returns the ids of the records. */
  async issue(who: CastMember, body: object): Promise<readonly string[]> {
    const asked = await this.#asked(who);
    const { records } = await attemptIssue(this.#parts.records, asked, recordOf('').kind, body);
    return records.map(({ id }) => id);
  }

  async importFile(who: CastMember, text: string, recipient: string | null): Promise<string> {
    const file = {
      source: Buffer.from(text),
      id: null,
      recipient,
      anyway: false,
      corrects: null,
      dryRun: false,
    };
    return (await attemptImport(this.#parts.records, await this.#asked(who), file)).id;
  }

  /** @returns the id of the command's first event. */
  async give(who: CastMember, id: string, command: string, body: object = {}): Promise<string> {
    const given = { record: recordOf(id), command, body, expectedVersions: null };
    const { answer } = await giveCommand(this.#parts.records, await this.#asked(who), given);
    return answer.events[0]?.eventId ?? '';
  }

  /** Gives a command that the rules refuse; that is on record, too. */
  async beRefused(who: CastMember, id: string, command: string, body: object = {}): Promise<void> {
    const refusal = await this.give(who, id, command, body).catch((error: unknown) => error);
    if (refusal instanceof CommandRefusedError) return;
    throw new Error(`${command} on ${id} was not refused`, { cause: refusal });
  }

  async look(id: string) {
    const { records } = this.#parts;
    const [viewer] = INSPECTORS;
    const at = { view: { effectiveOn: null, knownAt: null }, now: this.time.now };
    return (await seeRecord(records, viewer, recordOf(id), at)).record;
  }

  async sweep(): Promise<void> {
    const { store, readModels, lifecycles, projections } = this.#parts.records;
    const { now } = this.time;
    if (!(await projections.whenHandled(await store.lastPosition(), FOLDED_MS)))
      throw new Error('The read models of the sample are not folded');
    await sweepDeadlines(store, readModels, lifecycles, {
      asOf: londonDate(now),
      actor: SWEEPER,
      now: () => now,
    });
  }

  async #asked(who: CastMember): Promise<Asked> {
    const asked = {
      viewer: who,
      now: this.time.now,
      commandId: randomUUID(),
      request: null,
      correlationId: randomUUID(),
    };
    if (!this.#seen.has(who.subject)) {
      this.#seen.add(who.subject);
      const identity = { ...who, issuedAt: asked.now, expiresAt: asked.now };
      await this.#parts.people.see(identity, callOf(asked));
    }
    return asked;
  }
}
