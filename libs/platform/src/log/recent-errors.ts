import { systemClock } from '#event-sourcing/clock';

/** An error of this process, as those see it who run it: what it says stays in the log, since it may name what is said in a record. */
interface RecentError {
  readonly at: string;
  /** Of the class of the error; null where the line in the log had none. */
  readonly name: string | null;
  readonly code: string | null;
  /** The pattern of the address that was asked for. */
  readonly route: string | null;
  /** The read model that it befell. */
  readonly projection: string | null;
  /** By which its line in the log is found. */
  readonly correlationId: string | null;
}

const KEPT = 100;
/** What is no name does not become one: a text has spaces. */
const NAME = /^[\w.:/*-]{1,128}$/;

/** The last errors that were logged. */
export class RecentErrors {
  readonly #kept: RecentError[] = [];

  /** Notes a line of the log by what stands beside its text. */
  note(line: unknown, bindings: Readonly<Record<string, unknown>> = {}, now = systemClock.now()): void {
    const given = { ...bindings, ...(isObject(line) && !(line instanceof Error) && line) };
    const cause = [line, given['err'], given['failure']].filter(isObject);
    const told = (name: string): string | null =>
      cause.map((each) => nameIn(each, name)).find((each) => each !== null) ?? null;
    this.#kept.push({
      at: new Date(now).toISOString(),
      name: told('name'),
      code: told('code'),
      route: nameIn(given, 'route'),
      projection: nameIn(given, 'projection'),
      correlationId: nameIn(given, 'correlationId'),
    });
    if (this.#kept.length > KEPT) this.#kept.shift();
  }

  /** The newest first. */
  get all(): readonly RecentError[] {
    return this.#kept.toReversed();
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function nameIn(given: Readonly<Record<string, unknown>>, member: string): string | null {
  const value = given[member];
  return typeof value === 'string' && NAME.test(value) ? value : null;
}
