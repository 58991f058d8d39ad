import { systemRandom } from '#event-sourcing/random';
import type { RecordKind } from '#lifecycle/kind';
import { CommandRefusedError } from '#lifecycle/refused';
import { openNode } from '#platform/node';
import { openStore } from '#platform/open-store';
import { readSettings } from '#platform/settings';
import type { Settings } from '#platform/settings';
import { lifecycles } from '#state-machines/lifecycles';
import { londonDate } from '#state-machines/london';
import type { Sample } from '#state-machines/sample';
import type { Bodies } from '#use-cases/bodies/bodies';
import { callOf } from '#use-cases/call-context';
import type { CommandContext } from '#use-cases/call-context';
import { copyStore } from '#use-cases/log/copy-store';
import type { People } from '#use-cases/people/people';
import { executeCommand } from '#use-cases/records/execute-command';
import { attemptIssue } from '#use-cases/records/issue-records';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { seeRecord } from '#use-cases/records/see-record';
import { SWEEPER, sweepDeadlines } from '#use-cases/records/sweep-deadlines';
import { READY_PEOPLE } from '../web/sign-in/ready-people.ts';
import { dayAt, fillText, scheduleOf } from './sample-schedule.ts';
import type { Happening, SampleRecord } from './sample-schedule.ts';

/** Returns the samples of the lifecycles that define one. */
export const samples = async (): Promise<readonly LivedSample[]> =>
  Promise.all(
    lifecycles.currents.flatMap(({ kind, sample }) =>
      sample === undefined ? [] : sample().then((found) => ({ kind, sample: found })),
    ),
  );

interface LivedSample {
  readonly kind: RecordKind;
  readonly sample: Sample;
}

/** The use cases that the sample calls. */
interface SampleParts {
  readonly records: RecordsAccess;
  readonly people: People;
  readonly bodies: Bodies;
}

/** How long a sweep waits for the read models. */
const FOLDED_MS = 30_000;

/** Runs a sample through the same use cases as the API, up to `end` in milliseconds since 1970. */
export async function liveThrough(
  { kind, sample }: LivedSample,
  parts: SampleParts,
  end: number,
  onDay: (now: number) => void,
): Promise<void> {
  const run = new SampleRun(parts, kind, sample);
  const schedule = scheduleOf(sample, end);
  await run.enterPeople(schedule[0]?.at ?? end);
  for (const happening of schedule) {
    onDay(happening.at);
    await run.make(happening).catch((error: unknown) => {
      const what = 'record' in happening ? `${happening.step.command} on ${happening.record.id}` : 'an entry';
      throw new Error(`The sample failed at ${what}`, { cause: error });
    });
  }
}

class SampleRun {
  readonly #parts: SampleParts;
  readonly #kind: RecordKind;
  readonly #sample: Sample;
  readonly #seen = new Set<string>();
  #now = 0;

  constructor(parts: SampleParts, kind: RecordKind, sample: Sample) {
    this.#parts = parts;
    this.#kind = kind;
    this.#sample = sample;
  }

  /** Names the sample's bodies and enters their people, as the administrator. */
  async enterPeople(now: number): Promise<void> {
    this.#now = now;
    const call = callOf(await this.#context(this.#person('administrator', '')));
    const { bodies } = this.#sample;
    await this.#parts.bodies.name(
      bodies.map(({ lead: _, ...body }) => body),
      call,
    );
    for (const { slug, lead } of bodies) {
      const { subject, ...rights } = this.#person('lead', slug);
      await this.#parts.people.enter(subject, { ...rights, name: lead }, call);
    }
  }

  async make(happening: Happening): Promise<void> {
    this.#now = happening.at;
    if ('sweeps' in happening) return this.#sweep();
    if ('issues' in happening) return this.#issue(happening);
    const { record, step, count } = happening;
    const body = await this.#filled(step.payload, record, count);
    if (body === null) return;
    const by = record.isSwapped ? (OTHER_INSPECTOR[step.by] ?? step.by) : step.by;
    const sent = this.#send(this.#person(by, record.body), record.id, step.command, body);
    if (step.refused !== true) {
      const event = await sent;
      if (step.keeps !== true) record.last = event;
      return;
    }
    const refusal = await sent.catch((error: unknown) => error);
    if (!(refusal instanceof CommandRefusedError))
      throw new Error(`${step.command} on ${record.id} was not refused`, { cause: refusal });
  }

  async #issue({ issues, reference, bodies }: Extract<Happening, { issues: unknown }>): Promise<void> {
    const publishedOn = dayAt(this.#now, -2);
    await attemptIssue(this.#parts.records, await this.#context(this.#person('inspector', '')), this.#kind, {
      id: reference,
      title: issues.title,
      text: fillText(issues.text, issues, this.#now),
      recipients: bodies,
      report: { name: `${issues.report ?? ''} ${publishedOn.slice(0, 4)}`, publishedOn },
      responseRequired: issues.mustAnswer === true,
    });
  }

