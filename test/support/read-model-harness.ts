import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import type { Envelope } from '#event-sourcing/envelope';
import { openReadModels } from '#projections/open-read-models';
import type { DatabaseAddress } from '#projections/database-address';
import type { Projection } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { checkReadModels } from '#projections/check-read-models';
import { rebuild } from '#projections/rebuild';
import { ProjectionRunner } from '#projections/runner';
import type { RunnerOptions } from '#projections/runner';
import { DATABASE_KINDS } from './read-model-databases.ts';
import type { DatabaseKind } from './read-model-databases.ts';
import { checkSearch, cut, foldInParts, liveRows } from './read-models.ts';
import type { Row } from './read-models.ts';
import { RecordLog } from './record-log.ts';

type HarnessRunner = Partial<RunnerOptions> &
  Pick<RunnerOptions, 'database'> & {
    /** Projections with the definitions of the harness, which may fold in another way. */
    readonly projections?: readonly Projection[];
  };

/** Opens and starts the parts of a read-model test, and ends them with the test. */
export class ReadModelHarness {
  /** The log, which is empty at the start of a test. */
  readonly log = new RecordLog();
  /** The errors that the runners reported. */
  readonly errors: unknown[] = [];
  readonly projections: readonly Projection[];
  readonly #opened: ReadModelDatabase[] = [];
  readonly #runners: ProjectionRunner[] = [];

  constructor(projections: readonly Projection[]) {
    this.projections = projections;
    beforeEach(() => {
      this.log.clear();
      this.errors.length = 0;
    });
    afterEach(() => this.end());
  }

  /** Closes the database with the test, and returns it. */
  adopt<Database extends ReadModelDatabase>(database: Database): Database {
    this.#opened.push(database);
    return database;
  }

  /** Returns a runner of the projections on the log, with short intervals. It stops with the test. */
  runner({ projections = this.projections, database, ...options }: HarnessRunner): ProjectionRunner {
    const runner = new ProjectionRunner({
      store: this.log,
      database: { ...database, projections },
      onError: (error) => this.errors.push(error),
      batchPauseMs: { min: 0, max: 1 },
      retryMs: { first: 1, max: 20 },
      unusedPollMs: 20,
      ...options,
    });
    this.#runners.push(runner);
    return runner;
  }

  /** Projects the log up to its end. */
  foldInto(database: ReadModelDatabase): Promise<void> {
    return foldInParts(database, [this.log.events]);
  }

  /** Rebuilds read models from the log. */
  rebuild(database: ReadModelDatabase): Promise<unknown> {
    return rebuild({ store: this.log, database, signal: new AbortController().signal });
  }

  /** Compares read models with a fresh fold of the log. */
  check(database: ReadModelDatabase): ReturnType<typeof checkReadModels> {
    return checkReadModels({ store: this.log, database, signal: new AbortController().signal });
  }

  async end(): Promise<void> {
    await Promise.all(this.#runners.splice(0).map((runner) => runner.stop()));
    await Promise.all(this.#opened.splice(0).map((database) => database.close()));
  }
}

/** Read models in one kind of database. Each test begins with empty ones. */
export class ReadModelsOf extends ReadModelHarness {
  readonly kind: DatabaseKind;
  readonly #isShared: boolean;
  #place: DatabaseAddress | undefined;
  #database: ReadModelDatabase | undefined;

  /** @param isShared true if several connections may open the same read models. */
  constructor(kind: DatabaseKind, projections: readonly Projection[], { isShared = false } = {}) {
    super(projections);
    this.kind = kind;
    this.#isShared = isShared;
    beforeEach(() => this.#begin());
  }

  async #begin(): Promise<void> {
    this.#place = this.#isShared ? await this.kind.fresh() : undefined;
    this.#database = await this.open();
  }

  get database(): ReadModelDatabase {
    if (this.#database === undefined) throw new Error('there are read models within a test only');
    return this.#database;
  }

  /** The address of the read models. */
  get place(): DatabaseAddress {
    if (this.#place === undefined) throw new Error('only shared read models have a place');
    return this.#place;
  }

  /** Opens another connection to the read models if they are shared, otherwise new ones. */
  async open(): Promise<ReadModelDatabase> {
    return this.adopt(
      await (this.#isShared
        ? openReadModels(this.place, this.projections)
        : this.kind.open(this.projections)),
    );
  }

  /** Replaces read models and log by empty ones, for the cases of a property. */
  async anew(): Promise<void> {
    await this.end();
    this.log.clear();
    await this.#begin();
  }

  /** Removes the read models, and replaces them and the log by empty ones. */
  async removed(): Promise<void> {
    await this.end();
    await this.kind.remove(this.place);
    this.#database = await this.open();
  }

  override runner(options: Partial<HarnessRunner> = {}): ProjectionRunner {
    return super.runner({ database: this.database, ...options });
  }

  /** Projects the log up to its end. */
  fold(): Promise<void> {
    return this.foldInto(this.database);
  }

  /** Returns the rows of a projection's table by key. */
  async rows(table: string): Promise<Row[]> {
    const projection = this.projections.find(({ tables }) => tables.some(({ name }) => name === table));
    if (projection === undefined) throw new Error(`no projection of this spec has the table ${table}`);
    return (await liveRows(this.database, projection))[table] ?? [];
  }

  /**
   * Throws if projecting the log in parts of these sizes, or at once, results in other rows than event by event, or if
   * it matters whether records are still known from the part before.
   */
  async expectSameRows({ events }: RecordLog, sizes: readonly number[]): Promise<void> {
    const strange = events.map((event) => ({ ...event, previousHash: event.previousHash && 'not known' }));
    for (const projection of this.projections) {
      const inParts = await this.#rowsOf(projection, cut(events, [...sizes, Infinity]));
      expect(inParts).toEqual(await this.#rowsOf(projection, cut(events, [])));
      expect(inParts).toEqual(await this.#rowsOf(projection, cut(strange, [...sizes, Infinity])));
    }
  }

  /** Returns the rows of separate read models, after checking their search. */
  async #rowsOf(
    projection: Projection,
    parts: readonly (readonly Envelope[])[],
  ): Promise<Record<string, Row[]>> {
    const database = await this.kind.open([projection]);
    try {
      await foldInParts(database, parts);
      for (const { name } of projection.searches ?? []) await checkSearch(database, name);
      return await liveRows(database, projection);
    } finally {
      await database.close();
    }
  }
}

/** Runs a spec on each kind of database; `$name` in the title is the kind. */
export function onEachDatabase(
  title: string,
  projections: readonly Projection[],
  spec: (models: ReadModelsOf) => void,
): void {
  describe.each(DATABASE_KINDS)(title, (kind) => {
    spec(new ReadModelsOf(kind, projections));
  });
}

/** Runs a spec of folds on each kind of database in the long form, and on SQLite in the short form: specs of queries run on each in both. */
export function onEqualDatabases(
  title: string,
  projections: readonly Projection[],
  spec: (models: ReadModelsOf) => void,
): void {
  const kinds = process.env['DOCKET_TEST_LONG'] === undefined ? DATABASE_KINDS.slice(0, 1) : DATABASE_KINDS;
  describe.each(kinds)(title, (kind) => {
    spec(new ReadModelsOf(kind, projections));
  });
}

/** Runs a spec as `onEachDatabase` does, with read models that several connections may open. */
export function onEachSharedDatabase(
  title: string,
  projections: readonly Projection[],
  spec: (models: ReadModelsOf) => void,
): void {
  describe.each(DATABASE_KINDS)(title, (kind) => {
    spec(new ReadModelsOf(kind, projections, { isShared: true }));
  });
}
