import { createHash } from 'node:crypto';

// An independent implementation of docs/event-format.md. It imports only node:crypto, and no code of Docket.

type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
type JsonObject = { [member: string]: Json };
export interface Event extends JsonObject {
  eventId: string;
  type: string;
  streamId: string;
  version: number;
  command: { id: string; name: string; digest: string | null };
  data: JsonObject;
  commitments: { [pointer: string]: string };
  salts: { [pointer: string]: string };
  previousHash: string | null;
  hash: string;
}
export interface Copy {
  readonly events: readonly Event[];
  readonly withheld?: readonly { readonly eventId: string; readonly pointer: string }[];
  /** True for a whole log; absent for the events of one record. */
  readonly isLog?: boolean;
}

const MEMBERS =
  `envelope eventId type schemaVersion streamId version recordedAt effectiveOn actor command decision correlationId causationId
  origin lifecycle state data nonce commitments salts previousHash hash position`.split(/\s+/);
const INNER: Record<string, string> = {
  actor: 'roles subject',
  command: 'digest id name',
  decision: 'guards role',
  lifecycle: 'digest name version',
};
const REQUEST = '/command/digest';

const sha256 = (...parts: (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const bytes = (hex: string | undefined): Buffer => Buffer.from(hex ?? '', 'hex');

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`).join(',')}}`;
}

/** Returns the object that contains the value at a pointer, and the name of the member. */
function place(root: Json, pointer: string): [JsonObject, string] {
  const names = pointer.split('/').slice(1);
  const tokens = names.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = tokens.pop() ?? '';
  let at: Json | undefined = root;
  for (const token of tokens) at = (at as JsonObject | undefined)?.[token];
  return [(at ?? {}) as JsonObject, last];
}
function valueAt(event: Event, pointer: string): Json | undefined {
  const [object, name] = place(event, pointer);
  return object[name];
}

/** Returns the text that is hashed. */
export function hashed(event: Event): string {
  const { hash: _hash, position: _position, salts: _salts, ...rest } = structuredClone(event) as JsonObject;
  for (const pointer of Object.keys(event.commitments)) {
    const [object, name] = place(rest, pointer);
    Reflect.deleteProperty(object, name);
  }
  return canonical(rest);
}

export const salted = (salt: string | undefined, value: Json): string =>
  sha256(bytes(salt), canonical(value)).toString('hex');

export function uuid5(namespace: string, name: string): string {
  const id = createHash('sha1')
    .update(bytes(namespace.replaceAll('-', '')))
    .update(name)
    .digest();
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x50;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  return id.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Returns the Merkle root of the events' hashes in log order. */
export function rootOf(hashes: readonly string[]): string {
  const root = (leaves: readonly Buffer[]): Buffer => {
    if (leaves.length <= 1) return leaves[0] ?? sha256();
    let half = 1;
    while (half * 2 < leaves.length) half *= 2;
    return sha256(Buffer.of(1), root(leaves.slice(0, half)), root(leaves.slice(half)));
  };
  return root(hashes.map((hash) => sha256(Buffer.of(0), bytes(hash)))).toString('hex');
}

/** Returns the numbers of the failed checks, each with the event's stream and version; empty if all pass. */
export function verify({ events, withheld = [], isLog = false }: Copy): string[] {
  const found: string[] = [];
  const last = new Map<string, Event>();
  const numbers = new Map<string, number>();
  const redacted = new Map<string, Event>();
  const isRedacted = (eventId: string): boolean =>
    [...redacted.keys()].some((key) => key.startsWith(`${eventId} `));
  for (const event of events.filter(({ type }) => type === 'CommentRedacted')) {
    for (const pointer of event.data['erased'] as string[])
      redacted.set(`${event.data['eventId'] as string} ${pointer}`, event);
  }
  const commandsRedacted = new Set(
    events.filter(({ eventId }) => isRedacted(eventId)).map(({ command }) => command.id),
  );
  const listed = new Set(withheld.map(({ eventId, pointer }) => `${eventId} ${pointer}`));
  for (const event of events) {
    const wrong = (check: number): unknown => found.push(`${check} ${event.streamId} ${event.version}`);
    if (!hasForm(event)) {
      wrong(1);
      continue;
    }
    if (sha256(hashed(event)).toString('hex') !== event.hash) wrong(2);
    const before = last.get(event.streamId);
    if (event.version !== (before?.version ?? 0) + 1 || event.previousHash !== (before?.hash ?? null))
      wrong(3);
    last.set(event.streamId, event);
    for (const [pointer, commitment] of Object.entries(event.commitments)) {
      const value = valueAt(event, pointer);
      const key = `${event.eventId} ${pointer}`;
      const redaction = redacted.get(key);
      const isLater = redaction?.streamId === event.streamId && redaction.version > event.version;
      if (value === undefined) {
        if (pointer in event.salts) wrong(4);
        if (!isLater && !listed.has(key)) wrong(5);
      } else {
        if (salted(event.salts[pointer], value) !== commitment) wrong(4);
        if (redaction !== undefined || listed.has(key)) wrong(6);
      }
    }
    if (
      Object.keys(event.salts).some(
        (pointer) =>
          !(pointer in event.commitments) && (pointer !== REQUEST || event.command.digest === null),
      )
    )
      wrong(4);
    const isUnsalted = event.command.digest !== null && !(REQUEST in event.salts);
    if (isLog && isUnsalted && !commandsRedacted.has(event.command.id)) wrong(10);
    const number = numbers.get(event.command.id) ?? (isLog ? 0 : firstNumber(event));
    if (event.eventId !== uuid5(event.command.id, String(number))) wrong(7);
    numbers.set(event.command.id, number + 1);
  }
  for (const { eventId, pointer } of withheld) {
    if (!events.some((event) => event.eventId === eventId && pointer in event.commitments))
      found.push(`6 ${eventId}`);
  }
  return found;
}

const namesOf = (value: Json | undefined): string =>
  Object.keys(value ?? {})
    .sort()
    .join(' ');

const hasForm = (event: Event): boolean =>
  namesOf(event) === [...MEMBERS].sort().join(' ') &&
  Object.entries(INNER).every(([name, members]) => event[name] === null || namesOf(event[name]) === members);

/** Returns the number of an event within its command, because the first one in a stream need not be 0. */
function firstNumber({ eventId, command }: Event): number {
  for (let number = 0; number < 10_000; number += 1)
    if (uuid5(command.id, String(number)) === eventId) return number;
  return 0;
}
