import { canonicalJson } from '#audit/canonical';
import type { PackCode } from '#audit/pack/findings';
import { eventPath, isPayload, PACK, proofPath } from '#audit/pack/pack-names';
import type { PackFiles } from '#audit/pack/pack-names';
import type { PackVerdict } from '#audit/pack/verify-pack';
import { eventId, saltedHash } from '#audit/event-hashes';
import { printCheckpoint } from '#audit/tlog/checkpoint';
import { keyIdOf, parseNote, printNote } from '#audit/tlog/signed-note';
import type { JsonObject, JsonValue } from '#event-sourcing/envelope';
import { hash } from 'node:crypto';
import {
  ADOPTION,
  consistencyOf,
  INDICES,
  LIFECYCLE,
  listAnew,
  listOf,
  LOG_VKEY,
  logOf,
  logSignature,
  makePack,
  NEXT_VKEY,
  noteOf,
  ORIGIN,
  OTHER_VKEY,
  recommit,
  sealAnew,
  vkeyOf,
  vkeyOfWitness,
  witnessSignature,
  WITNESS_VKEYS,
  WITNESSES,
} from './pack-kit.ts';
import type { AlterableEvent, Altered } from './pack-kit.ts';
import { recordedStamp } from './time-stamps.ts';
import { BASES, zipOf } from './vectors.ts';
import type { Vector, VerifierOptions, ZipEdit } from './vectors.ts';

/** The source of a vector. */
export interface Case {
  readonly name: string;
  readonly base?: keyof typeof BASES;
  readonly pack?: (files: Map<string, Uint8Array>) => PackFiles;
  readonly zip?: readonly ZipEdit[];
  readonly options: VerifierOptions;
  readonly verdict: Vector['verdict'];
  readonly code: PackCode | null;
  readonly warnings?: Vector['warnings'];
  /** True if the vector contains the printed JSON. */
  readonly prints?: true;
}

const TOLD: VerifierOptions = { key: [LOG_VKEY] };
const utf8 = (text: string): Uint8Array => Buffer.from(text);
const textIn = (files: PackFiles, path: string): string => Buffer.from(files.get(path)!).toString();
export const keptOf = (base: keyof typeof BASES, path: string = PACK.checkpoint): string =>
  textIn(makePack(BASES[base]), path);

/** Returns a case of a pack that holds; without a verdict it cannot be checked against the options. */
export const good = (
  name: string,
  verdict: PackVerdict | null,
  options: Partial<VerifierOptions>,
  rest: Partial<Case> = {},
): Case => ({
  name,
  options: { ...TOLD, ...options },
  verdict,
  code: null,
  ...rest,
});

/** Sets the DOS archive bit in the attributes of the first entry, without a file type. */
const archivable: readonly ZipEdit[] = [
  { at: zipOf(makePack()).indexOf('504b0102', 0, 'hex') + 38, remove: 1, insert: '20' },
];

/** Returns a function that finds a value in a definition by nested names. */
const path =
  (...names: readonly string[]) =>
  (definition: Record<string, JsonValue>): Record<string, JsonValue> =>
    names.reduce((inside, name) => inside[name] as Record<string, JsonValue>, definition);

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** Returns a pack whose first event is the only one of its command, with this number in it. */
const firstNumbered = (number: number, id = '11111111-1111-4111-8111-111111111111'): PackFiles =>
  makePack({
    events: nth((event) => {
      event.command.id = id;
      event.eventId = eventId(event.command.id, number);
    }),
    reseal: true,
  });

/**
 * Returns a pack with values that are easily missed, each with a commitment: in an item of a list, and under names with
 * a special meaning elsewhere.
 */
function oddPointers(): PackFiles {
  const data = JSON.parse(
    '{"items":[{"name":"v"}],"a/b":"v","a~b":"v","":{"":"v"},"__proto__":"v","constructor":"v","\u{1f600}\\n":"v","none":null}',
  ) as Record<string, JsonValue>;
  const pointers = ['/items/0/name', '/a~1b', '/a~0b', '//', '/__proto__', '/constructor', '/\u{1f600}\n'];
  return makePack({
    events: nth((event) => {
      // Object.assign would set a prototype.
      event.data = JSON.parse(
        `${JSON.stringify(event.data).slice(0, -1)},${JSON.stringify(data).slice(1)}`,
      ) as Record<string, JsonValue>;
      for (const pointer of [...pointers, '/none']) {
        const salt = 'ab'.repeat(16);
        event.salts[`/data${pointer}`] = salt;
        event.commitments[`/data${pointer}`] = saltedHash(salt, pointer === '/none' ? 'null' : '"v"');
      }
    }),
    reseal: true,
  });
}

/** Returns a pack with pointers to missing values: the lists in these pointers do not have such items. */
function goneItems(): PackFiles {
  const pointers = ['/data/items/1/name', '/data/items/x/name'];
  const gone = pointers.map((pointer) => ({ ...REASON, pointer }));
  return makePack({
    events: nth((event) => {
      event.data['items'] = [{}];
      for (const pointer of pointers) event.commitments[pointer] = '0'.repeat(64);
    }),
    reseal: true,
    withheld: [TEXT, ...gone, REASON],
  });
}

/**
 * Returns a pack whose tenth event refers to other rules, which do not know the state before it; only the region
 * continues.
 */
function underOthers(): PackFiles {
  const rules = {
    name: '0-restart',
    version: 1,
    statusRegion: 'progress',
    machine: {
      id: '',
      type: 'parallel',
      states: { progress: { initial: '-fresh', on: { Restarted: '.-fresh' }, states: { '-fresh': {} } } },
    },
    guards: { unused: { region: 'progress', in: ['-fresh'] } },
    events: {
      Begun: { kind: 'first', schemaVersion: 1 },
      Restarted: { kind: 'move', owner: 'progress', schemaVersion: 1 },
    },
    thresholds: {},
  };
  return makePack({
    events(events) {
      const [event, ...later] = events.slice(9);
      event!.type = 'Restarted';
      event!.lifecycle = {
        name: rules.name,
        version: 1,
        digest: hash('sha256', canonicalJson(rules), 'hex'),
      };
      for (const { state } of [event!, ...later]) state!['progress'] = '-fresh';
    },
    reseal: true,
    lifecycles: [LIFECYCLE, rules],
  });
}

/** Returns rules with a region of this many states, each of which an event reaches from all others. */
function manyStates(count: number): JsonObject {
  const definition = structuredClone(LIFECYCLE) as Record<string, JsonValue>;
  const numbers = Array.from({ length: count }, (_, index) => index);
  Object.assign(path('machine', 'states')(definition), {
    many: {
      initial: 's0',
      on: Object.fromEntries(numbers.map((number) => [`E${number}`, `.s${number}`])),
      states: Object.fromEntries(numbers.map((number) => [`s${number}`, {}])),
    },
  });
  const move = { kind: 'move', owner: 'many', schemaVersion: 1 };
  Object.assign(
    path('events')(definition),
    Object.fromEntries(numbers.map((number) => [`E${number}`, move])),
  );
  return definition;
}

/** Returns the record's pack under other rules, which have another region. */
function underMany(rules: JsonObject): PackFiles {
  const digest = hash('sha256', canonicalJson(rules), 'hex');
  return makePack({
    events(events) {
      for (const event of events) {
        event.lifecycle!.digest = digest;
        event.state!['many'] = 's0';
      }
    },
    reseal: true,
    lifecycles: [rules],
  });
}

