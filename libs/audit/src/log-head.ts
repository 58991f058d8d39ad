import { MerkleTree } from './merkle-tree.ts';

/** A log up to an event, in one hash: the RFC 6962 root, in hex, over the hashes of its first events. */
export interface LogHead {
  readonly events: number;
  readonly hash: string;
}

const SHA256_HEX = /^[0-9a-f]{64}$/;

/** Takes the hashes of a log's events in order, and compares with an earlier head where one is expected. */
export class LogHeads {
  readonly #tree = new MerkleTree();
  readonly #expected: LogHead | null;
  /** Whether the log has had the expected head; null as long as it is not that long. */
  #agrees: boolean | null = null;
  /** The number of the first event whose hash is not known. */
  #unknown: number | null = null;
  #events = 0;

  constructor(expected: LogHead | null) {
    this.#expected = expected;
    this.#compare();
  }

  /** Takes the next event's hash, as the event states it; null where it cannot be read. */
  add(hash: unknown): void {
    this.#events += 1;
    if (this.#unknown !== null) return;
    if (typeof hash !== 'string' || !SHA256_HEX.test(hash)) {
      this.#unknown = this.#events;
      return;
    }
    this.#tree.append(Buffer.from(hash, 'hex'));
    this.#compare();
  }

  #compare(): void {
    if (this.#tree.size !== this.#expected?.events) return;
    this.#agrees = this.#tree.root().toString('hex') === this.#expected.hash;
  }

  /** Null where an event cannot be read, so that there is none. */
  get head(): LogHead | null {
    return this.#unknown === null ? { events: this.#events, hash: this.#tree.root().toString('hex') } : null;
  }

  /** In what the log is not what led from the expected head; null where it is, or none is expected. */
  get divergence(): string | null {
    if (this.#expected === null || this.#agrees === true) return null;
    const { events, hash } = this.#expected;
    if (this.#agrees === false) {
      return `the first ${events} events have not the hash ${hash} that they had: one of them was lost, put in, written anew, or stands in another order`;
    }
    if (this.#unknown !== null) {
      return `event ${this.#unknown} of the log cannot be read, so that the first ${events} cannot be compared`;
    }
    return `the log has ${this.#events} events, and had ${events}: its end is cut off, or an older copy stands in its place`;
  }
}

/**
 * A head as it was printed: alone, as the member `head` of what a verification printed, which may be the last of several lines, or
 * as the line `Head: …` of what is printed for people.
 * @throws RangeError where the text is none.
 */
export function parseLogHead(text: string): LogHead {
  const line = text.trim().split(/\r?\n/).at(-1) ?? '';
  const told = jsonOf(text) ?? jsonOf(line) ?? lineOfHead(text);
  const head = (told as { head?: unknown } | null | undefined)?.head ?? told;
  const { events, hash } = (head ?? {}) as Partial<LogHead>;
  const isHead = Number.isSafeInteger(events) && Number(events) >= 0 && SHA256_HEX.test(String(hash));
  if (!isHead) {
    throw new RangeError(
      'holds no head of a log: what docket verify --json prints, its "head", or the line "Head: …" of docket verify and docket backup',
    );
  }
  return { events: Number(events), hash: String(hash) };
}

/** The last line that tells people of a head. */
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
