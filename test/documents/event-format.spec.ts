import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, describe, it } from '@jest/globals';
import { SAMPLE } from '../support/command-line.ts';
import { startService } from '../support/service.ts';

const PAGE = readFileSync(new URL('../../docs/event-format.md', import.meta.url), 'utf8');
const TEXT = 'Evidence is expected in December – see §2.';

// What the page says, written from it alone: it imports no code of Docket.

type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
type JsonObject = { [member: string]: Json };
interface Event extends JsonObject {
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
interface Head {
  readonly events: number;
  readonly hash: string;
}

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
/** Returns the text that is hashed. */
function hashed(event: Event): string {
  const { hash: _hash, position: _position, salts: _salts, ...rest } = structuredClone(event) as JsonObject;
  for (const pointer of Object.keys(event.commitments)) {
    const [object, name] = place(rest, pointer);
    Reflect.deleteProperty(object, name);
  }
  return canonical(rest);
}

const salted = (salt: string | undefined, value: Json): string =>
  sha256(bytes(salt), canonical(value)).toString('hex');

function uuid5(namespace: string, name: string): string {
  const id = createHash('sha1')
    .update(bytes(namespace.replaceAll('-', '')))
    .update(name)
    .digest();
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x50;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  return id.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Returns the Merkle root of the events' hashes in log order. */
function rootOf(hashes: readonly string[]): string {
  const root = (leaves: readonly Buffer[]): Buffer => {
    if (leaves.length <= 1) return leaves[0] ?? sha256();
    let half = 1;
    while (half * 2 < leaves.length) half *= 2;
    return sha256(Buffer.of(1), root(leaves.slice(0, half)), root(leaves.slice(half)));
  };
  return root(hashes.map((hash) => sha256(Buffer.of(0), bytes(hash)))).toString('hex');
}

describe('the example in the document', () => {
  const blocks = (language: string): string[] =>
    [
      ...PAGE.slice(PAGE.indexOf('## An example')).matchAll(
        new RegExp(`^\`\`\`${language}\\n([^]*?)\\n\`\`\``, 'gm'),
      ),
    ].map(([, block]) => block!);
  const [event, tenEvents, threeEvents] = blocks('json').map((block) => JSON.parse(block) as unknown) as [
    Event,
    Head,
    Head,
  ];
  const [line, figures, hashes] = blocks('text') as [string, string, string];
  const figure = (name: string): string => new RegExp(`^${name} {2,}(.*)$`, 'm').exec(figures)![1]!;

  it('has the line that is hashed, and its hash', () => {
    expect(hashed(event)).toBe(line);
    expect(event.hash).toBe(createHash('sha256').update(line).digest('hex'));
    expect(figure('hash')).toBe(event.hash);
  });

  it('has the commitment of its text', () => {
    const text = event.data['text']!;
    expect(figure('/data/text, canonical, as hex')).toBe(Buffer.from(JSON.stringify(text)).toString('hex'));
    expect(figure('salt and value, SHA-256')).toBe(event.commitments['/data/text']);
    expect(salted(event.salts['/data/text'], text)).toBe(event.commitments['/data/text']);
  });

  it('has the digest of its request', () => {
    const request = JSON.parse(figure('request, canonical')) as Event;
    expect(figure('salt and request, SHA-256')).toBe(event.command.digest);
    expect(salted(event.salts['/command/digest'], request)).toBe(event.command.digest);
  });

  it('has the id that its command produces', () => {
    expect(figure('UUIDv5 of command.id and "0"')).toBe(uuid5(event.command.id, '0'));
    expect(event.eventId).toBe(uuid5(event.command.id, '0'));
  });

  it('has the heads of its log', () => {
    const all = hashes.split('\n');
    expect(all.at(-1)).toBe(event.hash);
    expect(all.at(-2)).toBe(event.previousHash);
    expect(tenEvents).toEqual({ events: 10, hash: rootOf(all) });
    expect(threeEvents).toEqual({ events: 3, hash: rootOf(all.slice(0, 3)) });
  });

  it("is the same as today's recording, except random values", async () => {
    const service = await startService();
    const inspector = service.as('inspector', { subject: 'ann' });
    await inspector.import(readFileSync(SAMPLE), '?recipient=wiltshire');
    const comment = { text: TEXT, visibility: 'internal' };
    await inspector.command('730', 'add-comment', comment, { 'idempotency-key': 'comment-1' });
    const { items } = (await inspector.get('/api/recommendations/730/events')).json;
    const today = items.at(-1) as unknown as Event;
    await service.stop();
    const drawn = {
      nonce: '',
      hash: '',
      previousHash: '',
      correlationId: '',
      recordedAt: '',
      effectiveOn: '',
    };
    const known = ({ lifecycle, position, version, salts, commitments, command, ...rest }: Event) => ({
      ...rest,
      ...drawn,
      members: [lifecycle, position, version].map((value) => typeof value),
      named: [salts, commitments, command].map((value) => Object.keys(value)),
    });
    expect(known(event)).toEqual(known(today));
    expect(Object.keys(event)).toEqual(Object.keys(today));
    expect(event.command.id).toBe(today.command.id);
  });
});