export const GOOD: readonly Case[] = [
  good('with sensitive values in lists and under odd names', 'signed', {}, { pack: oddPointers }),
  ...(
    [
      ['in the order of UTF-16', '{"\u{1f600}":"Ann","\ue000":"Ben"}'],
      ['that every object has', '{"__proto__":"Ann","constructor":"Ben"}'],
      ['and the largest numbers', '[-9007199254740991,9007199254740991]'],
      ['in as many lists as there may be', deep(32)],
      [
        'beside all kinds of characters',
        JSON.stringify(`\u0000\b\t\n\u000b\f\r\u001f"\\/\u007f\u0085\u2028\ufffe`),
      ],
    ] as const
  ).map(([name, text]) =>
    good(
      `with names ${name}`,
      'signed',
      {},
      { pack: (files) => listAnew(files.set(PACK.names, utf8(text))) },
    ),
  ),
  good(
    'with the last event that a command can begin with',
    'signed',
    {},
    { pack: () => firstNumbered(9_999) },
  ),
  good(
    'with a command whose id is of no version',
    'signed',
    {},
    { pack: () => firstNumbered(0, '00000000-0000-0000-0000-000000000000') },
  ),
  good(
    'with an event of a command without a decision, and one of a sweep with one',
    'signed',
    {},
    {
      pack: () =>
        makePack({
          events(events) {
            events[11]!.decision = null;
            events[9]!['origin'] = 'sweep';
          },
          reseal: true,
        }),
    },
  ),
  good(
    'with data of no shape, which is not checked',
    'signed',
    {},
    {
      pack: () =>
        makePack({ events: nth((event) => (event.data['strange'] = { more: [1] }), 5), reseal: true }),
    },
  ),
  good('with values gone from where a list has no such item', 'signed', {}, { pack: goneItems }),
  good(
    'of another kind of record',
    'signed',
    {},
    {
      pack: () =>
        makePack({
          events(events) {
            for (const event of events) event.streamId = 'letter-730';
          },
          reseal: true,
          packMade: (event) => (event.data['streamId'] = 'letter-730'),
        }),
    },
  ),
  good('under other rules, which do not know the state before', 'signed', {}, { pack: underOthers }),
  good(
    'under rules with a guard that no transition uses',
    'signed',
    {},
    {
      pack: () =>
        followed(
          lifecycleOf((definition) => {
            path('guards')(definition)['unused'] = { region: 'progress', in: ['complete'] };
          }),
        ),
    },
  ),
  good(
    'under rules of very many states and events',
    'signed',
    {},
    { pack: () => underMany(manyStates(2_000)) },
  ),
  good('without a key', 'consistent', { key: [] }),
  good('with the log’s key', 'signed', {}, { prints: true }),
  good('with the log’s key and those of others', 'signed', { key: [OTHER_VKEY, LOG_VKEY] }),
  good('with both keys of the log as one, as they are printed', 'signed', {
    key: [`${OTHER_VKEY}\n${LOG_VKEY}`],
  }),
  good('with its own checkpoint kept', 'signed', { checkpoint: keptOf('whole') }),
  good('with its own checkpoint kept, and no key', 'consistent', { key: [], checkpoint: keptOf('whole') }),
  good('since an earlier checkpoint', 'signed', {}, { base: 'since' }),
  good(
    'since a checkpoint that was kept',
    'signed',
    { checkpoint: keptOf('since', PACK.previous) },
    { base: 'since', prints: true },
  ),
  good(
    'since a checkpoint that was kept, without the log’s signature on the file',
    'signed',
    { checkpoint: byOther(parseNote(utf8(keptOf('since', PACK.previous))).text) },
    { base: 'since' },
  ),
  good(
    'with two of three witnesses',
    'witnessed',
    { witness: WITNESS_VKEYS },
    { base: 'witnessed', prints: true },
  ),
  good(
    'with witnesses, and kept',
    'witnessed',
    { witness: [WITNESS_VKEYS.slice(0, 2).join(' ')], checkpoint: keptOf('witnessed') },
    { base: 'witnessed' },
  ),
  good(
    'with witnesses, and no key',
    'consistent',
    { key: [], witness: WITNESS_VKEYS },
    { base: 'witnessed' },
  ),
  good(
    'with a witness under two names, which counts once',
    'witnessed',
    { witness: [WITNESS_VKEYS[0]!, vkeyOfWitness(WITNESSES[0], 'else.example')] },
    { base: 'witnessed' },
  ),
  good('with witnesses that were not supplied', 'signed', {}, { base: 'witnessed' }),
  good(
    'of a second history, which the log’s key and its witnesses signed',
    'witnessed',
    { witness: WITNESS_VKEYS, checkpoint: keptOf('witnessed') },
    { base: 'second', warnings: Array<'before-checkpoint'>(12).fill('before-checkpoint') },
  ),
  good('of a rewritten history, which the log’s key signed', 'signed', {}, { pack: rewritten }),
  good(
    'of a record without its last event, which the log has at a lower index',
    'witnessed',
    { witness: WITNESS_VKEYS },
    {
      pack: () =>
        makePack({
          cosigned: WITNESSES.slice(0, 2),
          events: (events) => events.slice(0, 11),
          withheld: [TEXT, { ...TEXT, version: 11 }],
          log: logOf({}),
          indices: [...INDICES.slice(0, 11), 48],
          size: 50,
        }),
    },
  ),
  good('in a zip that says of an entry that it can be archived', 'signed', {}, { zip: archivable }),
  good(
    'with a signature of an unknown key',
    'signed',
    {},
    {
      pack: () => makePack({ parts: withSignature((text) => logSignature(`${text}\n`, ORIGIN, 'other')) }),
    },
  ),
  good(
    'with signatures in a different order from the options, and one of them invalid',
    'witnessed',
    { witness: WITNESS_VKEYS },
    {
      pack: () =>
        makePack({
          cosigned: [WITNESSES[1], WITNESSES[0]],
          parts: withSignature((text) => witnessSignature(`${text}\n`, WITNESSES[2])),
        }),
      prints: true,
    },
  ),
  good(
    'from a log whose key is being changed',
    'signed',
    { key: [NEXT_VKEY] },
    {
      pack: () =>
        makePack({
          parts: withSignature((text) => logSignature(text, ORIGIN, 'next')),
          sign: (text) => noteOf(text, logSignature(text, ORIGIN, 'next')),
        }),
    },
  ),
  good('since a checkpoint of the same size', 'signed', {}, { pack: () => makePack({ since: 47 }) }),
  good(
    'with nothing withheld but what was erased',
    'signed',
    {},
    {
      pack: () => makePack({ withheld: [], events: (events) => events.slice(0, 9) }),
    },
  ),
  good(
    'with codes of exemptions',
    'signed',
    {},
    {
      pack: () =>
        makePack({
          withheld: [
            { version: 10, pointer: '/data/text', code: 'FOI-s.31(1)(a)' },
            { version: 12, pointer: '/data/reason', code: 'DPA.2018' },
          ],
        }),
    },
  ),
  good(
    'with a text beyond the Basic Multilingual Plane',
    'signed',
    {},
    {
      pack: () =>
        makePack({
          events: (events) => {
            recommit(events[4]!, '/data/text', '\u{1f512} \ufffd\u2028 "\\ \u0001 \u007f');
          },
          reseal: true,
        }),
    },
  ),
];

/** Adds a signature to every copy of the checkpoint. */
function withSignature(
  sign: (text: string) => ReturnType<typeof logSignature>,
): NonNullable<Altered['parts']> {
  return (parts) => {
    const { text, signatures } = parseNote(utf8(parts.checkpoint));
    otherCheckpoint(parts, printNote({ text, signatures: [...signatures, sign(text)] }));
  };
}

type Parts = Parameters<NonNullable<Altered['parts']>>[0];

/** Replaces the checkpoint, and its copy at the end of all proofs. */
function otherCheckpoint(parts: Parts, note: string): void {
  const before = parts.checkpoint;
  parts.proofs = parts.proofs.map((proof) => proof.replace(before, note));
  parts.packMadeProof = parts.packMadeProof.replace(before, note);
  parts.checkpoint = note;
}

/** Returns the same case for each change, named after the change. */
export const each = <Change>(
  make: (name: string, change: Change) => Case,
  changes: Readonly<Record<string, Change>>,
): Case[] => Object.entries(changes).map(([name, change]) => make(name, change));

type TextChange = (text: string) => string;

export const bad = (
  code: PackCode,
  name: string,
  rest: Omit<Partial<Case>, 'options'> & { options?: Partial<VerifierOptions> },
): Case => ({
  ...rest,
  name: `${code}: ${name}`,
  options: { ...TOLD, ...rest.options },
  verdict: 'does-not-hold',
  code,
});

/** Returns a case made with the log's key: everything is listed, proved and signed. */
const signedCase = (
  code: PackCode,
  name: string,
  altered: Altered,
  options: Partial<VerifierOptions> = {},
): Case => bad(code, name, { pack: () => makePack(altered), options });

/** Returns a case in which events were altered and all of them sealed again. */
const resealedCase = (
  code: PackCode,
  name: string,
  events: NonNullable<Altered['events']>,
  more: Altered = {},
): Case => signedCase(code, name, { ...more, events, reseal: true });

/** Returns a case in which one file replaced another, and nothing else changed. */
const swapped = (
  code: PackCode,
  name: string,
  change: (files: Map<string, Uint8Array>) => unknown,
  base?: Case['base'],
): Case =>
  bad(code, name, {
    ...(base && { base }),
    pack: (files) => {
      change(files);
      return files;
    },
  });

/** Returns a case in which files were altered, and then listed and signed again. */
export const listed = (
  code: PackCode,
  name: string,
  change: (files: Map<string, Uint8Array>) => unknown,
  base?: Case['base'],
): Case =>
  swapped(
    code,
    name,
    (files) => {
      change(files);
      listAnew(files);
    },
    base,
  );

export const edit = (path: string, change: (text: string) => string) => (files: Map<string, Uint8Array>) => {
  files.set(path, utf8(change(textIn(files, path))));
};
export const drop = (path: string) => (files: Map<string, Uint8Array>) => {
  files.delete(path);
};
const putFile = (path: string, text: string) => (files: Map<string, Uint8Array>) => {
  files.set(path, utf8(text));
};

