import { MerkleTree } from './merkle-tree.ts';

/** The head of a log: the RFC 6962 root, in hex, over the hashes of its first events. */
export interface LogHead {
  readonly events: number;
  readonly hash: string;
}

const SHA256_HEX = /^[0-9a-f]{64}$/;

/** Accumulates the hashes of a log's events in order, and compares the roots with expected earlier heads. */
export class LogHeads {
  readonly #tree = new MerkleTree();
  readonly #expected: readonly LogHead[];
  /** Whether the log agrees with each expected head; null until the log is long enough. */
  readonly #agrees: (boolean | null)[];
  /** The number of the first event without a readable hash. */
  #unknown: number | null = null;
  #events = 0;

  constructor(expected: readonly LogHead[]) {
    this.#expected = expected;
    this.#agrees = expected.map(() => null);
    this.#compare();
  }

  /** Adds the next event's stated hash; null if it cannot be read. */
  add(hash: unknown): void {
    this.#events += 1;
    if (this.#unknown !== null) return;
    if (typeof hash !== 'string' || !SHA256_HEX.test(hash)) {
      this.#unknown = this.#events;
      return;
    }
    this.#tree.appendHash(hash);
    this.#compare();
  }

  /**
   * Adds the next events by the root over their hashes, in hex. Returns false if they are not a complete
   * subtree at this point, or contain an expected head.
   */
  addWhole(events: number, root: string): boolean {
    const from = this.#events;
    const isWithin = (head: LogHead): boolean => head.events > from && head.events < from + events;
    if (this.#unknown !== null || !this.#tree.canAppendWhole(events) || this.#expected.some(isWithin))
      return false;
    this.#events += events;
    this.#tree.appendWhole(events, root);
    this.#compare();
    return true;
  }

  #compare(): void {
    for (let index = 0; index < this.#expected.length; index++) {
      const head = this.#expected[index] as LogHead;
      if (this.#tree.size === head.events) this.#agrees[index] = this.#tree.rootHex() === head.hash;
    }
  }

  /** The head; null if any event's hash cannot be read. */
  get head(): LogHead | null {
    return this.#unknown === null ? { events: this.#events, hash: this.#tree.rootHex() } : null;
  }

  /** Returns a line for each expected head that the log contradicts. */
  get divergences(): string[] {
    return this.#expected.flatMap((head, index) => this.#divergence(head, this.#agrees[index] ?? null) ?? []);
  }

  #divergence({ events, hash }: LogHead, agrees: boolean | null): string | null {
    if (agrees === true) return null;
    if (agrees === false) {
      return `the first ${events} events no longer have the hash ${hash}: an event was lost, inserted, rewritten or moved`;
    }
    if (this.#unknown !== null) {
      return `event ${this.#unknown} of the log cannot be read, so the first ${events} cannot be compared`;
    }
    return `the log has ${this.#events} events, and had ${events}: its end is cut off, or an older copy replaced it`;
  }
}

/**
 * Parses a head from JSON, from the member `head` of a verification's JSON output (which may be the last of
 * several lines), or from a line `Head: …`.
 * @throws RangeError if the text contains none.
 */
export function parseLogHead(text: string): LogHead {
  const line = text.trim().split(/\r?\n/).at(-1) ?? '';
  const parsed = jsonOf(text) ?? jsonOf(line) ?? lineOfHead(text);
  const head = (parsed as { head?: unknown } | null | undefined)?.head ?? parsed;
  const { events, hash } = (head ?? {}) as Partial<LogHead>;
  const isHead = Number.isSafeInteger(events) && Number(events) >= 0 && SHA256_HEX.test(String(hash));
  if (!isHead) {
    throw new RangeError(
      'contains no head of a log: what docket verify --json prints, its "head", or the line "Head: …" of docket verify and docket backup',
    );
  }
  return { events: Number(events), hash: String(hash) };
}

/** Returns the head in the last line `Head: …`. */
function lineOfHead(text: string): LogHead | undefined {
  const [, events, hash = ''] = [...text.matchAll(/^Head: (\d+) events, ([0-9a-f]{64})\s*$/gm)].at(-1) ?? [];
  return events === undefined ? undefined : { events: Number(events), hash };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
