import { createHash } from 'node:crypto';
import type { Actor, Envelope, JsonObject } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import type { Sealer } from '#event-sourcing/sealer';
import { canonicalJson } from '#audit/canonical';
import { createSealer } from '#audit/seal';
import { draftEvents } from '#lifecycle/decide';
import type { CommandHandler } from '#lifecycle/handle-command';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { CommandRefusedError } from '#lifecycle/refused';
import { commandHandler } from '#platform/docket';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { isOfTheRecipient } from '#state-machines/access';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import { ROLES } from '#state-machines/access';
import { recordedBy } from '../support/recording.ts';
import { issueStream, recordStream } from '#state-machines/inspection-recommendation/kind';
import {
  requestsOfEveryCommand,
  DOCUMENTED,
  expectedOf,
  NO_EVENT,
  PEOPLE,
  PLAIN,
  ruledPeople,
} from '../support/documented-commands.ts';
import type {
  DocumentedRequest,
  DocumentedEvent,
  Expected,
  Named,
  PersonName,
  SituationFacts,
} from '../support/documented-commands.ts';
import { pastEvent, historyOf, issueOf, standingAfter } from '../support/situations.ts';
import type { Happened, ReachableSituation } from '../support/situations.ts';
import { lifecycles } from '#state-machines/lifecycles';

const TODAY = '2026-11-24';
const TOMORROW = '2026-11-25';
export const NOW = Date.parse(`${TODAY}T12:00:00Z`);
/** The day of the requests. */
const RECORDED_AT = `${TODAY}T00:00:00.000Z`;
const ISSUED_ON = '2026-01-01';
const DAYS = { yesterday: '2026-11-23', tomorrow: TOMORROW };
/** The bodies of the recipient's users. */
const BODIES = ['wiltshire'];

/** One request of the matrix. */
interface Cell {
  readonly command: CommandName;
  readonly role: string;
  readonly person: PersonName;
  readonly request: DocumentedRequest;
  readonly situation: ReachableSituation;
}

type Outcome =
  | Exclude<Expected, { code: string }>
  | {
      readonly code: string;
      readonly guard: string | null;
      readonly detail: string;
      /** The number of events that were appended although the command was refused. */
      readonly appended: number;
    };

/** A cell, and the response of the product. */
export interface Answered {
  readonly cell: Cell;
  readonly outcome: Outcome;
}

const SOMEBODY = ['somebody'] as const;

/** The ids for histories of which only the actors matter. */
const NO_NAMES = { record: 'r', comment: NO_EVENT, issued: NO_EVENT, request: NO_EVENT, successor: 's' };

/** The common fields of a history's commits. */
const HISTORY = {
  decision: null,
  correlationId: 'matrix',
  causationId: null,
  origin: 'command',
  lifecycle: lifecycles.current('inspection-recommendation').reference,
  recordedAt: RECORDED_AT,
} as const;

type Drafted = ReturnType<typeof draftEvents<Facts>>;

