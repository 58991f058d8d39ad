import type { Shown } from '#lifecycle/summary';
import type { Established } from '#read-models/deadlines/outcomes';
import type { PastDeadlineRow, PastRegisterRow } from '#read-models/past-tables';
import { Codes, numberOfDay, textOfDay } from './codes.ts';
import type { Marks } from './deadline-fold.ts';
import type { Asked, Life, Standing } from './life.ts';
import { outcomeOn, settledOn } from './outcome.ts';
import type { DeadlineOnDay } from './outcome.ts';
import { DEADLINE, LIFE, packed, PackedLife, PASSING, PROOF, SPAN } from './packed-life.ts';
import type { Part } from './packed-life.ts';

/** The rows of a past day, without names, which are those of today. */
export type DayRow = Omit<PastRegisterRow, 'number' | 'recipient_today'>;
export type DayDeadline = Omit<PastDeadlineRow, 'recipient_today'>;

/** A record and its numbers. */
export interface Lived {
  readonly stream: string;
  readonly life: PackedLife;
}

const FIRST_SIZE = 1 << 14;

/** The lives of all records, as numbers. A replaced life leaves a hole until the list is full. */
export class Lives {
  readonly codes = new Codes();
  #numbers = new Int32Array(FIRST_SIZE);
  #end = 0;
  readonly #starts = new Map<string, number>();

  set(stream: string, life: Life): void {
    const numbers = packed(life, this.codes);
    if (this.#end + numbers.length > this.#numbers.length) this.#makeRoom(numbers.length);
    this.#numbers.set(numbers, this.#end);
    this.#starts.set(stream, this.#end);
    this.#end += numbers.length;
  }

  delete(stream: string): void {
    this.#starts.delete(stream);
  }

  /** Moves the lives together, into a larger list unless much of this one was holes. */
  #makeRoom(more: number): void {
    let used = more;
    for (const { life } of this.all()) used += life.size;
    const numbers = new Int32Array(Math.max(this.#numbers.length, Math.ceil(used * 1.25)));
    this.#end = 0;
    for (const { stream, life } of this.all()) {
      numbers.set(life.whole, this.#end);
      this.#starts.set(stream, this.#end);
      this.#end += life.size;
    }
    this.#numbers = numbers;
  }

  streams(): Iterable<string> {
    return this.#starts.keys();
  }

  *all(): Iterable<Lived> {
    for (const [stream, start] of this.#starts) yield { stream, life: new PackedLife(this.#numbers, start) };
  }

  #lifeOf(stream: string): PackedLife | null {
    const start = this.#starts.get(stream);
    return start === undefined ? null : new PackedLife(this.#numbers, start);
  }

  /** Returns the body of a record in the order of storage; null if there is none. */
  bodyToday(stream: string): string | null {
    const life = this.#lifeOf(stream);
    return life && this.codes.text(life.at(LIFE.bodyToday));
  }

  standingOf(span: Part): Standing {
    return this.codes.json(span.at(SPAN.standing)) as Standing;
  }

  /** Returns a record at the end of a day; null before its first day. */
  rowOf(stream: string, day: string): DayRow | null {
    const life = this.#lifeOf(stream);
    const span = life?.spanOn(numberOfDay(day)) ?? null;
    if (life === null || span === null) return null;
    const { superseded: _, ...standing } = this.standingOf(span);
    return {
      ...{ stream, ...standing, ...(this.codes.json(span.at(SPAN.asked)) as Asked) },
      version: span.at(SPAN.version),
      recipient: this.codes.text(span.at(SPAN.recipient)),
      issue: this.codes.text(life.at(LIFE.issue)),
      ...{ title: null, report_name: null },
      owner: this.codes.text(span.at(SPAN.ownerEvent)),
      report_published_on: textOfDay(span.at(SPAN.publishedOn)),
      issued_on: textOfDay(life.at(LIFE.issuedOn)) ?? '',
      updated_on: textOfDay(span.at(SPAN.from)) ?? '',
      due_on: textOfDay(span.at(SPAN.dueOn)),
      response_due_on: textOfDay(span.at(SPAN.responseDueOn)),
      closed_on: textOfDay(span.at(SPAN.closedOn)),
    };
  }

  /** Returns the deadlines of a record at the end of a day, including withdrawn ones. */
  *deadlinesOf(stream: string, day: string): Iterable<DayDeadline> {
    const on = numberOfDay(day);
    const life = this.#lifeOf(stream);
    const span = life?.spanOn(on) ?? null;
    if (life === null || span === null) return;
    const ofRecord = {
      ...{
        stream,
        status: this.standingOf(span).status,
        recipient: this.codes.text(span.at(SPAN.recipient)),
      },
      ...{ issued_on: textOfDay(life.at(LIFE.issuedOn)) ?? '', revision: span.at(SPAN.revision) },
      changed_at: new Date(span.instant(SPAN.changedAt)).toISOString(),
    };
    for (const deadline of life.deadlinesOn(on)) {
      const deadline_id = this.codes.text(deadline.at(DEADLINE.id)) ?? '';
      const own = this.#deadline(life, this.onDay(deadline, span), on);
      yield { ...ofRecord, ...own, id: `${stream}/${deadline_id}`, deadline_id };
    }
  }

  onDay(deadline: Part, span: Part): DeadlineOnDay {
    const kind = this.codes.text(deadline.at(DEADLINE.kind)) ?? '';
    const marks = this.codes.json(deadline.at(DEADLINE.marks)) as Marks;
    return { deadline, marks, kind, span, isSuperseded: this.standingOf(span).superseded === 1 };
  }

  #deadline(life: PackedLife, each: DeadlineOnDay, on: number) {
    const { deadline, kind } = each;
    const outcome = outcomeOn(each, on);
    const isWithdrawn = deadline.orNull(DEADLINE.withdrawnOn) !== null;
    return {
      ...{ kind, outcome, extensions: deadline.at(DEADLINE.extensions) },
      due_on: textOfDay(deadline.at(DEADLINE.dueOn)) ?? '',
      first_due_on: textOfDay(deadline.at(DEADLINE.firstDueOn)) ?? '',
      withdrawn: isWithdrawn ? 1 : 0,
      settled: isWithdrawn || settledOn(each) !== null ? 1 : 0,
      late_under: this.#lateUnder(life, deadline, on),
      established: outcome === 'metEstablishedLater' ? this.#established(life, each, on) : null,
    };
  }

  #lateUnder(life: PackedLife, deadline: Part, on: number): string | null {
    const bodies = life
      .passingsBy(on)
      .filter((passing) => passing.at(PASSING.deadlineId) === deadline.at(DEADLINE.id))
      .map((passing) => this.codes.text(passing.at(PASSING.body)) ?? '');
    return bodies.length === 0 ? null : `\n${[...new Set(bodies)].join('\n')}\n`;
  }

  #established(life: PackedLife, { deadline, kind }: DeadlineOnDay, on: number): string | null {
    const id = this.codes.text(deadline.at(DEADLINE.id));
    const shows = (proof: Part): boolean => {
      const met = this.codes.json(proof.at(PROOF.met)) as Shown['met'];
      if ('id' in met) return met.id === id;
      return 'kind' in met ? met.kind === kind : met.notKind !== kind;
    };
    const proof = life.proofsBy(on).findLast(shows);
    if (proof === undefined) return null;
    const by = this.codes.json(proof.at(PROOF.by)) as readonly string[];
    const established: Established = { by, at: new Date(proof.instant(PROOF.at)).toISOString() };
    return JSON.stringify(established);
  }
}
