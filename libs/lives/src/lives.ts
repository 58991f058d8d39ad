import type { Shown } from '#lifecycle/summary';
import type { ListedRow } from '#read-models/register/register-source';
import type { Asked, Life, Standing } from './life.ts';
import { outcomeOn, settledOn } from './outcome.ts';
import type { DeadlineOnDay, DeadlineOutcome } from './outcome.ts';
import { Codes, numberOfDay, packed, PackedLife, textOfDay } from './packed-life.ts';
import type { PackedDeadline, PackedSpan } from './packed-life.ts';

/** A row of the register on a past day. Titles and names are those of events. */
export interface DayRow extends Omit<ListedRow, 'title' | 'owner' | 'report_name'> {
  readonly title_event: string;
  readonly issue_event: string;
  readonly owner_event: string | null;
}

/** A row of the list of deadlines on a past day. */
export interface DayDeadline {
  /** `<stream>/<deadline>`. */
  readonly id: string;
  readonly stream: string;
  readonly recipient: string | null;
  readonly status: string;
  readonly deadline_id: string;
  readonly kind: string;
  readonly due_on: string;
  readonly first_due_on: string;
  readonly issued_on: string;
  /** 1 if nothing is due any more, else 0. */
  readonly settled: number;
  /** 1 if it was withdrawn, else 0. */
  readonly withdrawn: number;
  readonly extensions: number;
  /** Null if the deadline has not fallen due. */
  readonly outcome: DeadlineOutcome | null;
  /**
   * The bodies under which it was recorded as passed after its entry, each between line breaks; empty for none. Null if
   * it never was.
   */
  readonly late_under: string | null;
  /** The number of events that affect or report the record's deadlines, and the time of the last one that changed their list. */
  readonly revision: number;
  readonly changed_at: string;
  /** The latest decision that the deadline was met, if it was recorded after its effective day. */
  readonly established: { readonly by: readonly string[]; readonly at: string } | null;
}

/** A record and its numbers. */
export interface Lived {
  readonly stream: string;
  readonly life: PackedLife;
}

const FIRST_SIZE = 1 << 14;

/** The lives of all records, as numbers. A replaced life leaves a hole, which is closed when there are many. */
export class Lives {
  readonly codes = new Codes();
  #numbers = new Int32Array(FIRST_SIZE);
  #end = 0;
  #holes = 0;
  readonly #starts = new Map<string, number>();
  /** The ids of the events that a life names, between spaces. */
  readonly #ids = new Map<string, string>();

  get size(): number {
    return this.#starts.size;
  }

  get bytes(): number {
    return this.#numbers.byteLength;
  }

