import { createHash } from 'node:crypto';
import { systemRandom } from '#event-sourcing/random';
import { CommandRefusedError } from '#lifecycle/refused';
import { SWEEPER, sweepDeadlines } from '#use-cases/records/sweep-deadlines';
import { londonDate } from '#state-machines/london';
import type { CommandContext } from '#use-cases/call-context';
import { callOf } from '#use-cases/call-context';
import type { Bodies } from '#use-cases/bodies/bodies';
import type { People } from '#use-cases/people/people';
import { attemptIssue } from '#use-cases/records/issue-records';
import { executeCommand } from '#use-cases/records/execute-command';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { seeRecord } from '#use-cases/records/see-record';
import { attemptImport } from '#use-cases/register-files/attempt-import';
import type { RecordKind } from '#lifecycle/kind';
import { formatOrdinalDate } from '#register-format/ordinal-date';
import type { CastMember, Sample, SampleTime, SampleWorld } from '#state-machines/sample';
import { longDate } from '../web/dates.ts';
import { READY_PEOPLE } from '../web/sign-in/ready-people.ts';

/** The use cases that the sample calls. */
export interface SampleParts {
  readonly records: RecordsAccess;
  readonly people: People;
  readonly bodies: Bodies;
}

/** How long a sweep waits for the read models. */
const FOLDED_MS = 30_000;

/** Runs a sample through the same use cases as the API. */
export class LiveWorld implements SampleWorld {
  readonly time: SampleTime;
  readonly newest = new Map<string, string>();
  readonly longDate = longDate;
  readonly registerDate = formatOrdinalDate;
  readonly #kind: RecordKind;
  readonly #parts: SampleParts;
  readonly #seen = new Set<string>();

  constructor(parts: SampleParts, kind: RecordKind, time: SampleTime) {
    this.#parts = parts;
    this.#kind = kind;
    this.time = time;
  }

  person(subject: string): CastMember {
    const person = READY_PEOPLE.find((each) => each.subject === subject);
    if (person === undefined) throw new Error(`No demo person has the subject ${subject}`);
    return { ...person, roles: [person.role] };
  }

  /** Names the sample's bodies and enters its people, as the administrator. */
  async prepare(sample: Sample): Promise<void> {
    const administrator = this.person('demo-administrator');
    await this.#parts.bodies.name(sample.bodies, callOf(await this.#context(administrator)));
    const call = callOf(await this.#context(administrator));
    for (const { subject, name, ...rights } of sample.people(this)) {
      if (name !== null) await this.#parts.people.enter(subject, { ...rights, name }, call);
    }
  }

  sha256(text: string): string {
    return createHash('sha256').update(text).digest('hex');
  }

  async issue(who: CastMember, body: object): Promise<readonly string[]> {
    const context = await this.#context(who);
    const { records } = await attemptIssue(this.#parts.records, context, this.#kind, body);
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
    return (await attemptImport(this.#parts.records, await this.#context(who), file)).id;
  }

  async sendCommand(who: CastMember, id: string, command: string, body: object = {}): Promise<string> {
    const call = { record: { kind: this.#kind, id }, command, body, expectedVersions: null };
    const { answer } = await executeCommand(this.#parts.records, await this.#context(who), call);
    return answer.events[0]?.eventId ?? '';
  }

  async beRefused(who: CastMember, id: string, command: string, body: object = {}): Promise<void> {
    const refusal = await this.sendCommand(who, id, command, body).catch((error: unknown) => error);
    if (refusal instanceof CommandRefusedError) return;
    throw new Error(`${command} on ${id} was not refused`, { cause: refusal });
  }

  async look(id: string) {
    const { records } = this.#parts;
    const at = { view: { effectiveOn: null, knownAt: null }, now: this.time.now };
    return (await seeRecord(records, this.person('demo-inspector'), { kind: this.#kind, id }, at)).record;
  }

  async sweep(): Promise<void> {
    const { store, readModels, lifecycles, projections } = this.#parts.records;
    const { now } = this.time;
    if (!(await projections.whenHandled(await store.lastPosition(), FOLDED_MS)))
      throw new Error('The read models of the sample are not up to date');
    await sweepDeadlines(store, readModels, lifecycles, {
      asOf: londonDate(now),
      actor: SWEEPER,
      correlationId: systemRandom.uuid,
      now: () => now,
    });
  }

  async #context(who: CastMember): Promise<CommandContext> {
    const context = {
      viewer: who,
      now: this.time.now,
      commandId: systemRandom.uuid(),
      request: null,
      correlationId: systemRandom.uuid(),
    };
    if (!this.#seen.has(who.subject)) {
      this.#seen.add(who.subject);
      const identity = { ...who, issuedAt: context.now, expiresAt: context.now };
      await this.#parts.people.see(identity, callOf(context));
    }
    return context;
  }
}