  async #send(who: CastMember, id: string, command: string, body: object): Promise<string> {
    const call = { record: { kind: this.#kind, id }, command, body, expectedVersions: null };
    const { answer } = await executeCommand(this.#parts.records, await this.#context(who), call);
    return answer.events[0]?.eventId ?? '';
  }

  /** Returns a payload with its placeholders filled in; null if the record has nothing for one of them. */
  async #filled(payload: object, record: SampleRecord, count: number): Promise<object | null> {
    const { comments } = this.#sample;
    const comment = comments[count % comments.length] as string;
    const text = fillText(
      JSON.stringify(payload).replaceAll('{comment}', comment),
      record.finding,
      this.#now,
    );
    const missing = new Set<string>();
    const seen = /\{(?:deadline|newest-deadline|proposal|suggested|later)/.test(text)
      ? await this.#look(record.id)
      : null;
    const deadline = seen?.deadlines.findLast(({ kind }) => kind === 'action');
    const proposal = seen?.pending.proposals[0];
    const values: Readonly<Record<string, string | null | undefined>> = {
      body: record.body,
      last: record.last,
      lead: this.#person('lead', record.body).subject,
      inspector: this.#person(record.isSwapped ? 'second' : 'inspector', '').subject,
      deadline: deadline?.id,
      'newest-deadline': seen?.deadlines.at(-1)?.id,
      proposal: proposal?.id,
      suggested: proposal?.suggestedOn,
    };
    const filled = text
      .replaceAll(/\{later\+(\d+)\}/g, (_, days) =>
        dayAt(Math.max(Date.parse(deadline?.dueOn ?? ''), this.#now), Number(days)),
      )
      .replaceAll(/\{([a-z-]+)\}/g, (_, name: string) => {
        if (typeof values[name] !== 'string') missing.add(name);
        return values[name] ?? '';
      });
    return missing.size === 0 ? (JSON.parse(filled) as object) : null;
  }

  async #look(id: string) {
    const at = { view: { effectiveOn: null, knownAt: null }, now: this.#now };
    const viewer = this.#person('inspector', '');
    return (await seeRecord(this.#parts.records, viewer, { kind: this.#kind, id }, at)).record;
  }

  async #sweep(): Promise<void> {
    const { store, readModels, lifecycles: all, projections } = this.#parts.records;
    if (!(await projections.whenHandled(await store.lastPosition(), FOLDED_MS)))
      throw new Error('The read models of the sample are not up to date');
    await sweepDeadlines(store, readModels, all, {
      asOf: londonDate(this.#now),
      actor: SWEEPER,
      correlationId: systemRandom.uuid,
      now: () => this.#now,
    });
  }

  /** Returns a person of the demo; for other bodies, a person who is only in the sample. */
  #person(by: string, body: string): CastMember {
    const { role, suffix = '' } = BY[by] ?? { role: by };
    const isOfBody = role === 'force-lead' || role === 'commissioner';
    const ready = READY_PEOPLE.find(({ subject }) => subject === `demo-${role}${suffix}`);
    if (ready !== undefined && (!isOfBody || ready.organisations.includes(body)))
      return { ...ready, roles: [role] };
    return { subject: `${by}-${body}`, name: null, roles: [role], organisations: [body] };
  }

  async #context(who: CastMember): Promise<CommandContext> {
    const [commandId, correlationId] = [systemRandom.uuid(), systemRandom.uuid()];
    const context = { viewer: who, now: this.#now, commandId, request: null, correlationId };
    if (!this.#seen.has(who.subject)) {
      this.#seen.add(who.subject);
      const identity = { ...who, issuedAt: context.now, expiresAt: context.now };
      await this.#parts.people.see(identity, callOf(context));
    }
    return context;
  }
}

interface CastMember {
  readonly subject: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly organisations: readonly string[];
}

const OTHER_INSPECTOR: Readonly<Record<string, string>> = { inspector: 'second', second: 'inspector' };

const BY: Readonly<Record<string, { readonly role: string; readonly suffix?: string }>> = {
  second: { role: 'inspector', suffix: '-2' },
  lead: { role: 'force-lead' },
};

/**
 * Generates the samples in an in-memory store and copies it to the target. Thousands of commands would be
 * slow with a sync to disk for each.
 */
export async function makeSample(
  lived: readonly LivedSample[],
  { store: address, developmentKey }: Settings,
  end: number,
  onDay: (now: number) => void,
): Promise<void> {
  const settings = readSettings({ DOCKET_STORE: 'memory:', DOCKET_DEVELOPMENT_KEY: developmentKey });
  const fail = (message: string): never => {
    throw new Error(message);
  };
  const none = () => undefined;
  const reports = {
    onError: fail,
    onProjectorError: fail,
    onFailure: fail,
    onWarning: none,
    onSwept: none,
    onDelivery: none,
  };
  const node = await openNode(settings, reports, {
    http: true,
    project: true,
    sweep: null,
    checkpoints: null,
  });
  try {
    for (const each of lived) await liveThrough(each, node.http, end, onDay);
    const target = await openStore(address, { create: true });
    try {
      const { ok } = await copyStore(node.store, target);
      if (!ok) throw new Error('The copy of the sample is not identical');
    } finally {
      await target.close();
    }
  } finally {
    await node.close();
  }
}
