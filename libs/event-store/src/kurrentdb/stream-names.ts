import { createHash } from 'node:crypto';

/** Letters, digits and signs that are the same in a name whichever way names are compared. */
const AS_IT_IS = /[a-z0-9_.~!*'()-]/;
const NAME_LENGTH_MAX = 200;

/**
 * The names of a store's streams on the server. Events of a stream are in `PREFIX.<id>`, so that `recommendation-730` is
 * in the category `PREFIX.recommendation`; what else the store keeps is behind `PREFIX:`.
 */
export class StreamNames {
  /** How the names of the streams with events begin. */
  readonly events: string;
  /** How the names of the streams with values begin. */
  readonly values: string;
  /** How the names of all but the streams with events begin. */
  readonly others: string;
  /** Says that there is a store, and in which form. */
  readonly store: string;
  /** Names, in order, the values of which something was erased. */
  readonly erasures: string;
  /** Up to where the log was searched for values without events. */
  readonly swept: string;
  /** How the names of the streams with entries of keyed commands begin. */
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
   * Where the events of a stream are. Different ids have names that differ in more than capitals: the server compares
   * the names within one append without them.
   */
  eventsOf(streamId: string): string {
    const name = Array.from(streamId, (sign) => (AS_IT_IS.test(sign) ? sign : percentCode(sign))).join('');
    if (name.length <= NAME_LENGTH_MAX) return this.events + name;
    const [category = ''] = name.slice(0, NAME_LENGTH_MAX / 2).split('-');
    // No sign of an id stays a # in a name.
    return `${this.events}${category}-#${createHash('sha256').update(name).digest('hex')}`;
  }

  /** Whose events are under a name; null where a name tells no id. */
  streamIdOf(name: string): string | null {
    if (!name.startsWith(this.events)) return null;
    try {
      const streamId = decodeURIComponent(name.slice(this.events.length));
      return this.eventsOf(streamId) === name ? streamId : null;
    } catch {
      return null;
    }
  }

  /** Where the values of a group of events are. */
  valuesOf(key: string): string {
    return this.values + key;
  }

  /** The key of the group of values under a name. */
  keyOf(name: string): string {
    return name.slice(this.values.length);
  }

  /** Where it is said what a keyed command appended. */
  command(commandId: string): string {
    return this.commands + commandId.toLowerCase();
  }
}

function percentCode(sign: string): string {
  // Half of a sign has no bytes; nothing is stored under such an id, and it is not to be taken for another.
  if (!sign.isWellFormed()) return `%u${sign.charCodeAt(0).toString(16)}`;
  return [...Buffer.from(sign)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