const uuidOf = (name: string): string => {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** Returns every variant of a command's request. The usual one has no name. */
const requestsOf = (command: CommandName): DocumentedRequest[] => {
  const { body, refused, otherwise = [] } = DOCUMENTED[command];
  return [{ name: '', body, ...(refused && { refused }) }, ...otherwise];
};

/**
 * Returns the requests in one situation: by each role and, for rules about people, by each person. A plain record gets
 * every request, in the short form only near its issue. Other records get requests of unsuitable roles only in their
 * first state, and in the short form none. In the short form a plain record gets variants of a request only near the
 * issue and where the state allows the command; other records get them in one state, and a command that the state
 * refuses from one role.
 */
export function cellsOf(situation: ReachableSituation, isPlain: boolean): Cell[] {
  const cells: Cell[] = [];
  const isLong = process.env['DOCKET_TEST_LONG'] !== undefined;
  // The pending closure determines other requests, whatever the state of the command is.
  const sendsEverywhere = isPlain || situation.facts.closure !== PLAIN.closure;
  const sendsAll = isPlain && (isLong || situation.path.length < 2);
  // All people without a part in the record are equivalent under every rule.
  const did = new Set(historyOf(situation.facts, situation.path, NO_NAMES).map(({ by }) => by));
  const acting = PEOPLE.filter((person) => person === 'somebody' || did.has(person));
  for (const command of Object.keys(DOCUMENTED) as CommandName[]) {
    const documented = DOCUMENTED[command];
    for (const role of ROLES) {
      const isPermitted = documented.roles.includes(role);
      if (!isPermitted && !sendsAll && !(isLong && situation.path.length === 0)) continue;
      const isStateRight = documented.when(situation, role);
      const isRightAtFirst = documented.when({ ...situation, value: inspectionRecommendation.initial }, role);
      if (!isLong && !isPlain && !isStateRight && role !== documented.roles[0]) continue;
      const [usual, ...others] = requestsOf(command) as [DocumentedRequest, ...DocumentedRequest[]];
      // If the state refuses the command, it also refuses the variants.
      const sendsOthers = sendsEverywhere
        ? situation.path.length < 2 || isStateRight
        : isStateRight && (situation.path.length === 0 || !isRightAtFirst);
      const requests = [
        usual,
        ...(isPermitted && (isLong || sendsOthers) ? others : []),
        ...(isPermitted && isPlain && situation.path.length < 2
          ? requestsOfEveryCommand(documented, DAYS)
          : []),
      ];
      for (const request of requests) {
        // If everything is tested, people with a part in the history send the usual request. Others are a person
        // without a part, and those that the rule names.
        const ruled = ruledPeople(request.person ?? documented.person, role, situation);
        const asking =
          request === usual && sendsAll
            ? acting
            : acting.filter((each) => each === 'somebody' || ruled.includes(each));
        const people = documented.person && isPermitted ? asking : SOMEBODY;
        for (const person of people) cells.push({ command, role, person, request, situation });
      }
    }
  }
  return cells;
}

/** Returns the documented response of a cell. */
const expectedIn = ({ command, role, person, request, situation }: Cell, named: Named): Expected =>
  expectedOf(DOCUMENTED[command], request, { role, person }, situation, named);

/** Creates records in situations on a real store, and sends requests to the real handler. */
export class MatrixBench {
  readonly store: EventStore;
  readonly #handler: CommandHandler;
  readonly #sealer: Sealer = createSealer();
  #records = 0;
  #commands = 0;

  constructor(store: EventStore) {
    this.store = store;
    this.#handler = commandHandler(store);
  }

  /** Creates the possible and impossible successors. */
  async prepare(): Promise<void> {
    await this.#append('successor', [pastEvent('RecommendationIssued', { recipient: 'wiltshire' })]);
    await this.#append('foreign', [pastEvent('RecommendationIssued', { recipient: 'kent' })]);
    await this.#append('closed', [
      pastEvent('RecommendationIssued', { recipient: 'wiltshire' }),
      pastEvent('NoFurtherActionDecided', { reason: 'merged', statement: 's' }),
    ]);
  }

  /** Creates a record in a situation, with its predecessor if needed. */
  async record(
    { path }: ReachableSituation,
    variant: Partial<SituationFacts>,
    withPredecessor: boolean,
  ): Promise<Named> {
    const record = `m-${this.#records++}${variant.issue === 'to several' ? '.wiltshire' : ''}`;
    const first = (version: number) => this.#sealer.eventId(uuidOf(`${record} ${version}`), 0);
    const named = {
      record,
      successor: 'successor',
      predecessor: `${record}.before`,
      closed: 'closed',
      foreign: 'foreign',
      issued: first(0),
      // The comment is the second event of every history, by another person than the first.
      comment: first(1),
      // A decided request is the fourth event, by another person than the third.
      request: variant.request === 'decided' ? first(3) : NO_EVENT,
    };
    const history = historyOf(variant, path, named);
    const eventIds = await this.#append(record, history, variant);
    const standing = standingAfter(
      history.map(({ type, data }, index) => ({ type, data, eventId: eventIds[index] as string })),
    );
    if (variant.issue === 'to several') await this.#issue(issueOf(record));
    if (withPredecessor) {
      await this.#append(named.predecessor, [
        pastEvent('RecommendationIssued', { recipient: 'wiltshire' }),
        pastEvent('NoFurtherActionDecided', { reason: 'superseded', statement: 's', supersededBy: record }),
      ]);
    }
    return { ...named, standing };
  }

  /** Appends the events of an issue to several bodies that the record of wiltshire does not contain. */
  async #issue(issue: string): Promise<void> {
    const recipients = ['wiltshire', 'devon'];
    await this.#append(`${issue}.devon`, [pastEvent('RecommendationIssued', { recipient: 'devon', issue })]);
    const issuedToSeveral = {
      type: 'RecommendationsIssued',
      schemaVersion: 1,
      effectiveOn: ISSUED_ON,
      state: null,
    };
    await this.store.append({
      ...HISTORY,
      command: { id: uuidOf(`${issue} held`), name: 'history', request: null },
      actor: { subject: 'issuer', roles: [] },
      appends: [
        {
          streamId: issueStream(issue),
          expectedVersion: 0,
          events: [{ ...issuedToSeveral, data: { issue, recipients }, sensitive: [] }],
        },
      ],
    });
  }

  /** Appends a history, and returns the ids of its events. */
  async #append(
    record: string,
    history: readonly Happened[],
    { author }: Partial<SituationFacts> = {},
  ): Promise<string[]> {
    const eventIds: string[] = [];
    let state: LifecycleState<Facts> | null = null;
    let version = 0;
    // A commit has one actor.
    for (const part of runsOf(history)) {
      const { by } = part[0]!;
      const actor: Actor = { subject: by, roles: by === 'commenter' && author ? ['approver'] : [] };
      const commandId = uuidOf(`${record} ${version}`);
      const eventIdAt = (index: number) => this.#sealer.eventId(commandId, index);
      eventIds.push(...part.keys().map(eventIdAt));
      const drafted: Drafted = draftEvents(
        inspectionRecommendation,
        state,
        part,
        ISSUED_ON,
        recordedBy(actor, { eventIdAt, recordedAt: RECORDED_AT }),
      );
      const append = { streamId: recordStream(record), expectedVersion: version, events: drafted.drafts };
      await this.store.append({
        ...HISTORY,
        command: { id: commandId, name: 'history', request: null },
        actor,
        appends: [append],
      });
      ({ state } = drafted);
      version += part.length;
    }
    return eventIds;
  }

  /** Returns whether the command was listed as allowed before. */
  async isNamed({ command, role, person }: Cell, { record }: Named): Promise<boolean> {
    const loaded = (await this.#handler.states.load(recordStream(record)))!;
    const organisations = isOfTheRecipient(role) ? BODIES : [];
    const caller = { actor: { subject: person, roles: [role] }, organisations, now: NOW };
    return this.#handler.allowed.reasonsAgainst(command, loaded, caller).length === 0;
  }

  /** Sends a request, and returns the events that were appended to the whole log, or the refusal. */
  async send({ command, role, person, request }: Cell, named: Named): Promise<Outcome> {
    const before = await this.store.lastPosition();
    const answer = await this.#handler
      .handle({
        streamId: recordStream(named.record),
        command,
        body: request.body(named),
        actor: { subject: person, roles: [role] },
        now: NOW,
        commandId: uuidOf(`command ${this.#commands++}`),
        request: null,
        expectedVersions: null,
        correlationId: 'matrix',
        organisations: isOfTheRecipient(role) ? BODIES : [],
        mayTouch: () => true,
      })
      .catch(refusalOf);
    const log =
      (await this.store.lastPosition()) === before ? [] : await this.store.readAll({ after: before });
    if (answer instanceof CommandRefusedError) {
      const { code, message: detail, details } = answer;
      return { code, detail, guard: details.guard ?? null, appended: log.length };
    }
    const isOwn = ({ streamId }: Envelope) => streamId === recordStream(named.record);
    // Due events are not part of the command's response.
    const answered = log.filter(({ origin }) => origin !== 'sweep');
    const documentedEvent = ({ type, data }: Envelope): DocumentedEvent => ({ type, data });
    return {
      events: answered.filter(isOwn).map(documentedEvent),
      elsewhere: answered.filter((event) => !isOwn(event)).map(documentedEvent),
      value: answer.state.value,
    };
  }
}

