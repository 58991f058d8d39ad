import { randomUUID } from 'node:crypto';
import { beforeEach, expect } from '@jest/globals';
import { createSealer } from '#audit/seal';
import type { JsonObject } from '#event-sourcing/envelope';
import { atOnce } from '#event-sourcing/folding';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { CommandRefusedError } from '#lifecycle/refused';
import { commandHandler } from '#platform/docket';
import { lifecycles } from '#state-machines/lifecycles';
import { londonDate } from '#state-machines/london';
import { recordStream, recommendation } from '#state-machines/inspection-recommendation/kind';
import { issueRecords } from '#use-cases/records/issue-records';
import { readRecord } from '#use-cases/records/read-record';
import { todaysEvents } from './todays-events.ts';

type Roles = Readonly<Record<string, readonly string[]>>;

const ROLES: Roles = {
  ann: ['inspector'],
  ida: ['inspector'],
  bob: ['approver'],
  cat: ['inspector', 'approver'],
  lea: ['force-lead'],
  pam: ['commissioner'],
};

export const noonOf = (day: string): number => Date.parse(`${day}T12:00:00Z`);

/** The record `r-1` of Wiltshire in a memory store, and people who send commands to it. */
export class OneRecord {
  readonly streamId = recordStream('r-1');
  store!: MemoryEventStore;
  handler!: ReturnType<typeof commandHandler>;
  now!: number;

  readonly #roles: Roles;

  /** @param roles the roles of people whose roles are not the default ones. */
  constructor(roles: Roles = {}) {
    this.#roles = { ...ROLES, ...roles };
    this.open();
  }

  /** Returns a record with a new store for each test of a file. */
  static forEachTest(): OneRecord {
    const one = new OneRecord();
    beforeEach(() => {
      one.open();
    });
    return one;
  }

  open(): void {
    this.store = new MemoryEventStore(createSealer());
    this.handler = commandHandler(this.store);
    this.now = noonOf('2026-11-24');
  }

  readonly callBy = (subject: string) => ({
    actor: { subject, roles: this.#roles[subject.replace('cli:', '')] ?? [] },
    organisations: ['lea', 'pam'].includes(subject) ? ['wiltshire'] : [],
    now: this.now,
    commandId: randomUUID(),
    request: null,
    correlationId: 'one-record',
  });

  readonly sendCommand = (
    subject: string,
    command: string,
    body: JsonObject = {},
    organisations?: readonly string[],
  ) =>
    this.handler.handle({
      ...this.callBy(subject),
      ...(organisations && { organisations }),
      streamId: this.streamId,
      command,
      body,
      expectedVersions: null,
      mayTouch: () => true,
    });

  readonly issue = (more: JsonObject = {}) =>
    issueRecords(this.store, lifecycles, recommendation, {
      ...this.callBy('ann'),
      body: {
        id: 'r-1',
        title: 'A title',
        text: 'A text.',
        recipients: ['wiltshire'],
        report: { name: 'A report', publishedOn: '2026-01-01' },
        ...more,
      },
    });

  readonly stream = async () => todaysEvents(await this.store.readStream(this.streamId));

  readonly record = async (effectiveOn: string | null = null, knownAt: string | null = null) =>
    atOnce(readRecord(lifecycles, await this.stream(), { effectiveOn, knownAt }, londonDate(this.now)))!;

  /** Returns the refusal of a command, and checks that it appended nothing to the record. */
  readonly refused = async (execution: Promise<unknown>): Promise<CommandRefusedError> => {
    const before = await this.stream();
    const answer = await execution.catch((error: unknown) => error);
    if (!(answer instanceof CommandRefusedError)) throw new Error('It was not refused', { cause: answer });
    expect(await this.stream()).toEqual(before);
    return answer;
  };

  /** Returns the code of the refusal of a command. */
  readonly refusal = async (execution: Promise<unknown>): Promise<string> =>
    (await this.refused(execution)).code;
}
