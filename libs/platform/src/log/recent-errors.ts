import { systemClock } from '#event-sourcing/clock';

/** An error of this process, as shown to operators. The message stays in the log, because it may quote a record. */
interface RecentError {
  readonly at: string;
  /** The error's class; null if the log line had none. */
  readonly name: string | null;
  readonly code: string | null;
  /** The route template of the request. */
  readonly route: string | null;
  /** The read model that the error concerns. */
  readonly projection: string | null;
  /** Identifies the line in the log. */
  readonly correlationId: string | null;
}

const KEPT = 100;
/** Matches names. Free text has spaces, so it is never shown as a name. */
const NAME = /^[\w.:/*-]{1,128}$/;

export class RecentErrors {
  readonly #kept: RecentError[] = [];

  /** Records the fields of a log line, without its message. */
  note(line: unknown, bindings: Readonly<Record<string, unknown>> = {}, now = systemClock.now()): void {
    const fields = { ...bindings, ...(isObject(line) && !(line instanceof Error) && line) };
    const cause = [line, fields['err'], fields['failure']].filter(isObject);
    const causeName = (name: string): string | null =>
      cause.map((each) => nameIn(each, name)).find((each) => each !== null) ?? null;
    this.#kept.push({
      at: new Date(now).toISOString(),
      name: causeName('name'),
      code: causeName('code'),
      route: nameIn(fields, 'route'),
      projection: nameIn(fields, 'projection'),
      correlationId: nameIn(fields, 'correlationId'),
    });
    if (this.#kept.length > KEPT) this.#kept.shift();
  }

  /** The errors, newest first. */
  get all(): readonly RecentError[] {
    return this.#kept.toReversed();
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function nameIn(fields: Readonly<Record<string, unknown>>, member: string): string | null {
  const value = fields[member];
  return typeof value === 'string' && NAME.test(value) ? value : null;
}