/** Returns a case in which tag files were altered. Their list and the statement were updated. */
const tagged = (code: PackCode, name: string, change: (files: Map<string, Uint8Array>) => unknown): Case =>
  swapped(code, name, (files) => {
    change(files);
    const tags = listOf(
      files,
      (path) => !isPayload(path) && path !== PACK.tagManifest && path !== PACK.statement,
    );
    files.set(PACK.tagManifest, tags);
    signStatement(files);
  });

function signStatement(files: Map<string, Uint8Array>): void {
  const { text } = parseNote(files.get(PACK.statement)!);
  const digest = hash('sha256', files.get(PACK.tagManifest)!, 'hex');
  files.set(PACK.statement, utf8(noteOf(text.replace(/^sha256 .*$/m, `sha256 ${digest}`))));
}

/** Returns a case in which the file of an event was altered as JSON, listed and signed, but not sealed again. */
const inEvent = (version: number, change: (event: AlterableEvent) => unknown) =>
  edit(eventPath(version), (text) => {
    const event = JSON.parse(text) as AlterableEvent;
    change(event);
    return canonicalJson(event as unknown as JsonValue);
  });

const nth =
  (change: (event: AlterableEvent, events: AlterableEvent[]) => unknown, version = 12) =>
  (events: AlterableEvent[]): void => {
    change(events[version - 1]!, events);
  };

/** The bytes of a whole zip, whose places are found by entry. */
const ZIP = zipOf(makePack());
const END = ZIP.length - 22;
const DIRECTORY = ZIP.readUInt32LE(END + 16);
const localAt = (path: string): number => ZIP.indexOf(`pack/${path}`) - 30;
const centralAt = (path: string): number => ZIP.indexOf(`pack/${path}`, DIRECTORY) - 46;
const FIRST = PACK.info;
const A = eventPath(2);

/** Sets bytes in both headers of an entry. */
const both = (path: string, offset: number, hex: string): ZipEdit[] =>
  [localAt(path) + offset, centralAt(path) + offset + 2].map((at) => ({
    at,
    remove: hex.length / 2,
    insert: hex,
  }));
const rename = (path: string, to: string): ZipEdit[] =>
  [localAt(path) + 30, centralAt(path) + 46].map((at) => ({
    at,
    remove: to.length,
    insert: Buffer.from(to, 'latin1').toString('hex'),
  }));
const set = (at: number, hex: string): ZipEdit[] => [{ at, remove: hex.length / 2, insert: hex }];
const inZip = (name: string, zip: readonly ZipEdit[]): Case => bad('zip', name, { zip });

const ZIPS: readonly Case[] = [
  inZip('no zip at all', [{ at: 0, remove: ZIP.length, insert: Buffer.from('no zip').toString('hex') }]),
  inZip('nothing at all', [{ at: 0, remove: ZIP.length, insert: '' }]),
  inZip('no entry', [
    { at: 0, remove: END, insert: '' },
    { at: 8, remove: 12, insert: '00'.repeat(12) },
  ]),
  inZip('cut in the middle', [{ at: 20_000, remove: ZIP.length - 20_000, insert: '' }]),
  inZip('cut before its end record', [{ at: END, remove: 22, insert: '' }]),
  inZip('something before the first entry', [{ at: 0, remove: 0, insert: '00' }]),
  inZip('something behind the end', [{ at: ZIP.length, remove: 0, insert: '00' }]),
  inZip('a comment', [...set(END + 20, '0100'), { at: ZIP.length, remove: 0, insert: '21' }]),
  inZip('something between entries and directory', [
    { at: DIRECTORY, remove: 0, insert: '00' },
    ...set(END + 17, (DIRECTORY + 1).toString(16).padStart(8, '0').match(/../g)!.reverse().join('')),
  ]),
  inZip('one entry too few in the end record', set(END + 8, '01000100')),
  inZip('a directory of another length in the end record', set(END + 12, '00')),
  inZip('a second disk', set(END + 4, '0100')),
  inZip('a compressed entry', both(A, 8, '0800')),
  inZip('a flag that says UTF-8', both(A, 6, '0008')),
  inZip('an encrypted entry', both(A, 6, '0100')),
  inZip('a later version of zip', both(A, 4, '2d00')),
  inZip('a CRC-32 in the local header alone', set(localAt(A) + 14, '00000000')),
  inZip('a wrong CRC-32', both(A, 14, '00000000')),
  inZip('sizes that differ', set(localAt(A) + 18, '00000000')),
  inZip('a date in the local header alone', set(localAt(A) + 12, '2158')),
  inZip('an extra field', both(A, 28, '0400')),
  inZip('a comment of an entry', set(centralAt(A) + 32, '0100')),
  inZip('a link', set(centralAt(A) + 38, '0000ffa1')),
  inZip('a folder’s attributes', set(centralAt(A) + 38, '0000ed41')),
  inZip('an entry of a second disk', set(centralAt(A) + 34, '0100')),
  inZip('two entries over each other', set(centralAt(A) + 42, '00000000')),
  inZip('a name twice', rename(A, `pack/${eventPath(1)}`)),
  inZip('a name twice but for its case', rename(A, 'pack/data/events/000001.JSON')),
  inZip('a second folder', rename(FIRST, 'pacK/')),
  inZip('a way out of the folder', rename(FIRST, 'pack/../in')),
  inZip('no folder', rename(FIRST, 'pack-')),
  inZip('a name that is not ASCII', rename(FIRST, 'pack/b\u00e4')),
  inZip('a name with a control character', rename(FIRST, 'pack/b\u0001')),
  inZip('another name in the local header', set(localAt(A) + 30, '50')),
  bad('zip', 'an entry for a folder', { pack: (files) => new Map([['data/', utf8('')], ...files]) }),
];

const BAGS: readonly Case[] = [
  ...[PACK.python, PACK.html, PACK.recordHtml, PACK.chart, PACK.withheld, PACK.packMade, PACK.checkpoint].map(
    (path) => listed('bag', `no ${path}`, drop(path)),
  ),
  listed('bag', 'no proof of an event', drop(proofPath(5))),
  listed('bag', 'a proof of no event', putFile(proofPath(13), 'x\n')),
  swapped('bag', 'no statement', drop(PACK.statement)),
  swapped('bag', 'no manifest', drop(PACK.manifest)),
  ...each((name, change: TextChange) => tagged('bag', name, edit(PACK.bagit, change)), {
    'another version of BagIt': (text) => text.replace('1.0', '0.97'),
    'line ends of another kind': (text) => text.replaceAll('\n', '\r\n'),
  }),
  ...each((name, change: TextChange) => tagged('bag', name, edit(PACK.info, change)), {
    'a Payload-Oxum of other files': (text) => text.replace(/\.\d+$/m, '.99'),
    'two Payload-Oxum': (text) => text + text.slice(text.indexOf('Payload')),
    'a line about the bag that is no label and value': (text) => `${text}More\n`,
    'a label and a value about the bag without a space between them': (text) => `${text}More:\n`,
    'no Payload-Oxum': () => 'Source-Organization: Example\n',
  }),
  listed('bag', 'a file that no pack has', putFile('data/more.txt', 'More.\n')),
  listed('bag', 'an event under a shorter name', putFile('data/events/13.json', '{}')),
  tagged('bag', 'fetch.txt', putFile('fetch.txt', 'https://example.org/ - data/events/000001.json\n')),
  swapped('bag', 'a .DS_Store in a zip', putFile('data/.DS_Store', 'x')),
  listed('bag', 'an earlier checkpoint from which nothing leads', drop(PACK.consistency), 'since'),
];

const MANIFESTS: readonly Case[] = [
  swapped(
    'manifest',
    'another text for people',
    edit(PACK.recordText, (text) => `${text}!`),
  ),
  swapped(
    'manifest',
    'another verifier',
    edit(PACK.python, (text) => `${text}#\n`),
  ),
  swapped('manifest', 'a file that is not listed', putFile(PACK.names, '{}')),
  swapped('manifest', 'a file that is not there', drop(PACK.chart)),
  ...each((name, change: TextChange) => tagged('manifest', name, edit(PACK.manifest, change)), {
    'upper-case digits': (text) => text.replace(/^\S+/, (digest) => digest.toUpperCase()),
    'another digest of one file': (text) => text.replace(/\S+(?= {2}data\/record\.txt)/, '0'.repeat(64)),
    'no UTF-8': (text) => `${text}\ud800`,
    'one space': (text) => text.replace('  ', ' '),
    'a star': (text) => text.replace('  ', ' *'),
    'another order': (text) => `${text.slice(0, -1).split('\n').reverse().join('\n')}\n`,
    'a line twice': (text) => text.replace(/^.*\n/, (line) => line + line),
    'an empty line at its end': (text) => `${text}\n`,
    'no line feed at its end': (text) => text.slice(0, -1),
    'line ends of another kind': (text) => text.replaceAll('\n', '\r\n'),
    'no line for an event': (text) => text.replace(/^.*000003\.json\n/m, ''),
    'a file of the other list': (text) => `${text}${'0'.repeat(64)}  verify.py\n`,
  }),
  swapped('manifest', 'a list of tag files that lists the statement', (files) => {
    files.set(
      PACK.tagManifest,
      listOf(files, (path) => !isPayload(path) && path !== PACK.tagManifest),
    );
    signStatement(files);
  }),
];

