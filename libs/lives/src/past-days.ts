import { nextTurn } from '#event-sourcing/event-store';
import type { Models } from '#projections/projection';
import type { TableDefinition } from '#projections/tables';
import { MemoryTables } from '#projections/memory-tables';
import { PAST_DEADLINES, PAST_REGISTER } from '#read-models/past-tables';
import type { PastDeadlineRow, PastRegisterRow } from '#read-models/past-tables';
import type { LivesSet } from './lives-set.ts';
import type { LivesAt } from './moments.ts';

/** The number of days whose tables are kept. */
const KEPT = 2;
/** The number of records whose rows are written in one turn. */
const RECORDS_OF_TURN = 500;

export type DayTable = 'register' | 'deadlines';

/** The tables of the last two days that were requested. */
export class PastDays {
  /** By use, the latest last. */
  #kept: PastDay[] = [];

  /**
   * Runs a read on a table of the end of a day.
   * @throws QueryTooSlowError
   */
  read<Result>(
    { set, today }: LivesAt,
    day: string,
    table: DayTable,
    action: (tables: Models) => Promise<Result>,
  ): Promise<Result> {
    const known = this.#kept.find((each) => each.set === set && each.day === day);
    const kept = known ?? new PastDay(set, today, day);
    this.#kept = [...this.#kept.filter((each) => each !== kept), kept].slice(-KEPT);
    return kept.read(table, action);
  }

  /** Marks the rows of a record as outdated where a set of lives determines them. */
  markOutdated(set: LivesSet, stream: string): void {
    for (const day of this.#kept) if (day.set === set || day.today === set) day.markOutdated(stream);
  }
}

class PastDay {
  readonly set: LivesSet;
  readonly today: LivesSet;
  readonly day: string;
  readonly #tables = new MemoryTables([PAST_REGISTER, PAST_DEADLINES]);
  /** The tables that have rows, each with the records whose rows are to be written again. */
  readonly #filled = new Map<DayTable, Set<string>>();
  #rows = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(set: LivesSet, today: LivesSet, day: string) {
    this.set = set;
    this.today = today;
    this.day = day;
  }

  markOutdated(stream: string): void {
    for (const outdated of this.#filled.values()) outdated.add(stream);
  }

  /** Runs reads one after another, each on the rows of the current lives. */
  read<Result>(table: DayTable, action: (tables: Models) => Promise<Result>): Promise<Result> {
    const read = this.#turn.then(async () => {
      await this.#bringUpToDate(table);
      return this.#tables.read(action);
    });
    this.#turn = read.catch(() => undefined);
    return read;
  }

  async #bringUpToDate(table: DayTable): Promise<void> {
    const outdated = this.#filled.get(table);
    this.#filled.set(table, new Set());
    if (outdated !== undefined) this.#tables.remove(TABLES[table], [...outdated]);
    try {
      for (const streams of inParts(outdated ?? this.set.lives.streams())) {
        this.#tables.write(TABLES[table], this.#rowsOf(table, streams));
        await nextTurn();
      }
    } catch (error) {
      this.#filled.delete(table);
      throw error;
    }
  }

  *#rowsOf(table: DayTable, streams: readonly string[]): Generator<PastRegisterRow | PastDeadlineRow> {
    const { lives } = this.set;
    for (const stream of streams) {
      const recipient_today = this.today.lives.bodyToday(stream);
      if (table === 'register') {
        const row = lives.rowOf(stream, this.day);
        if (row !== null) yield { ...row, number: (this.#rows += 1), recipient_today };
      } else for (const row of lives.deadlinesOf(stream, this.day)) yield { ...row, recipient_today };
    }
  }
}

const TABLES: Readonly<Record<DayTable, TableDefinition>> = {
  register: PAST_REGISTER,
  deadlines: PAST_DEADLINES,
};

function* inParts(streams: Iterable<string>): Generator<readonly string[]> {
  let part: string[] = [];
  for (const stream of streams) {
    if (part.push(stream) < RECORDS_OF_TURN) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
