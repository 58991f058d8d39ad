import { randomUUID } from 'node:crypto';
import { commandIds, createSealer, matchesRequest } from '#audit/seal';
import type { Envelope, JsonObject } from '#event-sourcing/envelope';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { commitFor } from '#lifecycle/commit-for';
import { all, commandRow } from '#lifecycle/decide';
import type { CommandTable, DecidedEvent } from '#lifecycle/decide';
import { freeText, identifier, optional } from '#lifecycle/fields';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { CommandHandler } from '#lifecycle/handle-command';
import { issueDefinition, issuePayload } from '#lifecycle/issue';
import { defineLifecycle } from '#lifecycle/lifecycle';
import { Lifecycles, withCommands } from '#lifecycle/lifecycles';
import type { RecordKind } from '#lifecycle/kind';
import { CommandRefusedError } from '#lifecycle/refused';
import { Services } from '#lifecycle/services';
import { definitionsOf } from '#lifecycle/lifecycle-definition';
import type {
  EventDefinition,
  GuardDefinition,
  LifecycleCode,
  RegionConfig,
} from '#lifecycle/lifecycle-definition';
import { commandPayload, first, move } from '#lifecycle/shapes';
import type { Shape } from '#lifecycle/shapes';
import type { SummaryCode, SummaryPart } from '#lifecycle/summary';
import { ownStatechart } from '#state-machines/definition';
import { rolesPolicy } from '#state-machines/access';
import { SWEEPER, thresholdRecorder } from '#use-cases/records/sweep-deadlines';

export const small = {
  ...{ name: 'small', stream: 'small', path: 'smalls' },
  noun: { singular: 'small thing', plural: 'small things' },
  roles: { staff: ['inspector', 'approver'], body: ['force-lead'] },
} as const satisfies RecordKind;

const OWN = {
  SmallBegun: first({ text: freeText(), recipient: optional(identifier()) }),
  SmallDone: move('work', {}),
  SmallReopened: move('work', {}),
};
const MACHINE = {
  work: {
    initial: 'open',
    states: { open: { on: { SmallDone: 'done' } }, done: { on: { SmallReopened: 'open' } } },
  },
};

/** The members of a capability that a small record uses. */
interface Capability<Facts extends object> {
  readonly events: Readonly<Record<string, EventDefinition & Shape>>;
  readonly regions?: Readonly<Record<string, RegionConfig>>;
  readonly guards?: Readonly<Record<string, GuardDefinition>>;
  readonly initial: Facts;
  fold(facts: Facts, event: FoldedEvent): Facts;
  effectiveOnsOfEarlier?(facts: Facts, event: Pick<FoldedEvent, 'type' | 'data'>): readonly string[];
  readonly commands: CommandTable<Facts>;
  readonly summary?: SummaryPart<Facts>;
}

/** Returns a lifecycle with one capability, and a region in which work is open or done. */
function smallLifecycle<Facts extends object>(
  capability: Capability<Facts>,
  code: Partial<LifecycleCode<Facts>> = {},
) {
  const events = { ...OWN, ...capability.events };
  const statechart = ownStatechart({
    ...{ name: small.name, version: 1, statusRegion: 'work', thresholds: {} },
    machine: { id: small.name, type: 'parallel', states: { ...MACHINE, ...capability.regions } },
    guards: { open: { region: 'work', in: ['open'] }, ...capability.guards },
    events: definitionsOf(events),
  });
  const moves = (type: keyof typeof OWN) =>
    commandRow<Facts, object>({
      summary: 'Moves the work.',
      payload: commandPayload('MoveSmallPayload', {}),
      roles: ['inspector'],
      emits: all(type),
      events: () => [{ type, data: {} }],
    });
  const lifecycle = defineLifecycle<Facts>(statechart, '5'.repeat(64), {
    shapes: events,
    facts: {
      initial: capability.initial,
      evolve: (facts, event) => capability.fold(facts, event),
      effectiveOnsOfEarlier: (facts, event) => capability.effectiveOnsOfEarlier?.(facts, event) ?? [],
    },
    body: (facts) => ('recipient' in facts && typeof facts.recipient === 'string' ? facts.recipient : null),
    beginning: { code: 'effective-date-before-beginning', what: 'the beginning' },
    fullness: { stillAccepted: 'nothing' },
    summary: smallSummary(capability),
    ...code,
  });
  return withCommands(lifecycle, {
    kind: small,
    commands: { done: moves('SmallDone'), reopen: moves('SmallReopened'), ...capability.commands },
    issue: issueDefinition({
      summary: 'Begins a small thing.',
      payload: issuePayload('BeginSmallPayload', small.name, {}),
      roles: ['inspector'],
      emits: ['SmallBegun'],
      decide: (_, { today }) => ({ refusal: null, effectiveOn: today, events: () => [] }),
    }),
  });
}