const JSONS: readonly Case[] = [
  listed(
    'json',
    'white space',
    edit(eventPath(3), (text) => text.replace(':', ': ')),
  ),
  listed(
    'json',
    'a line feed at its end',
    edit(PACK.withheld, (text) => `${text}\n`),
  ),
  ...each((name, change: TextChange) => listed('json', name, edit(eventPath(3), change)), {
    'another order of members': (text) => text.replace(/^\{(.*),("version":3)\}$/s, '{$2,$1}'),
    'a member twice': (text) => text.replace('{', '{"actor":null,'),
    'a byte order mark': (text) => `\ufeff${text}`,
    'a fraction': (text) => text.replace('"version":3', '"version":3.0'),
    'an exponent': (text) => text.replace('"version":3', '"version":3e0'),
    'a character written out': (text) => text.replace('"actor"', '"\\u0061ctor"'),
  }),
  listed('json', 'nothing', putFile(eventPath(3), '')),
  ...(
    [
      ['a number that is too large', '{"a":9007199254740992}'],
      ['a negative zero', '{"a":-0}'],
      ['half a number', '{"a":0.5}'],
      ['a lone surrogate', '{"a":"\\ud83d"}'],
      ['too many lists in each other', deep(33)],
      ['very many lists in each other', deep(5_000)],
      ['more than a JSON file holds', `"${'x'.repeat(8 * 1024 ** 2)}"`],
      ['no number', '{"a":NaN}'],
    ] as const
  ).map(([name, text]) => listed('json', name, putFile(PACK.names, text))),
  listed('json', 'no UTF-8', (files) => files.set(PACK.names, Buffer.from('7b2261223a22ff227d', 'hex'))),
];

const MALFORMED: readonly Case[] = [
  ...each((name, change: Parameters<typeof nth>[0]) => resealedCase('malformed', name, nth(change)), {
    'a member that no event has': (event) => (event['more'] = 1),
    'a member too few': (event) => Reflect.deleteProperty(event, 'causationId'),
  }),
  listed(
    'malformed',
    'a position',
    inEvent(12, (event) => (event['position'] = '14')),
  ),
  listed(
    'malformed',
    'the salt of a command’s digest',
    inEvent(10, (event) => (event.salts['/command/digest'] = '0'.repeat(32))),
  ),
  listed(
    'malformed',
    'a salt of nothing',
    inEvent(3, (event) => (event.salts['/data/text'] = '0'.repeat(32))),
  ),
  ...each((name, change: Parameters<typeof nth>[0]) => resealedCase('malformed', name, nth(change)), {
    'a time before the event ahead of it': (event) => (event.recordedAt = '2026-01-01T00:00:00.000Z'),
    'a day that there is not': (event) => (event.effectiveOn = '2026-02-30'),
    'a time without milliseconds': (event) => (event.recordedAt = '2026-12-01T00:00:00Z'),
    'an origin that there is not': (event) => (event['origin'] = 'hand'),
    'a nonce in upper case': (event) => (event.nonce = 'A'.repeat(32)),
    'a state without a lifecycle': (event) => (event['lifecycle'] = null),
    'an actor with a name': (event) => ((event.actor as Record<string, unknown>)['name'] = 'Ann'),
    'a commitment to a member that is no text of anybody': (event) =>
      (event.commitments['/type'] = '0'.repeat(64)),
  }),
  ...each((name, change: Parameters<typeof nth>[0]) => resealedCase('malformed', name, nth(change, 10)), {
    'a commitment within another': (event) => (event.commitments['/data/text/more'] = '0'.repeat(64)),
    'a commitment within another, with one between them in order': (event) => {
      event.commitments['/data/text!'] = '0'.repeat(64);
      event.commitments['/data/text/more'] = '0'.repeat(64);
    },
  }),
  ...each((name, change: Parameters<typeof nth>[0]) => resealedCase('malformed', name, nth(change)), {
    'a year beyond four digits': (event) => (event.recordedAt = '+012026-01-01T00:00:00.000Z'),
    'the year 0000': (event) => (event.effectiveOn = '0000-01-01'),
    'a command in upper case': (event) => (event.command.id = event.command.id.toUpperCase()),
    'a form that is no number': (event) => (event['envelope'] = '1'),
    'a type that is no text': (event) => Object.assign(event, { type: 1 }),
    'a schemaVersion of 0': (event) => (event['schemaVersion'] = 0),
    'a subject that is no text': (event) => ((event.actor as Record<string, unknown>)['subject'] = null),
    'roles that are one text': (event) => ((event.actor as Record<string, unknown>)['roles'] = 'inspector'),
    'a command without a name': (event) => Reflect.deleteProperty(event.command, 'name'),
    'a digest of a command that is none': (event) =>
      ((event.command as unknown as Record<string, unknown>)['digest'] = 'none'),
    'a decision that is no object': (event) => Object.assign(event, { decision: [] }),
    'no correlation': (event) => (event['correlationId'] = null),
    'a cause that is a number': (event) => (event['causationId'] = 1),
    'a version 0 of its lifecycle': (event) => (event.lifecycle!.version = 0),
    'a digest of its lifecycle in upper case': (event) =>
      (event.lifecycle!.digest = event.lifecycle!.digest.toUpperCase()),
    'a lifecycle without a state': (event) => (event['state'] = null),
    'a state that is a number': (event) => ((event.state as Record<string, unknown>)['progress'] = 1),
    'data that is a list': (event) => Object.assign(event, { data: [] }),
    'a commitment that is no digest': (event) => (event.commitments['/data/more'] = 'none'),
  }),
  listed('malformed', 'no object', putFile(eventPath(12), '[]')),
  resealedCase(
    'unknown-form',
    'form 2',
    nth((event) => (event['envelope'] = 2)),
  ),
];

const without = (version: number) => (events: AlterableEvent[]) => events.toSpliced(version - 1, 1);
const STREAMS: readonly Case[] = [
  resealedCase(
    'stream',
    'an event of another record',
    nth((event) => (event.streamId = 'recommendation-731')),
  ),
  resealedCase('stream', 'an event taken out from between', without(9)),
  signedCase('stream', 'the last event left out, and the statement as it was', {
    events: without(12),
    statement: (text) => text.replace('recommendation-730 11', 'recommendation-730 12'),
  }),
  ...each((name, change: Parameters<typeof listed>[2]) => listed('stream', name, change), {
    'two events in each other’s place': (files) => {
      const [a, b] = [files.get(eventPath(7))!, files.get(eventPath(8))!];
      files.set(eventPath(7), b).set(eventPath(8), a);
    },
    'an event twice': (files) => {
      files.set(eventPath(13), files.get(eventPath(12))!).set(proofPath(13), files.get(proofPath(12))!);
    },
  }),
];

const SEALS: readonly Case[] = [
  listed(
    'hash',
    'another day',
    inEvent(3, (event) => (event.effectiveOn = '2015-12-01')),
  ),
  ...each((name, change: Parameters<typeof inEvent>[1]) => listed('hash', name, inEvent(12, change)), {
    'another actor': (event) => (event.actor.subject = 'somebody'),
    'another hash': (event) => (event.hash = '0'.repeat(64)),
  }),
  listed(
    'hash',
    'a commitment taken out with its value',
    inEvent(10, (event) => (event.commitments = {})),
  ),
  signedCase('hash', 'another state, with proofs of what it says', {
    events: nth((event) => (event.decision!.role = 'auditor')),
  }),
  signedCase('chain', 'an event sealed anew alone', {
    events: nth((event) => {
      event.decision!.role = 'approver';
      sealAnew(event, event.previousHash);
    }, 10),
  }),
  signedCase('chain', 'a chain that begins anew', {
    events: nth((event) => {
      sealAnew(event, null);
    }),
  }),
  signedCase('chain', 'a first event that follows another', {
    events: (events) => {
      let before = '0'.repeat(64);
      for (const event of events) {
        sealAnew(event, before);
        before = event.hash;
      }
    },
  }),
  ...each((name, change: Parameters<typeof nth>[0]) => resealedCase('event-id', name, nth(change)), {
    'another id': (event) => (event.eventId = 'a75a26ba-7b80-5ae9-830c-67e004201278'),
    'an id twice': (event, events) => {
      event.command = structuredClone(events[9]!.command);
      event.eventId = events[9]!.eventId;
    },
    'another command': (event) => (event.command.id = '00000000-0000-4000-8000-000000000000'),
    'an event of a command that was over': (event, events) => {
      const { command, eventId: before } = events[9]!;
      const number = Array.from({ length: 100 }, (_, at) => at).find(
        (at) => eventId(command.id, at) === before,
      )!;
      event.command = structuredClone(command);
      event.eventId = eventId(command.id, number + 1);
    },
  }),
  bad('event-id', 'an event beyond the last that a command can begin with', {
    pack: () => firstNumbered(10_000),
  }),
  signedCase('event-id', 'another id of the making of the pack', {
    packMade: (event) => (event.eventId = 'c1333561-1177-5e08-8307-2355a0d330e6'),
  }),
  ...each((name, change: Parameters<typeof inEvent>[1]) => listed('commitment', name, inEvent(4, change)), {
    'another text': (event) => (event.data['text'] = 'All is well.'),
    'another salt': (event) => (event.salts['/data/text'] = '0'.repeat(32)),
    'a text without its salt': (event) => (event.salts = {}),
  }),
  listed(
    'commitment',
    'a salt without its text',
    inEvent(11, (event) => (event.salts['/data/text'] = '0'.repeat(32))),
  ),
  listed(
    'commitment',
    'a text in place of one that was withheld',
    inEvent(10, (event) => {
      event.data['text'] = 'Nothing was said.';
      event.salts['/data/text'] = '0'.repeat(32);
    }),
  ),
];

