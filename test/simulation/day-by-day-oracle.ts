/** A day, counted from 1970, so that nothing here depends on the date arithmetic of the tested code. */
type Day = number;

const DAY_MS = 86_400_000;
const dateOf = (day: Day): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
export const dayOf = (date: string): Day => Date.parse(date) / DAY_MS;

type Fact =
  | { readonly on: Day; readonly is: 'open' | 'closed' | 'answered' }
  | {
      readonly on: Day;
      readonly is: 'set' | 'extended';
      readonly deadline: string;
      readonly version: number;
    }
  | { readonly on: Day; readonly is: 'withdrawn'; readonly deadline: string };

interface DateVersion {
  readonly deadline: string;
  readonly version: number;
  readonly dueOn: Day;
  readonly isResponse: boolean;
}

const THRESHOLDS = [
  ['DeadlineApproaching', -14],
  ['DeadlinePassed', 1],
  ['DeadlineEscalated', 30],
] as const;

/**
 * Computes what a sweep must record for one record, day by day: as the rule says, and as differently from the tested
 * code as possible.
 */
export class RecordOracle {
  readonly #issuedOn: Day;
  readonly #facts: Fact[] = [];
  readonly #dates: DateVersion[] = [];
  readonly #recorded = new Set<string>();
  /** The state at the end of the last simulated day. */
  #now = atFirst();
  #through: Day;

  constructor(issuedOn: Day) {
    this.#issuedOn = issuedOn;
    this.#through = issuedOn - 1;
    this.#add({ on: issuedOn, is: 'open' });
  }

  closed(on: Day): void {
    this.#add({ on, is: 'closed' });
  }

  reopened(on: Day): void {
    this.#add({ on, is: 'open' });
  }

  answered(on: Day): void {
    this.#add({ on, is: 'answered' });
  }

  /** Adds a deadline, by default with the next id, and returns its id. */
  set(on: Day, dueOn: Day, isResponse = false, id?: string): string {
    const deadline = id ?? `d${new Set(this.#dates.map((date) => date.deadline)).size + 1}`;
    this.#dates.push({ deadline, version: 1, dueOn, isResponse });
    this.#add({ on, is: 'set', deadline, version: 1 });
    return deadline;
  }

  extended(on: Day, deadline: string, dueOn: Day): void {
    const versions = this.#dates.filter((date) => date.deadline === deadline);
    const [{ isResponse }] = versions as [DateVersion];
    const version = versions.length + 1;
    this.#dates.push({ deadline, version, dueOn, isResponse });
    this.#add({ on, is: 'extended', deadline, version });
  }

  withdrawn(on: Day, deadline: string): void {
    this.#add({ on, is: 'withdrawn', deadline });
  }

  /**
   * Returns the events that a sweep up to the end of a day records, as currently known: `d1/1 DeadlinePassed
   * 2027-07-01`.
   */
  sweep(asOf: Day): string[] {
    const found: string[] = [];
    while (this.#through < asOf) {
      this.#through += 1;
      found.push(...this.#endOfDay(this.#through));
    }
    return found;
  }

  #add(fact: Fact): void {
    this.#facts.push(fact);
    // A later fact may have changed earlier days.
    this.#now = atFirst();
    this.#through = this.#issuedOn - 1;
  }

  #endOfDay(day: Day): string[] {
    const now = this.#now;
    for (const fact of this.#facts) if (fact.on === day) apply(now, fact);
    const found: string[] = [];
    for (const date of this.#dates) {
      const isLive =
        now.inForce.get(date.deadline) === date.version && (date.isResponse ? !now.isAnswered : now.isOpen);
      if (!isLive) continue;
      const key = `${date.deadline}/${date.version}`;
      const crossed = THRESHOLDS.filter(
        ([event, offset]) => day >= date.dueOn + offset && !now.crossed.has(`${key} ${event}`),
      );
      for (const [event] of crossed) now.crossed.add(`${key} ${event}`);
      const last = crossed.at(-1)?.[0];
      if (last === undefined || this.#recorded.has(`${key} ${last}`)) continue;
      this.#recorded.add(`${key} ${last}`);
      found.push(`${key} ${last} ${dateOf(day)}`);
    }
    return found;
  }
}

interface Standing {
  isOpen: boolean;
  isAnswered: boolean;
  readonly inForce: Map<string, number>;
  readonly crossed: Set<string>;
}

const atFirst = (): Standing => ({
  isOpen: false,
  isAnswered: false,
  inForce: new Map(),
  crossed: new Set(),
});

function apply(now: Standing, fact: Fact): void {
  if (fact.is === 'withdrawn') now.inForce.delete(fact.deadline);
  else if ('deadline' in fact) {
    // A deadline cannot be extended before it was set.
    if (fact.is === 'set' || now.inForce.has(fact.deadline)) now.inForce.set(fact.deadline, fact.version);
  } else if (fact.is === 'answered') now.isAnswered = true;
  else now.isOpen = fact.is === 'open';
}