/** Returns the summary code of a small record: that of its capability, for the body that the record names. */
export function smallSummary<Facts extends object>(capability: Capability<Facts>): SummaryCode<Facts> {
  const nothing: SummaryPart<Facts> = { keeps: [], kept: () => ({}), from: () => ({}) };
  const { initial, summary = nothing } = capability;
  const members = summary.keeps as readonly (keyof Facts)[];
  return {
    initial,
    after(before, event) {
      const facts = capability.fold(before, event);
      const after = { ...initial };
      for (const member of members) after[member] = facts[member];
      return after;
    },
    ...summary,
    from: (kept) => ({ ...initial, ...summary.from(kept) }),
    body: (before) => before,
    isClosed: ({ work }) => work === 'done',
  };
}

const STREAM = 'small-1';

/** The sender of a command, their role, and the day. */
interface SmallCall {
  readonly by?: string;
  readonly as?: string;
  readonly organisations?: readonly string[];
  readonly on?: string;
}

/** Creates a record of such a lifecycle in its own store, on 1 November 2026. */
export async function smallRecord<Facts extends object>(
  capability: Capability<Facts>,
  data: JsonObject = { text: 'A text.' },
  code: Partial<LifecycleCode<Facts>> = {},
  further: readonly DecidedEvent[] = [],
) {
  const store = new MemoryEventStore(createSealer());
  const lifecycle = smallLifecycle(capability, code);
  const handler = new CommandHandler<Facts>({
    ...{ store, matchesRequest, commandIds, roles: rolesPolicy, services: new Services() },
    lifecycles: new Lifecycles(lifecycle),
    civilDay: (now) => new Date(now).toISOString().slice(0, 10),
    dueRecorder: thresholdRecorder(SWEEPER),
  });
  const actorOf = ({ by = 'ann', as = 'inspector' }: SmallCall) => ({ subject: by, roles: [as] });
  const at = ({ on = '2026-11-02' }: SmallCall) => Date.parse(`${on}T12:00:00.000Z`);
  const begun = {
    ...{ streamId: STREAM, expectedVersion: 0, lifecycle, before: null, effectiveOn: '2026-11-01' },
    decided: () => [{ type: 'SmallBegun', data }, ...further],
  };
  const header = { name: 'begin', actor: actorOf({}), now: at({ on: '2026-11-01' }), correlationId: 'c' };
  await store.append(commitFor({ ...header, ids: commandIds(randomUUID()) }, [begun]).commit);

  const stored = (): Promise<readonly Envelope[]> => store.readStream(STREAM);
  const state = async () => (await handler.states.load(STREAM))!.state;
  return {
    stored,
    state,
    facts: async (): Promise<Facts> => (await state()).facts,
    /** Returns the types of the command's events, or the code of its refusal. */
    async sendCommand(
      command: string,
      body: JsonObject = {},
      call: SmallCall = {},
    ): Promise<string[] | string> {
      const before = (await stored()).length;
      const commandCall = { streamId: STREAM, command, body, actor: actorOf(call), now: at(call) };
      const { organisations = [] } = call;
      try {
        await handler.handle({
          ...{
            ...commandCall,
            organisations,
            commandId: randomUUID(),
            request: null,
            expectedVersions: null,
          },
          ...{ correlationId: 'c', mayTouch: () => true },
        });
      } catch (error) {
        const { length } = await stored();
        if (!(error instanceof CommandRefusedError) || length !== before) throw error;
        return error.details.guard ?? error.code;
      }
      return (await stored()).slice(before).map(({ type }) => type);
    },
  };
}