const gone = (version: number, member = 'text') =>
  nth((event) => {
    Reflect.deleteProperty(event.data, member);
    Reflect.deleteProperty(event.salts, `/data/${member}`);
  }, version);
const TEXT = { version: 10, pointer: '/data/text', code: 'internal' } as const;
const REASON = { version: 12, pointer: '/data/reason', code: 'internal' } as const;

const GONE: readonly Case[] = [
  signedCase('missing', 'a text that is not listed', { events: gone(5) }),
  signedCase('missing', 'a title that is not listed', { events: gone(1, 'title') }),
  signedCase('missing', 'a shorter list', { withheld: [TEXT] }),
  signedCase('missing', 'no redaction of what was erased', {
    events: (events) => events.slice(0, 11),
    withheld: [TEXT],
  }),
  resealedCase(
    'missing',
    'a redaction that names another value',
    nth((event) => (event.data['erased'] = [])),
  ),
  ...each((name, change: Parameters<typeof nth>[0]) => resealedCase('erased', name, nth(change)), {
    'a redaction of a text that is there': (event, events) => (event.data['eventId'] = events[4]!.eventId),
    'a redaction of no event': (event) => (event.data['eventId'] = '00000000-0000-5000-8000-000000000000'),
    'a redaction of itself': (event) => {
      event.data['eventId'] = event.eventId;
      event.data['erased'] = ['/data/reason'];
    },
    'a redaction of what is no sensitive value': (event) =>
      (event.data['erased'] = ['/data/text', '/data/visibility']),
    'a redaction of no list': (event) => (event.data['erased'] = '/data/text'),
  }),
  signedCase('withheld', 'another order', { list: [REASON, TEXT] }),
  signedCase('withheld', 'an entry twice', { withheld: [TEXT, TEXT, REASON] }),
  signedCase('withheld', 'a text that is there', { withheld: [{ ...TEXT, version: 4 }, TEXT, REASON] }),
  signedCase('withheld', 'a text that was erased', { withheld: [TEXT, { ...TEXT, version: 11 }, REASON] }),
  signedCase('withheld', 'a version that there is not', {
    withheld: [TEXT, REASON, { ...TEXT, version: 13 }],
  }),
  signedCase('withheld', 'what is no sensitive value', {
    withheld: [TEXT, { ...REASON, pointer: '/data/eventId' }, REASON],
  }),
  signedCase('withheld', 'a code with a space', { withheld: [{ ...TEXT, code: 'FOI 31' }, REASON] }),
  signedCase('withheld', 'a code that is too long', {
    withheld: [{ ...TEXT, code: 'x'.repeat(33) }, REASON],
  }),
  signedCase('withheld', 'a member too many', { list: [{ ...TEXT, by: 'ann' }, REASON] }),
  signedCase('withheld', 'no list', { list: {} }),
];

const lifecycleOf = (change: (definition: Record<string, JsonValue>) => unknown): JsonObject => {
  const definition = structuredClone(LIFECYCLE) as Record<string, JsonValue>;
  change(definition);
  return definition;
};
/** Returns a pack whose events all follow other rules, which the pack contains. */
const followed = (definition: JsonValue): PackFiles =>
  makePack({
    events(events) {
      const { name, version } = (definition ?? {}) as { readonly name?: string; readonly version?: number };
      for (const { lifecycle } of events) {
        lifecycle!.digest = hash('sha256', canonicalJson(definition), 'hex');
        // The definition alone is wrong.
        lifecycle!.name = name ?? lifecycle!.name;
        lifecycle!.version = version ?? lifecycle!.version;
      }
    },
    reseal: true,
    lifecycles: [definition as JsonObject],
  });
const under = (code: PackCode, name: string, definition: JsonValue): Case =>
  bad(code, name, { pack: () => followed(definition) });
