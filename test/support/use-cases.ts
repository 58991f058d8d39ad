import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach } from '@jest/globals';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import type { Envelope, JsonObject } from '#event-sourcing/envelope';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { trailStream } from '#state-machines/audit-trail-events';
import { londonDate } from '#state-machines/london';
import type { LogSigning } from '#platform/checkpoints/log-signing';
import { commandHandler } from '#platform/docket';
import { PROJECTIONS } from '#platform/projections';
import { waitForPosition } from '#projections/read-models-status';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { pastHere } from '#lives/past';
import type { Past } from '#lives/past';
import { PastReader } from '#lives/past-reader';
import { ProjectionRunner } from '#projections/runner';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import type { Viewer } from '#state-machines/access';
import { recordStream, recommendation } from '#state-machines/inspection-recommendation/kind';
import { recordOf } from '#state-machines/record-streams';
import { lifecycles } from '#state-machines/lifecycles';
import type { CommandContext, Reader } from '#use-cases/call-context';
import { People } from '#use-cases/people/people';
import { attemptIssue } from '#use-cases/records/issue-records';
import { Eraser } from '#use-cases/records/eraser';
import { executeCommand } from '#use-cases/records/execute-command';
import { KnownHistories } from '#use-cases/records/known-histories';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { AccessRecorder } from '#use-cases/audit-trail/record-access';
import { RefusalRecorder } from '#use-cases/audit-trail/record-refusal';
import { signingIn } from './log-signing.ts';

export const NOON = Date.parse('2026-11-24T12:00:00Z');

/** Returns a reader with one role and these bodies. */
export const viewer = (role: string, ...organisations: readonly string[]): Reader => ({
  subject: `a-${role}`,
  roles: [role],
  organisations,
  correlationId: 'spec',
});

/** Returns a caller at {@link NOON}, without an Idempotency-Key. */
export const commandContext = (who: Viewer, more: Partial<CommandContext> = {}): CommandContext => ({
  viewer: who,
  now: NOON,
  commandId: randomUUID(),
  request: null,
  correlationId: 'spec',
  ...more,
});

export const INSPECTOR = viewer('inspector');

/** The parts of a service on a memory store. They are new for each test, and closed with it. */
export class ServiceParts implements RecordsAccess {
  store!: MemoryEventStore;
  readonly random = systemRandom;
  readModels!: ReadModelDatabase;
  past!: Past;
  commands!: RecordsAccess['commands'];
  readonly lifecycles: RecordsAccess['lifecycles'];
  histories!: KnownHistories;
  eraser!: Eraser;
  people!: People;
  accesses!: AccessRecorder;
  #refusals!: RefusalRecorder;
  #runner!: ProjectionRunner;

  constructor(followed: RecordsAccess['lifecycles'] = lifecycles) {
    this.lifecycles = followed;
    beforeEach(() => {
      this.#open();
    });
    afterEach(() => this.#close());
  }

  attempt: RecordsAccess['attempt'] = (attempt, carryOut) => this.#refusals.recording(attempt, carryOut);

  readonly projections: RecordsAccess['projections'] = {
    whenHandled: async (position, timeoutMs) => {
      await this.fold();
      return waitForPosition(this.readModels, position, timeoutMs);
    },
  };

  /** Projects up to the end of the log. */
  fold(): Promise<void> {
    return this.#runner.catchUp();
  }

  /** Keeps projecting, and erases redacted values, until the test ends. */
  async follow(): Promise<void> {
    await this.#runner.start();
    this.eraser.start();
  }

  /** Issues a record to a body. */
  async issue(id: string, recipient: string, more: JsonObject = {}): Promise<void> {
    const report = { name: 'PEEL 2026', publishedOn: '2026-01-05' };
    const body = { id, title: `Title of ${id}`, text: 'The force should act.', report, ...more };
    await attemptIssue(this, commandContext(INSPECTOR), recommendation, { ...body, recipients: [recipient] });
  }

  /** Sends a command to a record. */
  sendCommand(
    who: Viewer,
    id: string,
    command: string,
    body: JsonObject = {},
    more: Partial<CommandContext> = {},
  ) {
    return executeCommand(this, commandContext(who, more), {
      record: recordOf(id),
      command,
      body,
      expectedVersions: null,
    });
  }

  /** Registers people of some bodies by their names. */
  async enter(names: Readonly<Record<string, string>>, ...organisations: readonly string[]): Promise<void> {
    const context = {
      actor: { subject: 'root', roles: ['administrator'] },
      now: NOON,
      correlationId: 'spec',
    };
    for (const [subject, name] of Object.entries(names))
      await this.people.enter(subject, { name, roles: [], organisations }, context);
    await this.fold();
  }

  /** Returns the signing of the log with a key in a folder. Appends its messages to `reports`. */
  signing(
    folder: string,
    reports: string[],
    more: { readonly origin?: string; readonly timestampUrl?: string } = {},
  ): LogSigning {
    return signingIn(folder, { store: this.store, database: this.readModels, reports, ...more });
  }

  stream(id: string): Promise<Envelope[]> {
    return this.store.readStream(recordStream(id));
  }

  /** Returns the recorded disclosures. */
  async disclosures(): Promise<JsonObject[]> {
    const events = await this.store.readStream(trailStream('accesses', londonDate(NOON)));
    return events.map(({ data, actor }) => ({ ...data, by: actor.subject }));
  }

  /** Returns the recorded refused attempts. */
  async refused(): Promise<JsonObject[]> {
    const events = await this.store.readStream(trailStream('refusals', londonDate(NOON)));
    return events.map(({ data, actor }) => ({ ...data, by: actor.subject }));
  }

  #open(): void {
    this.store = new MemoryEventStore(createSealer());
    this.past = pastHere(new PastReader(this.store));
    this.readModels = openSqliteReadModels(':memory:', PROJECTIONS);
    this.commands = commandHandler(this.store, { lifecycles: this.lifecycles });
    this.histories = new KnownHistories(this.store, this.lifecycles);
    this.people = new People(this.store, systemRandom);
    const fail = (error: unknown): void => {
      throw error instanceof Error ? error : new Error(String(error));
    };
    this.#refusals = new RefusalRecorder(this.store, systemRandom, fail);
    this.accesses = new AccessRecorder(
      this.store,
      { clock: { now: () => NOON }, random: systemRandom },
      fail,
    );
    const { store, readModels: database } = this;
    this.#runner = new ProjectionRunner({
      store,
      database,
      batchPauseMs: { min: 0, max: 1 },
    });
    this.eraser = new Eraser({
      store,
      database,
      onError: fail,
      pollMs: 2,
    });
  }

  async #close(): Promise<void> {
    await this.eraser.stop();
    await this.#runner.stop();
    this.#refusals.close();
    this.accesses.close();
    await this.readModels.close();
    await this.store.close();
  }
}
