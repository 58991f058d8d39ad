import { createHash } from 'node:crypto';

/** The characters that a name contains unescaped, none of which differ only in case. */
const AS_IT_IS = /[a-z0-9_.~!*'()-]/;
const NAME_LENGTH_MAX = 200;

/**
 * The names of a store's streams on the server. Events are in `PREFIX.<id>`, so that `recommendation-730` is in the
 * category `PREFIX.recommendation`. All other records are in `PREFIX:…`.
 */
export class StreamNames {
  /** The prefix of streams with events. */
  readonly events: string;
  /** The prefix of streams with values. */
  readonly values: string;
  /** The prefix of all streams without events. */
  readonly others: string;
  /** The stream that marks the store and its format. */
  readonly store: string;
  /** The stream that lists the groups of values in which something was erased. */
  readonly erasures: string;
  /** The stream with the position up to which the sweep has searched the log. */
  readonly swept: string;
  /** The prefix of streams with entries of keyed commands. */
  readonly commands: string;

  constructor(prefix: string) {
    this.events = `${prefix}.`;
    this.values = `${prefix}:values-`;
    this.others = `${prefix}:`;
    this.store = `${prefix}:store`;
    this.erasures = `${prefix}:erasures`;
    this.swept = `${prefix}:swept`;
    this.commands = `${prefix}:command-`;
  }

  /**
   * Returns the name of an event stream. The names of different ids differ in more than case, because the server
   * ignores case within one append.
   */
  eventsOf(streamId: string): string {
    const name = Array.from(streamId, (sign) => (AS_IT_IS.test(sign) ? sign : percentCode(sign))).join('');
    if (name.length <= NAME_LENGTH_MAX) return this.events + name;
    const [category = ''] = name.slice(0, NAME_LENGTH_MAX / 2).split('-');
    // A # in an id is escaped, so this name cannot collide.
    return `${this.events}${category}-#${createHash('sha256').update(name).digest('hex')}`;
  }

  /** Returns the id of the stream with a name; null if the name does not contain it. */
  streamIdOf(name: string): string | null {
    if (!name.startsWith(this.events)) return null;
    try {
      const streamId = decodeURIComponent(name.slice(this.events.length));
      return this.eventsOf(streamId) === name ? streamId : null;
    } catch {
      return null;
    }
  }

  /** Returns the name of the stream with a group of values. */
  valuesOf(key: string): string {
    return this.values + key;
  }

  /** Returns the key of the group of values in the stream with this name. */
  keyOf(name: string): string {
    return name.slice(this.values.length);
  }

  /** Returns the name of the stream with a keyed command's entries. */
  command(commandId: string): string {
    return this.commands + commandId.toLowerCase();
  }
}

function percentCode(sign: string): string {
  // An unpaired surrogate has no UTF-8 bytes. No event is stored under such an id, but its name must not equal another
  // one.
  if (!sign.isWellFormed()) return `%u${sign.charCodeAt(0).toString(16)}`;
  return [...Buffer.from(sign)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