const RULES: readonly Case[] = [
  bad('lifecycle', 'rules that are larger than any', { pack: () => underMany(manyStates(13_000)) }),
  signedCase('lifecycle', 'no file of it', { lifecycles: [] }),
  signedCase('lifecycle', 'one that is not accepted', {
    lifecycles: [LIFECYCLE, lifecycleOf((definition) => (definition['version'] = 2))],
  }),
  listed('lifecycle', 'other rules under its digest', (files) => {
    const name = [...files.keys()].find((each) => each.startsWith('data/lifecycles/'))!;
    edit(name, (text) => text.replace('"version":1}', '"version":2}'))(files);
  }),
  ...each((name, change: Parameters<typeof nth>[0]) => resealedCase('lifecycle', name, nth(change)), {
    'another version than its file says': (event) => (event.lifecycle!.version = 2),
    'another name than its file says': (event) => (event.lifecycle!.name = 'door'),
    'an event that follows none': (event) => {
      event['lifecycle'] = null;
      event['state'] = null;
    },
  }),
  under('lifecycle', 'no definition', null),
  ...each(
    (name, change: Parameters<typeof lifecycleOf>[0]) => under('lifecycle', name, lifecycleOf(change)),
    {
      'a region without its initial state': (definition) => {
        Reflect.deleteProperty(path('machine', 'states', 'progress')(definition), 'initial');
      },
      'a target that there is not': (definition) => {
        path('machine', 'states', 'progress', 'states', 'awaiting-review', 'on')(definition)[
          'ProgressStarted'
        ] = 'nowhere';
      },
      'a guard that names no state': (definition) => {
        path('guards')(definition)['never'] = { region: 'progress', in: [] };
        path('machine', 'states', 'progress', 'states', 'awaiting-review', 'on')(definition)[
          'RecommendationCompleted'
        ] = { target: 'complete', guard: 'never' };
      },
      'a state of an odd name': (definition) => {
        path('machine', 'states', 'progress', 'states')(definition)['Odd'] = {};
        path('machine', 'states', 'progress', 'states', 'awaiting-review', 'on')(definition)[
          'ClosureRequested'
        ] = 'Odd';
      },
      'a region of an odd name': (definition) => {
        path('machine', 'states')(definition)['Odd'] = { initial: 's', states: { s: {} } };
      },
      'a statechart that does more than a replay': (definition) => {
        path('machine', 'states', 'progress')(definition)['always'] = 'complete';
      },
    },
  ),
  ...(
    [
      ['a state that nothing reaches', ['machine', 'states', 'progress', 'states'], 'forgotten', {}],
      [
        'a move that its owner never takes',
        ['events'],
        'Forgotten',
        { kind: 'move', owner: 'progress', schemaVersion: 1 },
      ],
      ['a guard that names a state that there is not', ['guards', 'open'], 'in', ['complete', 'nowhere']],
      ['a move that counts for what is no region', ['events', 'ProgressStarted'], 'countsFor', ['mood']],
      [
        'a target in an object, without a guard',
        ['machine', 'states', 'progress', 'states', 'awaiting-review', 'on'],
        'ProgressStarted',
        { target: 'being-progressed' },
      ],
      [
        'an event with transitions from a region and from one of its states',
        ['machine', 'states', 'progress', 'states', 'awaiting-review', 'on'],
        'StatusRecorded.complete',
        'complete',
      ],
      [
        'a transition of an event that is a note',
        ['machine', 'states', 'progress', 'states', 'awaiting-review', 'on'],
        'CommentAdded',
        'complete',
      ],
      [
        'a transition of an event that it does not declare',
        ['machine', 'states', 'progress', 'states', 'awaiting-review', 'on'],
        'Forgotten',
        'complete',
      ],
      [
        'a transition with a guard that it does not declare',
        ['machine', 'states', 'progress', 'states', 'awaiting-review', 'on'],
        'ProgressStarted',
        { target: 'being-progressed', guard: 'never' },
      ],
      [
        'a target in another region',
        ['machine', 'states', 'progress', 'states', 'awaiting-review', 'on'],
        'ProgressStarted',
        'pending',
      ],
      [
        'a target of a state that begins with a dot',
        ['machine', 'states', 'progress', 'states', 'awaiting-review', 'on'],
        'ProgressStarted',
        '.being-progressed',
      ],
      [
        'a target of a region without a dot',
        ['machine', 'states', 'progress', 'on'],
        'StatusRecorded.complete',
        'complete',
      ],
      ['an initial state that there is not', ['machine', 'states', 'progress'], 'initial', 'nowhere'],
      ['a guard of no such region', ['guards', 'open'], 'region', 'mood'],
      ['two first events', ['events', 'CommentAdded'], 'kind', 'first'],
      ['no first event', ['events', 'RecommendationIssued'], 'kind', 'note'],
      ['a state within a state', ['machine', 'states', 'progress', 'states', 'complete'], 'states', {}],
      ['a state that is final', ['machine', 'states', 'progress', 'states', 'complete'], 'type', 'final'],
      ['a threshold that is no number', ['thresholds'], 'days', '30'],
      ['an id of its machine that is no text', ['machine'], 'id', 1],
      ['a note with an owner', ['events', 'CommentAdded'], 'owner', 'progress'],
      ['a list of sensitive members', ['events', 'CommentAdded'], 'sensitive', ['/data/text']],
      ['a status of no region', [], 'statusRegion', 'mood'],
      ['a list of transitions', ['machine', 'states', 'progress', 'states', 'complete'], 'on', []],
      [
        'a target that is no text',
        ['machine', 'states', 'progress', 'states', 'awaiting-review', 'on'],
        'ProgressStarted',
        1,
      ],
      ['a region without states', ['machine', 'states'], 'mood', { initial: 's', states: {} }],
      ['a guard with more members', ['guards', 'open'], 'not', true],
      ['a name with a space', [], 'name', 'inspection recommendation'],
      ['a guard of an odd name', ['guards'], 'Never', { region: 'progress', in: ['awaiting-review'] }],
      ['a schemaVersion of 0', ['events', 'CommentAdded'], 'schemaVersion', 0],
      ['a note that counts for a region', ['events', 'CommentAdded'], 'countsFor', ['progress']],
      ['a note that counts for no region', ['events', 'CommentAdded'], 'countsFor', []],
      ['a type of event that stands for all', ['events'], '*', { kind: 'note', schemaVersion: 1 }],
      ['an event of another kind', ['events', 'CommentAdded'], 'kind', 'migration'],
      [
        'a name that is too long',
        ['guards'],
        'x'.repeat(64),
        { region: 'progress', in: ['awaiting-review'] },
      ],
      [
        'more regions than there may be',
        ['machine'],
        'states',
        {
          ...path('machine', 'states')(LIFECYCLE as Record<string, JsonValue>),
          ...Object.fromEntries(
            Array.from({ length: 16 }, (_, number) => [`r${number}`, { initial: 's', states: { s: {} } }]),
          ),
        },
      ],
      ['a machine that says more', ['machine'], 'context', {}],
      ['a machine that is not parallel', ['machine'], 'type', 'compound'],
      ['a member that no definition has', [], 'more', 1],
      ['an owner that there is not', ['events', 'ProgressStarted'], 'owner', 'mood'],
    ] as const
  ).map(([name, change, member, value]) =>
    under(
      'lifecycle',
      name,
      lifecycleOf((definition) => {
        path(...change)(definition)[member] = value;
      }),
    ),
  ),
  ...(
    [
      ['no id of its machine', ['machine'], 'id'],
      ['no thresholds', [], 'thresholds'],
      ['no status', [], 'statusRegion'],
      ['a move without an owner', ['events', 'ProgressStarted'], 'owner'],
    ] as const
  ).map(([name, change, member]) =>
    under(
      'lifecycle',
      name,
      lifecycleOf((definition) => {
        Reflect.deleteProperty(path(...change)(definition), member);
      }),
    ),
  ),
  ...each((name, change: Parameters<typeof nth>[0]) => resealedCase('state', name, nth(change)), {
    'another state': (event) => (event.state!['progress'] = 'complete'),
    'a state of no such region': (event) => (event.state!['mood'] = 'good'),
    'a state too few': (event) => Reflect.deleteProperty(event.state!, 'response'),
    'an event that is not legal there': (event) => (event.type = 'ClosureApproved'),
    'an event that no rules know': (event) => (event.type = 'Forgotten'),
    'a record that is made twice': (event) => (event.type = 'RecommendationIssued'),
  }),
  resealedCase(
    'state',
    'a record that nothing made',
    nth((event) => (event.type = 'CommentAdded'), 1),
  ),
  resealedCase(
    'state',
    'a name that every object has',
    nth((event) => (event.type = 'constructor')),
  ),
];

const STATEMENTS: readonly Case[] = [
  ...each(
    (name, change: NonNullable<Altered['statement']>) => signedCase('statement', name, { statement: change }),
    {
      'another digest': (text) => text.replace(/[0-9a-f]{64}/, '0'.repeat(64)),
      'another version': (text) => text.replace('-730 12', '-730 13'),
      'another instant': (text) => text.replace('12:00', '13:00'),
      'another subject': (text) => text.replace('ann-auditor', 'somebody'),
      'a line too many': (text) => `${text}more\n`,
      'a line too few': (text) => text.replace(/.*\n$/, ''),
      'another form': (text) => text.replace('/v1', '/v2'),
    },
  ),
  ...each(
    (name, change: NonNullable<Altered['sign']>) =>
      signedCase('statement', name, { sign: change }, { key: [] }),
    {
      'a signature under another name': (text) =>
        printNote({ text, signatures: [logSignature(text, 'else.example')] }),
      'a signature under a name with a control character that is white space': (text) =>
        noteOf(text).replace(/\n$/, '\n— else\u0085 AAAAAAA=\n'),
      'no signature': (text) => `${text}\n`,
    },
  ),
  signedCase('statement', 'no note', { sign: (text) => text }),
];

const checkpointOf =
  (change: (text: string) => string): NonNullable<Altered['parts']> =>
  (parts) => {
    otherCheckpoint(parts, noteOf(change(parseNote(utf8(parts.checkpoint)).text)));
  };
const CHECKPOINTS: readonly Case[] = [
  signedCase('checkpoint', 'a zero before its size', {
    parts: checkpointOf((text) => text.replace('\n47\n', '\n047\n')),
  }),
  signedCase(
    'checkpoint',
    'no origin',
    { parts: checkpointOf((text) => text.replace(ORIGIN, '')) },
    { key: [] },
  ),
  signedCase('checkpoint', 'a line too many', { parts: checkpointOf((text) => `${text}more\n`) }),
  signedCase('checkpoint', 'a size that not every program can count to', {
    parts: checkpointOf((text) => text.replace('\n47\n', '\n9007199254740992\n')),
  }),
  signedCase('checkpoint', 'a root that is too short', {
    parts: checkpointOf((text) => text.replace(/\n.*\n$/, '\nAAAA\n')),
  }),
  signedCase('checkpoint', 'an origin like a statement', { origin: 'docket-pack/v1' }, { key: [] }),
  signedCase(
    'checkpoint',
    'no signature',
    {
      parts: (parts) => {
        otherCheckpoint(parts, parts.checkpoint.replace(/\n—.*\n$/s, '\n'));
      },
    },
    { key: [] },
  ),
  signedCase('checkpoint', 'a control character', {
    parts: (parts) => {
      otherCheckpoint(parts, parts.checkpoint.replaceAll('\n', '\r\n'));
    },
  }),
  listed('checkpoint', 'nothing', putFile(PACK.checkpoint, '')),
  listed('checkpoint', 'no UTF-8', (files) => files.set(PACK.checkpoint, Buffer.of(0xff, 0x0a))),
  listed('checkpoint', 'an earlier one that is none', putFile(PACK.previous, 'nothing\n'), 'since'),
  signedCase('checkpoint', 'an earlier one of another log', {
    since: 20,
    parts: (parts) => {
      const text = parseNote(utf8(parts.previous!.checkpoint)).text.replace(ORIGIN, 'else.example');
      parts.previous!.checkpoint = noteOf(text);
    },
  }),
];