  set(stream: string, life: Life): void {
    this.#holes += this.#lifeOf(stream)?.size ?? 0;
    const { numbers, ids } = packed(life, this.codes);
    if (this.#end + numbers.length > this.#numbers.length) this.#makeRoom(numbers.length);
    this.#numbers.set(numbers, this.#end);
    this.#starts.set(stream, this.#end);
    this.#ids.set(stream, ids);
    this.#end += numbers.length;
  }

  delete(stream: string): void {
    this.#holes += this.#lifeOf(stream)?.size ?? 0;
    this.#starts.delete(stream);
    this.#ids.delete(stream);
  }

  /** Moves the lives together, into a larger list if they fill most of this one. */
  #makeRoom(more: number): void {
    const used = this.#end - this.#holes + more;
    const numbers = new Int32Array(Math.max(this.#numbers.length, Math.ceil(used * 1.5)));
    let end = 0;
    for (const [stream, start] of this.#starts) {
      const { size } = new PackedLife(this.#numbers, start);
      numbers.set(this.#numbers.subarray(start, start + size), end);
      this.#starts.set(stream, end);
      end += size;
    }
    this.#numbers = numbers;
    this.#end = end;
    this.#holes = 0;
  }

  /** Returns the body of a record in the order of storage; null if there is none. */
  bodyToday(stream: string): string | null {
    const life = this.#lifeOf(stream);
    return life && this.codes.text(life.bodyToday);
  }

  *all(): Iterable<Lived> {
    for (const [stream, start] of this.#starts) yield { stream, life: new PackedLife(this.#numbers, start) };
  }

  #lifeOf(stream: string): PackedLife | null {
    const start = this.#starts.get(stream);
    return start === undefined ? null : new PackedLife(this.#numbers, start);
  }

  standingOf({ standing }: PackedSpan): Standing {
    return this.codes.value(standing) as Standing;
  }

  /** Returns the register at the end of a day. */
  *rowsOn(day: string): Iterable<DayRow> {
    const on = numberOfDay(day);
    for (const { stream, life } of this.all()) {
      const span = life.spanOn(on);
      if (span !== null) yield this.#rowOf(stream, life, span);
    }
  }

  #rowOf(stream: string, life: PackedLife, span: PackedSpan): DayRow {
    const { superseded: _, ...standing } = this.standingOf(span);
    const ids = (this.#ids.get(stream) ?? '').split(' ');
    const [issueEvent = ''] = ids;
    return {
      ...{ stream, ...standing, ...(this.codes.value(span.asked) as Asked), version: span.version },
      recipient: this.codes.text(span.recipient),
      issue: this.codes.text(life.issue),
      issue_event: issueEvent,
      title_event: ids[span.titleEvent ?? 0] ?? issueEvent,
      owner_event: span.ownerEvent === null ? null : (ids[span.ownerEvent] ?? null),
      report_published_on: textOfDay(span.publishedOn),
      issued_on: textOfDay(life.issuedOn) ?? '',
      updated_on: textOfDay(span.from) ?? '',
      due_on: textOfDay(span.dueOn),
      closed_on: textOfDay(span.closedOn),
    };
  }

  /** Returns the deadlines at the end of a day, including withdrawn ones. */
  *deadlinesOn(day: string): Iterable<DayDeadline> {
    const on = numberOfDay(day);
    for (const { stream, life } of this.all()) {
      const span = life.spanOn(on);
      if (span === null) continue;
      const ofRecord = {
        ...{ stream, status: this.standingOf(span).status, recipient: this.codes.text(span.recipient) },
        ...{ issued_on: textOfDay(life.issuedOn) ?? '', revision: span.revision },
        changed_at: new Date(span.changedAt).toISOString(),
      };
      for (const deadline of life.deadlinesOn(on))
        yield { ...ofRecord, ...this.#deadline(stream, life, this.onDay(deadline, span), on) };
    }
  }

  onDay(deadline: PackedDeadline, span: PackedSpan): DeadlineOnDay {
    const kind = this.codes.text(deadline.kind) ?? '';
    return { deadline, kind, span, isSuperseded: this.standingOf(span).superseded === 1 };
  }

  #deadline(stream: string, life: PackedLife, each: DeadlineOnDay, on: number) {
    const { deadline, kind } = each;
    const deadlineId = this.codes.text(deadline.id) ?? '';
    const outcome = outcomeOn(each, on);
    const isWithdrawn = deadline.withdrawnOn !== null;
    return {
      ...{ id: `${stream}/${deadlineId}`, deadline_id: deadlineId, kind, outcome },
      due_on: textOfDay(deadline.dueOn) ?? '',
      first_due_on: textOfDay(deadline.firstDueOn) ?? '',
      withdrawn: isWithdrawn ? 1 : 0,
      settled: isWithdrawn || settledOn(each) !== null ? 1 : 0,
      extensions: deadline.extensions,
      late_under: this.#lateUnder(life, deadline, on),
      established: outcome === 'metEstablishedLater' ? this.#established(life, deadlineId, kind, on) : null,
    };
  }

  #lateUnder(life: PackedLife, deadline: PackedDeadline, on: number): string | null {
    const bodies = life.passingsBy(on).flatMap(({ id, body }) => (id === deadline.id ? [body] : []));
    if (bodies.length === 0) return null;
    return `\n${[...new Set(bodies)].map((body) => this.codes.text(body) ?? '').join('\n')}\n`;
  }

  #established(life: PackedLife, deadlineId: string, kind: string, on: number): DayDeadline['established'] {
    const last = life
      .proofsBy(on)
      .findLast(({ met }) => isMet(this.codes.value(met) as Shown['met'], deadlineId, kind));
    if (last === undefined) return null;
    return { by: this.codes.value(last.by) as readonly string[], at: new Date(last.at).toISOString() };
  }
}

function isMet(met: Shown['met'], deadlineId: string, kind: string): boolean {
  if ('id' in met) return met.id === deadlineId;
  return 'kind' in met ? met.kind === kind : met.notKind !== kind;
}