function refusalOf(error: unknown): CommandRefusedError {
  if (error instanceof CommandRefusedError) return error;
  throw error;
}

/** Splits the history into runs of one person. */
function runsOf(history: readonly Happened[]): Happened[][] {
  const runs: Happened[][] = [];
  for (const each of history) {
    const last = runs.at(-1);
    if (last?.[0]?.by === each.by) last.push(each);
    else runs.push([each]);
  }
  return runs;
}

/**
 * Sends every request of a situation: those that the documents forbid to one record, which must stay unchanged, and
 * each of the others to its own record. Returns the responses, and those that differ from the documents.
 */
export async function sendAll(
  bench: MatrixBench,
  cells: readonly Cell[],
  variant: Partial<SituationFacts>,
): Promise<{ answers: Answered[]; differences: string[] }> {
  const answers: Answered[] = [];
  const differences: string[] = [];
  const [{ situation }] = cells as [Cell];
  const shared = await bench.record(situation, variant, true);
  const streams = [shared.record, shared.successor, shared.predecessor].map(recordStream);
  const stored = async () =>
    JSON.stringify(await Promise.all(streams.map((streamId) => bench.store.readStream(streamId))));
  const before = await stored();
  const allowed: Cell[] = [];
  const check = async (cell: Cell, named: Named) => {
    const isNamed = await bench.isNamed(cell, named);
    const outcome = await bench.send(cell, named);
    if (!('code' in outcome) && !isNamed)
      differences.push(`${cellText(cell, variant)}: was taken, and is not named as allowed`);
    answers.push({ cell, outcome });
    const expected = expectedIn(cell, named);
    const difference = differenceOf(expected, outcome);
    if (difference !== null) differences.push(`${cellText(cell, variant)}: ${difference}`);
  };
  for (const cell of cells) {
    if ('code' in expectedIn(cell, shared)) await check(cell, shared);
    else allowed.push(cell);
  }
  if ((await stored()) !== before)
    differences.push(`${cellText(cells[0]!, variant)}: a refusal changed a record`);
  for (const cell of allowed) await check(cell, await bench.record(situation, variant, false));
  return { answers, differences };
}

function differenceOf(expected: Expected, outcome: Outcome): string | null {
  if ('code' in outcome) {
    const { code, appended } = outcome;
    if (appended > 0) return `refused with ${code}, and yet ${appended} events were appended`;
    return 'code' in expected && expected.code === code ? null : `${code} instead of ${canonical(expected)}`;
  }
  return canonical(outcome) === canonical(expected)
    ? null
    : `${canonical(outcome)} instead of ${canonical(expected)}`;
}

const canonical = (value: Expected): string => canonicalJson(value as unknown as JsonObject);

const cellText = ({ command, role, person, request, situation }: Cell, variant: object): string =>
  `${command} ${request.name} by ${role} (${person}) in ${JSON.stringify({ ...situation.value, ...variant })}`;