const proofOf = (change: (text: string) => string) => edit(proofPath(5), change);
const PROOFS: readonly Case[] = [
  ...each((name, change: Parameters<typeof proofOf>[0]) => listed('proof', name, proofOf(change)), {
    'another index': (text) => text.replace('index 9', 'index 8'),
    'an index beyond the log': (text) => text.replace('index 9', 'index 99'),
    'a zero before its index': (text) => text.replace('index 9', 'index 09'),
    'a hash too few': (text) => text.replace(/(index 9\n).*\n/, '$1'),
    'a hash too many': (text) => text.replace(/(index 9\n)(.*\n)/, '$1$2$2'),
    'another hash': (text) => text.replace(/(index 9\n)./, (_, line: string) => `${line}_`),
  }),
  listed('proof', 'the proof of another event', (files) => files.set(proofPath(5), files.get(proofPath(6))!)),
  ...each((name, change: Parameters<typeof proofOf>[0]) => listed('proof', name, proofOf(change)), {
    'an extra line': (text) => text.replace('index', 'extra AAAA\nindex'),
    'another form': (text) => text.replace('@v1', '@v2'),
    'another checkpoint at its end': (text) =>
      text.replace(
        /\n\n[^]*$/,
        () => `\n\n${noteOf(printCheckpoint({ origin: ORIGIN, size: 47n, root: Buffer.alloc(32) }))}`,
      ),
    'a signature more at its end': (text) => `${text}— else AAAAAAA=\n`,
  }),
  signedCase('proof', 'an event that precedes its predecessor', {
    indices: INDICES.toSpliced(3, 2, 9, 6),
  }),
  signedCase('proof', 'a pack that was made before the last event', {
    indices: INDICES.toSpliced(11, 2, 44, 40),
  }),
];

const CONSISTENCIES: readonly Case[] = [
  ...each(
    (name, change: TextChange) => listed('consistency', name, edit(PACK.consistency, change), 'since'),
    {
      'a hash too few': (text) => text.replace(/^.*\n/, ''),
      'a hash too many': (text) => text.replace(/^.*\n/, (line) => line + line),
      'no line feed at its end': (text) => text.slice(0, -1),
    },
  ),
  listed('consistency', 'nothing', putFile(PACK.consistency, ''), 'since'),
  listed(
    'consistency',
    'no base64',
    edit(PACK.consistency, (text) => text.replace(/^./, '_')),
    'since',
  ),
  listed(
    'consistency',
    'an earlier log that was another one',
    putFile(PACK.previous, noteOf(printCheckpoint({ origin: ORIGIN, size: 20n, root: Buffer.alloc(32, 1) }))),
    'since',
  ),
  listed(
    'consistency',
    'an earlier log that was longer',
    putFile(PACK.previous, noteOf(printCheckpoint({ origin: ORIGIN, size: 48n, root: Buffer.alloc(32, 1) }))),
    'since',
  ),
  signedCase('consistency', 'a hash between equal sizes', {
    since: 47,
    parts: (parts) => {
      parts.previous!.consistency = consistencyOf(1, [Buffer.alloc(32), Buffer.alloc(32)]);
    },
  }),
];

const inMade = (change: (data: Record<string, JsonValue>) => unknown): Altered => ({
  packMade: (event) => {
    change(event.data);
  },
});
const MADE: readonly Case[] = [
  signedCase('pack-made', 'the last event left out', {
    events: without(12),
    packMade: (event) => (event.data['version'] = 12),
  }),
  ...each((name, change: Parameters<typeof inMade>[0]) => signedCase('pack-made', name, inMade(change)), {
    'another last event': (data) => (data['hash'] = '0'.repeat(64)),
    'another record': (data) => (data['streamId'] = 'recommendation-731'),
  }),
  signedCase('pack-made', 'another list of withheld values', { saidWithheld: [TEXT] }),
  ...each((name, change: Parameters<typeof inMade>[0]) => signedCase('pack-made', name, inMade(change)), {
    'another number of withheld values': (data) =>
      ((data['withheld'] as Record<string, JsonValue>)['count'] = 1),
    'a member too many': (data) => (data['more'] = true),
  }),
  ...each(
    (name, change: NonNullable<Altered['packMade']>) => signedCase('pack-made', name, { packMade: change }),
    {
      'another type': (event) => (event.type = 'PackAsked'),
      'another stream': (event) => (event.streamId = 'refusals-2026-11-26'),
      'a stream of a day that there is not': (event) => (event.streamId = 'access-2026-13-26'),
      'a second version that follows nothing': (event) => (event.version = 2),
      'a value that it withholds': (event) => (event.commitments['/data/why'] = '0'.repeat(64)),
      'a lifecycle': (event) => {
        event.lifecycle = { name: 'inspection-recommendation', version: 1, digest: '0'.repeat(64) };
        event.state = {};
      },
    },
  ),
  listed(
    'pack-made',
    'another hash',
    edit(PACK.packMade, (text) => text.replace('"subject":"ann-auditor"', '"subject":"ann-approver"')),
  ),
  listed('pack-made', 'nothing', putFile(PACK.packMade, 'null')),
];

/** Returns a note in which bytes of the log's signature are altered. */
export const forged =
  (change: (bytes: Buffer) => unknown) =>
  (text: string): string => {
    const signature = logSignature(text);
    const bytes = Buffer.from(signature.bytes);
    change(bytes);
    return printNote({ text, signatures: [{ ...signature, bytes }] });
  };
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
/** A signature with the group's order added to S. */
const oversized = forged((bytes) => {
  let s =
    BigInt(
      `0x${bytes
        .subarray(32)
        .toReversed()
        .reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '')}`,
    ) + ORDER;
  for (let at = 32; at < 64; at++, s >>= 8n) bytes[at] = Number(s & 255n);
});
const SIGNATURES: readonly Case[] = [
  signedCase('signature', 'a statement whose signature does not hold', {
    sign: forged((bytes) => (bytes[0]! ^= 1)),
  }),
  signedCase('signature', 'a statement that was signed otherwise', {
    sign: (text) => noteOf(text.replace('somebody', 'ann-auditor')).replace('ann-auditor', 'somebody'),
    packMade: (event) => (event.actor.subject = 'somebody'),
  }),
  signedCase('signature', 'a signature with S beyond the order', { sign: oversized }),
  signedCase('signature', 'a signature with R of small order', {
    sign: forged((bytes) => bytes.fill(0, 0, 32).fill(1, 0, 1)),
  }),
  ...each((name, change: NonNullable<Altered['sign']>) => signedCase('signature', name, { sign: change }), {
    'a signature that is too short': (text) =>
      printNote({ text, signatures: [{ ...logSignature(text), bytes: Buffer.alloc(10) }] }),
    'one that holds and one that does not': (text) => noteOf(text, logSignature(`${text}\n`)),
  }),
  signedCase('signature', 'a checkpoint that a witness alone signed', {
    parts: (parts) => {
      const { text } = parseNote(utf8(parts.checkpoint));
      otherCheckpoint(parts, printNote({ text, signatures: [witnessSignature(text, WITNESSES[0])] }));
    },
  }),
];

const otherHead = (origin: string, size: bigint): string =>
  noteOf(printCheckpoint({ origin, size, root: Buffer.alloc(32, 7) }));
const KEPT: readonly Case[] = [
  bad('kept', 'another root of the same size', { options: { checkpoint: otherHead(ORIGIN, 47n) } }),
  bad('kept', 'another root of the earlier size', {
    base: 'since',
    options: { checkpoint: otherHead(ORIGIN, 20n) },
  }),
  bad('kept', 'a checkpoint of another log', {
    options: { key: [], checkpoint: keptOf('whole').replace(ORIGIN, 'else.example') },
  }),
  bad('kept', 'a rewritten history, which the log’s key signed', {
    pack: rewritten,
    options: { checkpoint: keptOf('whole') },
  }),
  bad('hash', 'a changed event, and a kept checkpoint that the pack cannot prove', {
    pack: (files) => {
      inEvent(12, (event) => (event.actor.subject = 'somebody'))(files);
      return listAnew(files);
    },
    options: { checkpoint: otherHead(ORIGIN, 60n) },
  }),
];

export function byOther(text: string): string {
  return printNote({ text, signatures: [logSignature(text, ORIGIN, 'other')] });
}

/** Returns a pack of a log that the holder of the log's key wrote again, with another actor in the record's last event. */
function rewritten(): PackFiles {
  return makePack({ events: nth((event) => (event.actor.subject = 'somebody-else')), reseal: true });
}

const byOtherCheckpoint: Altered = {
  parts: (parts) => {
    otherCheckpoint(parts, byOther(parseNote(utf8(parts.checkpoint)).text));
  },
};
const OTHER_KEYS: readonly Case[] = [
  bad('signature', 'a key that was replaced', { options: { key: [OTHER_VKEY] } }),
  bad('signature', 'the key of another log', { options: { key: [vkeyOf('else.example')] } }),
  bad('signature', 'the key of another log, which signed the checkpoint as well', {
    options: { key: [vkeyOf('else.example')] },
    pack: () => makePack({ parts: withSignature((text) => logSignature(text, 'else.example')) }),
  }),
  signedCase('signature', 'a statement that another key signed', { sign: byOther }),
  signedCase('signature', 'a checkpoint that another key signed', byOtherCheckpoint),
  signedCase('signature', 'an earlier checkpoint with a false signature of the log', {
    since: 20,
    parts: (parts) => {
      const { text } = parseNote(utf8(parts.previous!.checkpoint));
      parts.previous!.checkpoint = forged((bytes) => (bytes[0]! ^= 1))(text);
    },
  }),
  good(
    'since an earlier checkpoint that another key signed',
    'signed',
    {},
    {
      pack: () =>
        makePack({
          since: 20,
          parts: (parts) => {
            parts.previous!.checkpoint = byOther(parseNote(utf8(parts.previous!.checkpoint)).text);
          },
        }),
    },
  ),
  good(
    'with a key of each signature',
    'signed',
    { key: [LOG_VKEY, OTHER_VKEY] },
    { pack: () => makePack(byOtherCheckpoint) },
  ),
];

