import { beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { jsonLines, runDocket, SAMPLE } from '../support/command-line.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { recommendation, startService } from '../support/service.ts';
import { hashed, rootOf, salted, uuid5, verify } from './independent-verifier.ts';
import type { Copy, Event } from './independent-verifier.ts';

const PAGE = readFileSync(new URL('../../docs/event-format.md', import.meta.url), 'utf8');
const TEXT = 'Evidence is expected in December – see §2.';
const COMMAND = '/api/recommendations/730/commands/add-comment';

let folder: string;
/** Exports of record 730: for an inspector, and for users of the recipient. */
let whole: Copy;
let partial: Copy;
/** A backup of the whole store. */
let backup: string;
let log: Copy;
let head: { readonly events: number; readonly hash: string };

/** Reads the events of a backup as docs/event-format.md describes. */
function eventsOf(file: string): Event[] {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare('SELECT position, envelope FROM events ORDER BY position').all();
  db.close();
  return rows.map(({ position, envelope }) => ({
    ...(JSON.parse(String(envelope)) as Event),
    position: String(position),
  }));
}

beforeAll(async () => {
  folder = temporaryFolder();
  const service = await startService({ folder });
  const inspector = service.as('inspector', { subject: 'ann' });
  const approver = service.as('approver', { subject: 'bob' });
  await inspector.import(readFileSync(SAMPLE), '?recipient=wiltshire');
  const comment = (text: string, visibility: string, key: string) =>
    inspector.command('730', 'add-comment', { text, visibility }, { 'idempotency-key': key });
  await comment(TEXT, 'internal', 'comment-1');
  const named = await comment('Ask Jo Smith, who knows.', 'public', 'comment-2');
  // One command appends to several streams; a value in one of them is redacted.
  const both = recommendation({ id: 'both', recipients: ['avon', 'kent'] });
  const issue = await inspector.post('/api/recommendations', both, { 'idempotency-key': 'issue-1' });
  expect(issue).toMatchObject({ status: 201 });
  const issued = await inspector.get('/api/recommendations/both.kent/events');
  for (const [id, eventId] of [
    ['730', named.json.events[0]!.eventId],
    ['both.kent', issued.json.items[0]!.eventId],
  ]) {
    const reason = 'It names somebody.';
    expect(await approver.command(id!, 'redact-comment', { eventId, reason })).toMatchObject({ status: 200 });
  }
  // The log must not end with a redaction: without it, the values that it erased would be missing without a reason.
  await comment('A later word.', 'public', 'comment-3');
  const file = '/api/recommendations/730/export?format=json';
  whole = JSON.parse((await inspector.get(file)).text) as Copy;
  partial = JSON.parse(
    (await service.as('force-lead', { organisations: ['wiltshire'] }).get(file)).text,
  ) as Copy;
  await service.stop();
  backup = join(folder, 'a.backup');
  expect(await runDocket(['backup', backup], { folder })).toMatchObject({ code: 0 });
  [head] = jsonLines(await runDocket(['verify', '--json'], { folder })).map((line) => line['head']) as [
    typeof head,
  ];
  log = { events: eventsOf(backup), isLog: true };
}, 60_000);

/** Changes a clone of the copy and returns the failed checks. */
function after(copy: Copy, change: (events: Event[], copy: Copy) => void): string[] {
  const changed = structuredClone(copy);
  change(changed.events as Event[], changed);
  return verify(changed);
}

const isInternal = ({ data }: Event): boolean => data['visibility'] === 'internal';
/** The internal comment of record 730. */
const internal = (events: readonly Event[]): Event => events.find(isInternal)!;
const checks = (found: readonly string[]): string[] => [...new Set(found.map((each) => each.split(' ')[0]!))];

/** Reseals all events of a stream, as an attacker with write access could. */
function sealAnew(events: Event[]): void {
  events.forEach((event, index) => {
    event.previousHash = events[index - 1]?.hash ?? null;
    event.hash = createHash('sha256').update(hashed(event)).digest('hex');
  });
}

describe('a verifier that is written from the document alone', () => {
  it('finds that an export of a record is valid', () => {
    expect(whole.events.length).toBeGreaterThanOrEqual(9);
    expect(whole.withheld).toEqual([]);
    expect(verify(whole)).toEqual([]);
  });

  it('finds that a copy with withheld values is valid, by the same hashes', () => {
    expect(verify(partial)).toEqual([]);
    expect(partial.withheld).toHaveLength(2);
    expect(internal(partial.events).data).toEqual({ visibility: 'internal' });
    expect(partial.events.map(({ hash }) => hash)).toEqual(whole.events.map(({ hash }) => hash));
  });

  it('finds that the whole store is valid, and its head', () => {
    expect(verify(log)).toEqual([]);
    const hashes = log.events.map(({ hash }) => hash);
    expect(head).toEqual({ events: hashes.length, hash: rootOf(hashes) });
  });

  it('finds the request that a key was used for', () => {
    const { salts, command } = internal(whole.events);
    const request = { method: 'POST', path: COMMAND, payload: { text: TEXT, visibility: 'internal' } };
    expect(salted(salts['/command/digest'], request)).toBe(command.digest);
    expect(salted(salts['/command/digest'], { ...request, method: 'PUT' })).not.toBe(command.digest);
  });

  it('finds that a redaction removed the digest’s salt from all events of a command, in every stream', () => {
    const issued = log.events.filter(({ command }) => command.name === 'issue');
    expect(new Set(issued.map(({ streamId }) => streamId)).size).toBe(3);
    expect(issued.filter(({ salts }) => '/command/digest' in salts)).toEqual([]);
    const redacted = log.events.filter(({ type }) => type === 'CommentRedacted');
    const commands = new Set(
      log.events
        .filter(({ eventId }) => redacted.some(({ data }) => data['eventId'] === eventId))
        .map(({ command }) => command.id),
    );
    const keyed = log.events.filter(({ command }) => command.digest !== null && !commands.has(command.id));
    expect(keyed.length).toBeGreaterThan(0);
    for (const { salts } of keyed) expect(salts).toHaveProperty(['/command/digest']);
  });
});

type Change = (events: Event[], copy: Copy) => void;
const TAMPERING: readonly (readonly [string, string, Change])[] = [
  ['a member was added', '1', (events) => (events[2]!['note'] = 'x')],
  ['a member was added inside', '1', (events) => ((events[2]!['actor'] as Event)['name'] = 'x')],
  ['a member was removed', '1', (events) => Reflect.deleteProperty(events[2]!, 'origin')],
  ['who acted was changed', '2', (events) => ((events[2]!['actor'] as Event)['subject'] = 'eve')],
  ['a day was changed', '2', (events) => (events[2]!['effectiveOn'] = '2016-01-01')],
  ['a state was changed', '2', (events) => ((events[2]!['state'] as Event)['progress'] = 'complete')],
  ['a nonce was changed', '2', (events) => (events[2]!['nonce'] = '0'.repeat(32))],
  ['a hash was changed', '2', (events) => (events.at(-1)!.hash = '0'.repeat(64))],
  ['an event was removed', '3', (events) => events.splice(3, 1)],
  ['the beginning was cut off', '3', (events) => events.shift()],
  ['two events changed places', '3', (events) => events.splice(3, 2, events[4]!, events[3]!)],
  ['an event was put in twice', '3', (events) => events.splice(4, 0, structuredClone(events[3]!))],
  [
    'one event was sealed anew',
    '3',
    (events) => {
      events[2]!['effectiveOn'] = '2016-01-01';
      events[2]!.hash = createHash('sha256').update(hashed(events[2]!)).digest('hex');
    },
  ],
  ['a text was changed', '4', (events) => (internal(events).data['text'] = 'Nothing is expected.')],
  ['a text became a number', '4', (events) => (internal(events).data['text'] = 1)],
  ['a salt was changed', '4', (events) => (internal(events).salts['/data/text'] = '0'.repeat(32))],
  ['a salt was removed', '4', (events) => Reflect.deleteProperty(internal(events).salts, '/data/text')],
  [
    'a text was taken out, and not its salt',
    '4',
    (events) => Reflect.deleteProperty(internal(events).data, 'text'),
  ],
  ['a salt of nothing was added', '4', (events) => (internal(events).salts['/data/x'] = '0'.repeat(32))],
  [
    'a text was taken out with its salt',
    '5',
    (events) => {
      Reflect.deleteProperty(internal(events).data, 'text');
      Reflect.deleteProperty(internal(events).salts, '/data/text');
    },
  ],
  [
    'a redacted text was put back',
    '6',
    (events) => {
      const redaction = events.find(({ type }) => type === 'CommentRedacted')!;
      const { eventId } = internal(events);
      redaction.data['eventId'] = eventId;
      redaction.data['erased'] = ['/data/text'];
    },
  ],
  [
    'a value is listed as withheld that is there',
    '6',
    (events, copy) => {
      const { eventId } = internal(events);
      Object.assign(copy, { withheld: [{ eventId, pointer: '/data/text' }] });
    },
  ],
  [
    'a value is listed as withheld that never was',
    '6',
    (events, copy) => {
      const { eventId } = internal(events);
      Object.assign(copy, { withheld: [{ eventId, pointer: '/data/visibility' }] });
    },
  ],
  [
    'an id was made up, and all sealed anew',
    '7',
    (events) => {
      events[3]!.eventId = uuid5(events[3]!.command.id, 'x');
      sealAnew(events);
    },
  ],
];

describe('tampering with an export that the verifier finds', () => {
  it.each(TAMPERING)('%s: check %s', (_, check, change) => {
    expect(checks(after(whole, change))).toContain(check);
  });

  it('names each check that can fail for one file', () => {
    expect([...new Set(TAMPERING.map(([, check]) => check))]).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  });
});

/** Returns the path of every value in an event that is not an object. */
function leaves(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  return Object.entries(value).flatMap(([name, member]) => leaves(member, [...path, name]));
}

/** Returns the object that contains the value at a path. */
const holderOf = (event: Event, path: readonly string[]): Record<string, unknown> => {
  let at: unknown = event;
  for (const name of path.slice(0, -1)) at = (at as Record<string, unknown>)[name];
  return at as Record<string, unknown>;
};

describe('a change at any place of an event of each type of an export', () => {
  /** Members that no check of a single file covers, as docs/event-format.md states: the position, and the salt of a request's digest. */
  const UNSEALED = ['position', 'salts /command/digest'];

  it.each([
    ['another value', (holder: Record<string, unknown>, name: string) => (holder[name] = 'x')],
    ['nothing', (holder: Record<string, unknown>, name: string) => Reflect.deleteProperty(holder, name)],
  ])('is found in %s', (_, change) => {
    const unfound: string[] = [];
    // One event of each type and set of members.
    const shapes = whole.events.map((event) => JSON.stringify([event.type, leaves(event)]));
    const indexes = new Map(shapes.map((shape, index) => [shape, index])).values();
    for (const index of indexes) {
      for (const path of leaves(whole.events[index])) {
        const found = after(whole, (events) => {
          const holder = holderOf(events[index]!, path);
          change(holder, path.at(-1)!);
        });
        if (found.length === 0) unfound.push(path.join(' '));
      }
    }
    expect(unfound.filter((path) => !UNSEALED.includes(path))).toEqual([]);
    expect(unfound).toContain('salts /command/digest');
  });
});

describe('tampering with a store that the verifier finds', () => {
  const tampered = (sql: string): Event[] => {
    const copy = join(temporaryFolder(), 'copy.sqlite');
    copyFileSync(backup, copy);
    const db = new DatabaseSync(copy);
    db.exec(`PRAGMA foreign_keys = OFF; ${sql}`);
    db.close();
    return eventsOf(copy);
  };
  const last = '(SELECT max(position) FROM events)';

  it.each([
    ['a text was changed', '4', `UPDATE events SET envelope = replace(envelope, 'December', 'October')`],
    ['a name was changed', '2', `UPDATE events SET envelope = replace(envelope, '"ann"', '"eve"')`],
    ['an event was removed', '3', 'DELETE FROM events WHERE position = 3'],
    [
      'an event was put in',
      '3',
      `INSERT INTO events SELECT position + 100, stream, version + 100, NULL, envelope FROM events WHERE position = 3`,
    ],
  ])('%s: check %s', (_, check, sql) => {
    expect(checks(verify({ events: tampered(sql), isLog: true }))).toContain(check);
  });

  it('the salt of a request was removed: check 10', () => {
    const events = structuredClone(log.events as Event[]);
    Reflect.deleteProperty(events.find(isInternal)!.salts, '/command/digest');
    expect(checks(verify({ events, isLog: true }))).toEqual(['10']);
  });

  it('its end was cut off: only a kept head reveals it', () => {
    const events = tampered(`DELETE FROM events WHERE position = ${last}`);
    expect(verify({ events, isLog: true })).toEqual([]);
    expect(rootOf(events.map(({ hash }) => hash))).not.toBe(head.hash);
  });

  it('all of it was sealed anew: only a kept head reveals it', () => {
    const events = structuredClone(log.events as Event[]);
    events.find(isInternal)!['effectiveOn'] = '2016-01-01';
    for (const streamId of new Set(events.map((event) => event.streamId))) {
      sealAnew(events.filter((event) => event.streamId === streamId));
    }
    expect(verify({ events, isLog: true })).toEqual([]);
    expect(rootOf(events.map(({ hash }) => hash))).not.toBe(head.hash);
  });

  it('its streams are in another order: only a kept head reveals it', () => {
    const events = [...log.events].sort(
      (a, b) => a.streamId.localeCompare(b.streamId) || a.version - b.version,
    );
    expect(rootOf(events.map(({ hash }) => hash))).not.toBe(head.hash);
  });
});

describe('the example in the document', () => {
  const blocks = (language: string): string[] =>
    [
      ...PAGE.slice(PAGE.indexOf('## An example')).matchAll(
        new RegExp(`^\`\`\`${language}\\n([^]*?)\\n\`\`\``, 'gm'),
      ),
    ].map(([, block]) => block!);
  const [event, tenEvents, threeEvents] = blocks('json').map((block) => JSON.parse(block) as unknown) as [
    Event,
    typeof head,
    typeof head,
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

  it("is the same as today's recording, except random values", () => {
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
    expect(known(event)).toEqual(known(internal(whole.events)));
    expect(Object.keys(event)).toEqual(Object.keys(internal(whole.events)));
    expect(event.command.id).toBe(internal(whole.events).command.id);
  });
});