/** The log's own key as that of a witness. */
const ownWitness = vkeyOfWitness('log', 'own.example');
const OF_WITNESSES: readonly Case[] = [
  bad('witness', 'none of them', { options: { witness: WITNESS_VKEYS } }),
  bad('witness', 'one of two', { base: 'witnessed', options: { witness: WITNESS_VKEYS.slice(1) } }),
  bad('witness', 'one of two, and one of the same twice', {
    base: 'witnessed',
    options: { witness: [WITNESS_VKEYS[1]!, ...WITNESS_VKEYS.slice(1)] },
  }),
  bad('witness', 'one of two, under two names that both signed', {
    options: { witness: [WITNESS_VKEYS[0]!, vkeyOfWitness(WITNESSES[0], 'else.example'), WITNESS_VKEYS[2]!] },
    pack: () =>
      makePack({
        cosigned: WITNESSES.slice(0, 1),
        parts: withSignature((text) => witnessSignature(text, 'else.example', undefined, WITNESSES[0])),
      }),
  }),
  bad('witness', 'a signature that does not hold', {
    options: { witness: WITNESS_VKEYS.slice(0, 1) },
    pack: () => makePack({ parts: withSignature((text) => witnessSignature(`${text}\n`, WITNESSES[0])) }),
  }),
  bad('witness', 'a signature of a time that is too late', {
    options: { witness: WITNESS_VKEYS.slice(0, 1) },
    pack: () => makePack({ cosigned: WITNESSES.slice(0, 1), cosignedAt: 2n ** 63n }),
  }),
  bad('witness', 'the log’s own key', {
    options: { witness: [ownWitness] },
    pack: () =>
      makePack({ parts: withSignature((text) => witnessSignature(text, 'own.example', undefined, 'log')) }),
  }),
  bad('witness', 'the log’s own key, and one of one', {
    options: { witness: [ownWitness, WITNESS_VKEYS[0]!] },
    pack: () =>
      makePack({
        cosigned: WITNESSES.slice(0, 1),
        parts: withSignature((text) => witnessSignature(text, 'own.example', undefined, 'log')),
      }),
  }),
  bad('witness', 'a rewritten history, which the log’s key signed', {
    pack: rewritten,
    options: { witness: WITNESS_VKEYS },
  }),
];

const ADOPTIONS: readonly Case[] = [
  ...each(
    (name, adoptions: JsonValue) =>
      signedCase('pack-made', name, { packMade: (event) => (event.data['adoptions'] = adoptions) }),
    {
      'no list of adoptions': null,
      'an adoption without a reason': [{ ...ADOPTION, reason: null }],
      'an adoption with more members': [{ ...ADOPTION, by: 'ann' }],
      'an adoption at no instant': [{ ...ADOPTION, recordedAt: '2026-11-26' }],
      'an adoption after a checkpoint of no events': [
        { ...ADOPTION, lost: { size: 0, root: `${'A'.repeat(43)}=` } },
      ],
      'an adoption after a checkpoint with a root that is none': [
        { ...ADOPTION, lost: { size: 1, root: 'AAAA' } },
      ],
    },
  ),
  good(
    'of a log whose store was adopted and had lost nothing',
    'signed',
    {},
    {
      pack: () =>
        makePack({
          packMade: (event) => (event.data['adoptions'] = [{ ...ADOPTION, reason: '', lost: null }]),
        }),
    },
  ),
  signedCase('pack-made', 'another schema version', { packMade: (event) => (event['schemaVersion'] = 2) }),
];

const WARNED: readonly Case[] = [
  good(
    'with an event that was recorded more than five minutes after the pack',
    'signed',
    {},
    {
      warnings: ['after-pack'],
      pack: () =>
        makePack({ events: nth((event) => (event.recordedAt = '2026-11-26T12:05:00.001Z')), reseal: true }),
    },
  ),
  good(
    'with an event that was recorded five minutes after the pack',
    'signed',
    {},
    {
      pack: () =>
        makePack({ events: nth((event) => (event.recordedAt = '2026-11-26T12:05:00.000Z')), reseal: true }),
    },
  ),
];

const STAMP = recordedStamp();
/** A pack with a time-stamp of its checkpoint. */
const stamped: Altered = {
  parts: (parts) => {
    parts.timestamp = Buffer.from(STAMP.response, 'base64');
  },
};
const TIMES: readonly Case[] = [
  good(
    'with a time-stamp by a certificate of this issuer',
    'signed',
    { tsa: STAMP.certificate },
    { pack: () => makePack(stamped), prints: true },
  ),
  good('with a time-stamp, and no certificate', 'signed', {}, { pack: () => makePack(stamped) }),
  good('no verdict: a certificate, and no time-stamp', null, { tsa: STAMP.certificate }),
  good('no verdict: a certificate that is none', null, { tsa: 'nothing' }, { pack: () => makePack(stamped) }),
  bad('time-stamp', 'of another checkpoint', {
    options: { tsa: STAMP.certificate },
    pack: () => makePack({ ...stamped, size: 48 }),
  }),
  bad('time-stamp', 'that is none', {
    options: { tsa: STAMP.certificate },
    pack: () =>
      makePack({
        parts: (parts) => {
          parts.timestamp = Buffer.from('nothing');
        },
      }),
  }),
  bad('time-stamp', 'with a changed time', {
    options: { tsa: STAMP.certificate },
    pack: () =>
      makePack({
        parts: (parts) => {
          const bytes = Buffer.from(STAMP.response, 'base64');
          // The first such text is the time of the token, which the signature covers.
          const at = bytes.toString('latin1').search(/\d{14}Z/);
          bytes[at + 3]! ^= 1;
          parts.timestamp = bytes;
        },
      }),
  }),
];

/** Returns a key of 32 bytes with this first byte, under the log's name. */
const keyOf = (first: number): string => {
  const bytes = Buffer.alloc(32).fill(first, 0, 1);
  const encoded = Buffer.concat([Buffer.of(1), bytes]).toString('base64');
  return `${ORIGIN}+${keyIdOf(ORIGIN, 'note', bytes)}+${encoded}`;
};
const none = (name: string, options: Partial<VerifierOptions>, rest: Partial<Case> = {}): Case =>
  good(`no verdict: ${name}`, null, options, rest);
const NO_VERDICT: readonly Case[] = [
  none('an earlier checkpoint that was kept, without a proof from it', {
    checkpoint: keptOf('since', PACK.previous),
  }),
  none(
    'another checkpoint than the one with the proof',
    { checkpoint: otherHead(ORIGIN, 30n) },
    { base: 'since' },
  ),
  none('a later checkpoint that was kept', { checkpoint: otherHead(ORIGIN, 60n) }),
  none('a kept checkpoint of no events', { checkpoint: otherHead(ORIGIN, 0n) }),
  none('a kept checkpoint that is none', { checkpoint: 'nothing' }),
  none('a kept checkpoint with a control character', { checkpoint: `\u0007${keptOf('whole')}` }),
  none('a key that is no point of the curve', { key: [keyOf(2)] }),
  none('a key of small order', { key: [keyOf(1)] }),
  none('an empty key', { key: [''] }),
  none('a witness as the log', { key: [WITNESS_VKEYS[0]!] }),
  none('the log as a witness', { witness: [LOG_VKEY] }),
  none('a key with the id of another', { key: [LOG_VKEY.replace(/\+[0-9a-f]{8}\+/, '+00000000+')] }),
  none('the name of a key', { key: [ORIGIN] }),
];

export const BAD: readonly Case[] = [
  ...OTHER_KEYS,
  ...OF_WITNESSES,
  ...ADOPTIONS,
  ...WARNED,
  ...NO_VERDICT,
  ...TIMES,
  ...ZIPS,
  ...BAGS,
  ...MANIFESTS,
  ...JSONS,
  ...MALFORMED,
  ...STREAMS,
  ...SEALS,
  ...GONE,
  ...RULES,
  ...STATEMENTS,
  ...CHECKPOINTS,
  ...PROOFS,
  ...CONSISTENCIES,
  ...MADE,
  ...SIGNATURES,
  ...KEPT,
];
