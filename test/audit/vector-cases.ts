import { canonicalJson } from '#audit/canonical';
import type { PackCode } from '#audit/pack/findings';
import { eventPath, isPayload, PACK, proofPath } from '#audit/pack/pack-names';
import type { PackFiles } from '#audit/pack/pack-names';
import { eventId, saltedHash } from '#audit/event-hashes';
import { printCheckpoint } from '#audit/tlog/checkpoint';
import { keyIdOf, parseNote, printNote } from '#audit/tlog/signed-note';
import type { NoteSignature } from '#audit/tlog/signed-note';
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

type Files = Map<string, Uint8Array>;

/** The source of a vector. */
export interface Case {
  readonly name: string;
  readonly base?: keyof typeof BASES;
  readonly pack?: (files: Files) => PackFiles;
  readonly zip?: readonly ZipEdit[];
  readonly options: VerifierOptions;
  readonly verdict: Vector['verdict'];
  readonly code: PackCode | null;
  readonly warnings?: Vector['warnings'];
  /** True if the vector contains the printed JSON. */
  readonly prints?: true;
}

type Table<Row> = Readonly<Record<string, Row>>;

/** The row of a case in a table: what differs from its base, or the alterations of a new pack. */
interface Row extends Omit<Partial<Case>, 'name' | 'options' | 'code'> {
  readonly altered?: Altered;
  readonly options?: Partial<VerifierOptions>;
}

const TOLD: VerifierOptions = { key: [LOG_VKEY] };
const utf8 = (text: string): Uint8Array => Buffer.from(text);
const textIn = (files: PackFiles, path: string): string => Buffer.from(files.get(path)!).toString();
const keptOf = (base: keyof typeof BASES, path: string = PACK.checkpoint): string =>
  textIn(makePack(BASES[base]), path);

const mapped = <From, To>(table: Table<From>, change: (from: From) => To): Table<To> =>
  Object.fromEntries(Object.entries(table).map(([name, from]) => [name, change(from)]));

const packOf = (altered: Altered | undefined): Pick<Case, 'pack'> =>
  altered === undefined ? {} : { pack: () => makePack(altered) };

/** Returns the cases of valid packs; without a verdict they cannot be checked against the options. */
export const good = (table: Table<Row>): Case[] =>
  Object.entries(table).map(([name, { options, verdict = 'signed', altered, ...row }]) => ({
    ...{ name, options: { ...TOLD, ...options }, verdict, code: null },
    ...packOf(altered),
    ...row,
  }));

export const bad = (code: PackCode, table: Table<Row>): Case[] =>
  Object.entries(table).map(([name, { altered, ...row }]) => ({
    ...packOf(altered),
    ...row,
    name: `${code}: ${name}`,
    options: { ...TOLD, ...row.options },
    verdict: 'does-not-hold',
    code,
  }));

/** Returns cases made with the log's key: everything is listed, proved and signed. */
const signed = (code: PackCode, table: Table<Altered>, options: Partial<VerifierOptions> = {}): Case[] =>
  bad(
    code,
    mapped(table, (altered) => ({ altered, options })),
  );

type EventChange = (event: AlterableEvent, events: AlterableEvent[]) => unknown;
const nth =
  (change: EventChange, version = 12) =>
  (events: AlterableEvent[]): void => {
    change(events[version - 1]!, events);
  };
/** Returns the alterations of an event, after which all of them were sealed again. */
const resealedIn = (change: EventChange, version?: number): Altered => ({
  events: nth(change, version),
  reseal: true,
});
const resealed = (code: PackCode, table: Table<EventChange>, version?: number): Case[] =>
  signed(
    code,
    mapped(table, (change) => resealedIn(change, version)),
  );

type Change = (files: Files) => unknown;
/** Returns cases in which one file replaced another, and nothing else changed. */
const swapped = (code: PackCode, table: Table<Change>, base?: keyof typeof BASES): Case[] =>
  bad(
    code,
    mapped(table, (change) => ({
      ...(base && { base }),
      pack(files) {
        change(files);
        return files;
      },
    })),
  );

/** Returns cases in which files were altered, and then listed and signed again. */
export const listed = (code: PackCode, table: Table<Change>, base?: keyof typeof BASES): Case[] =>
  swapped(
    code,
    mapped(table, (change) => (files: Files) => {
      change(files);
      listAnew(files);
    }),
    base,
  );

/** Returns cases in which tag files were altered. Their list and the statement were updated. */
const tagged = (code: PackCode, table: Table<Change>): Case[] =>
  swapped(
    code,
    mapped(table, (change) => (files: Files) => {
      change(files);
      listTags(files, (path) => path !== PACK.statement);
    }),
  );

/** Lists the tag files anew, and signs the list. */
function listTags(files: Files, isListed: (path: string) => boolean): void {
  const tags = listOf(files, (path) => !isPayload(path) && path !== PACK.tagManifest && isListed(path));
  const { text } = parseNote(files.get(PACK.statement)!);
  const digest = hash('sha256', tags, 'hex');
  files.set(PACK.tagManifest, tags);
  files.set(PACK.statement, utf8(noteOf(text.replace(/^sha256 .*$/m, `sha256 ${digest}`))));
}

type TextChange = (text: string) => string;
export const edit = (path: string, change: TextChange) => (files: Files) => {
  files.set(path, utf8(change(textIn(files, path))));
};
const edits = (path: string, table: Table<TextChange>): Table<Change> =>
  mapped(table, (change) => edit(path, change));
const drop = (path: string) => (files: Files) => {
  files.delete(path);
};
const putFile = (path: string, text: string) => (files: Files) => {
  files.set(path, utf8(text));
};
const copyFile = (from: string, to: string) => (files: Files) => {
  files.set(to, files.get(from)!);
};

/** Alters the file of an event as JSON, without sealing it again. */
const inEvent = (version: number, change: (event: AlterableEvent) => unknown) =>
  edit(eventPath(version), (text) => {
    const event = JSON.parse(text) as AlterableEvent;
    change(event);
    return canonicalJson(event as unknown as JsonValue);
  });

/** Returns the alteration of the checkpoint, and of its copy at the end of all proofs. */
const otherCheckpoint = (print: (text: string, note: string) => string): Altered => ({
  parts(parts) {
    const before = parts.checkpoint;
    const note = print(parseNote(utf8(before)).text, before);
    parts.proofs = parts.proofs.map((proof) => proof.replace(before, note));
    parts.packMadeProof = parts.packMadeProof.replace(before, note);
    parts.checkpoint = note;
  },
});
const withSignature = (sign: (text: string) => NoteSignature): Altered =>
  otherCheckpoint((text, note) =>
    printNote({ text, signatures: [...parseNote(utf8(note)).signatures, sign(text)] }),
  );
const otherPrevious = (print: TextChange): Altered => ({
  since: 20,
  parts({ previous }) {
    previous!.checkpoint = print(parseNote(utf8(previous!.checkpoint)).text);
  },
});
const byOther = (text: string): string =>
  printNote({ text, signatures: [logSignature(text, ORIGIN, 'other')] });
const headOf = (size: bigint, first = 0, origin = ORIGIN): string =>
  noteOf(printCheckpoint({ origin, size, root: Buffer.alloc(32, first) }));

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
/** Returns the alterations after which the first event is the only one of its command, with this number in it. */
const firstNumbered = (number: number, id = '11111111-1111-4111-8111-111111111111'): Altered =>
  resealedIn((event) => {
    event.command.id = id;
    event.eventId = eventId(event.command.id, number);
  });

const TEXT = { version: 10, pointer: '/data/text', code: 'internal' } as const;
const REASON = { version: 12, pointer: '/data/reason', code: 'internal' } as const;

/**
 * Returns the alterations that add easily missed values, each with a commitment: in an item of a list, and under names
 * with a special meaning elsewhere.
 */
function oddPointers(): Altered {
  const data = JSON.parse(
    '{"items":[{"name":"v"}],"a/b":"v","a~b":"v","":{"":"v"},"__proto__":"v","constructor":"v","\u{1f600}\\n":"v","none":null}',
  ) as Record<string, JsonValue>;
  const pointers = ['/items/0/name', '/a~1b', '/a~0b', '//', '/__proto__', '/constructor', '/\u{1f600}\n'];
  return resealedIn((event) => {
    // Object.assign would set a prototype.
    event.data = JSON.parse(
      `${JSON.stringify(event.data).slice(0, -1)},${JSON.stringify(data).slice(1)}`,
    ) as Record<string, JsonValue>;
    for (const pointer of [...pointers, '/none']) {
      const salt = 'ab'.repeat(16);
      event.salts[`/data${pointer}`] = salt;
      event.commitments[`/data${pointer}`] = saltedHash(salt, pointer === '/none' ? 'null' : '"v"');
    }
  });
}

/** Returns the alterations that add pointers to missing values: the lists in these pointers do not have such items. */
function goneItems(): Altered {
  const pointers = ['/data/items/1/name', '/data/items/x/name'];
  const gone = pointers.map((pointer) => ({ ...REASON, pointer }));
  const altered = resealedIn((event) => {
    event.data['items'] = [{}];
    for (const pointer of pointers) event.commitments[pointer] = '0'.repeat(64);
  });
  return { ...altered, withheld: [TEXT, ...gone, REASON] };
}

/**
 * Returns the alterations after which the tenth event refers to other rules, which do not know the state before it; only
 * the region continues.
 */
function underOthers(): Altered {
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
  return {
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
  };
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

/** Returns the alterations that put the record under other rules, which have another region. */
function underMany(rules: JsonObject): Altered {
  const digest = hash('sha256', canonicalJson(rules), 'hex');
  return {
    events(events) {
      for (const event of events) {
        event.lifecycle!.digest = digest;
        event.state!['many'] = 's0';
      }
    },
    reseal: true,
    lifecycles: [rules],
  };
}

type Definition = Record<string, JsonValue>;
const lifecycleOf = (change: (definition: Definition) => unknown): JsonObject => {
  const definition = structuredClone<Definition>(LIFECYCLE);
  change(definition);
  return definition;
};
/** Returns a function that replaces a member of a definition, or removes it. */
const setIn =
  (names: readonly string[], member: string, value?: JsonValue) =>
  (definition: Definition): void => {
    const inside = path(...names)(definition);
    if (value === undefined) Reflect.deleteProperty(inside, member);
    else inside[member] = value;
  };
/** Returns the alterations that put all events under other rules, which the pack contains. */
const followed = (definition: JsonValue): Altered => ({
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

const rewritten = resealedIn((event) => (event.actor.subject = 'somebody-else'));

export const GOOD: readonly Case[] = [
  ...good({ 'with sensitive values in lists and under odd names': { altered: oddPointers() } }),
  ...good(
    mapped(
      {
        'with names in the order of UTF-16': '{"\u{1f600}":"Ann","\ue000":"Ben"}',
        'with names that every object has': '{"__proto__":"Ann","constructor":"Ben"}',
        'with names and the largest numbers': '[-9007199254740991,9007199254740991]',
        'with names in as many lists as there may be': deep(32),
        'with names beside all kinds of characters': JSON.stringify(
          `\u0000\b\t\n\u000b\f\r\u001f"\\/\u007f\u0085\u2028\ufffe`,
        ),
      },
      (text) => ({ pack: (files) => listAnew(files.set(PACK.names, utf8(text))) }),
    ),
  ),
  ...good({
    'with the last event that a command can begin with': { altered: firstNumbered(9_999) },
    'with a command whose id is of no version': {
      altered: firstNumbered(0, '00000000-0000-0000-0000-000000000000'),
    },
    'with an event of a command without a decision, and one of a sweep with one': {
      altered: resealedIn((event, events) => {
        event.decision = null;
        events[9]!['origin'] = 'sweep';
      }),
    },
    'with data of no shape, which is not checked': {
      altered: resealedIn((event) => (event.data['strange'] = { more: [1] }), 5),
    },
    'with values gone from where a list has no such item': { altered: goneItems() },
    'of another kind of record': {
      altered: {
        events(events) {
          for (const event of events) event.streamId = 'letter-730';
        },
        reseal: true,
        packMade: (event) => (event.data['streamId'] = 'letter-730'),
      },
    },
    'under other rules, which do not know the state before': { altered: underOthers() },
    'under rules with a guard that no transition uses': {
      altered: followed(lifecycleOf(setIn(['guards'], 'unused', { region: 'progress', in: ['complete'] }))),
    },
    'under rules of very many states and events': { altered: underMany(manyStates(2_000)) },
    'without a key': { verdict: 'consistent', options: { key: [] } },
    'with the log’s key': { prints: true },
    'with the log’s key and those of others': { options: { key: [OTHER_VKEY, LOG_VKEY] } },
    'with both keys of the log as one, as they are printed': {
      options: { key: [`${OTHER_VKEY}\n${LOG_VKEY}`] },
    },
    'with its own checkpoint kept': { options: { checkpoint: keptOf('whole') } },
    'with its own checkpoint kept, and no key': {
      verdict: 'consistent',
      options: { key: [], checkpoint: keptOf('whole') },
    },
    'since an earlier checkpoint': { base: 'since' },
    'since a checkpoint that was kept': {
      options: { checkpoint: keptOf('since', PACK.previous) },
      ...{ base: 'since', prints: true },
    },
    'since a checkpoint that was kept, without the log’s signature on the file': {
      options: { checkpoint: byOther(parseNote(utf8(keptOf('since', PACK.previous))).text) },
      base: 'since',
    },
    'with two of three witnesses': {
      verdict: 'witnessed',
      options: { witness: WITNESS_VKEYS },
      ...{ base: 'witnessed', prints: true },
    },
    'with witnesses, and kept': {
      verdict: 'witnessed',
      options: { witness: [WITNESS_VKEYS.slice(0, 2).join(' ')], checkpoint: keptOf('witnessed') },
      base: 'witnessed',
    },
    'with witnesses, and no key': {
      verdict: 'consistent',
      options: { key: [], witness: WITNESS_VKEYS },
      base: 'witnessed',
    },
    'with a witness under two names, which counts once': {
      verdict: 'witnessed',
      options: { witness: [WITNESS_VKEYS[0]!, vkeyOfWitness(WITNESSES[0], 'else.example')] },
      base: 'witnessed',
    },
    'with witnesses that were not supplied': { base: 'witnessed' },
    'of a second history, which the log’s key and its witnesses signed': {
      verdict: 'witnessed',
      options: { witness: WITNESS_VKEYS, checkpoint: keptOf('witnessed') },
      base: 'second',
      warnings: Array<'before-checkpoint'>(12).fill('before-checkpoint'),
    },
    'of a rewritten history, which the log’s key signed': { altered: rewritten },
    'of a record without its last event, which the log has at a lower index': {
      verdict: 'witnessed',
      options: { witness: WITNESS_VKEYS },
      altered: {
        cosigned: WITNESSES.slice(0, 2),
        events: (events) => events.slice(0, 11),
        withheld: [TEXT, { ...TEXT, version: 11 }],
        log: logOf({}),
        indices: [...INDICES.slice(0, 11), 48],
        size: 50,
      },
    },
    'in a zip that says of an entry that it can be archived': { zip: archivable },
    'with a signature of an unknown key': {
      altered: withSignature((text) => logSignature(`${text}\n`, ORIGIN, 'other')),
    },
    'with signatures in a different order from the options, and one of them invalid': {
      verdict: 'witnessed',
      options: { witness: WITNESS_VKEYS },
      altered: {
        cosigned: [WITNESSES[1], WITNESSES[0]],
        ...withSignature((text) => witnessSignature(`${text}\n`, WITNESSES[2])),
      },
      prints: true,
    },
    'from a log whose key is being changed': {
      options: { key: [NEXT_VKEY] },
      altered: {
        ...withSignature((text) => logSignature(text, ORIGIN, 'next')),
        sign: (text) => noteOf(text, logSignature(text, ORIGIN, 'next')),
      },
    },
    'since a checkpoint of the same size': { altered: { since: 47 } },
    'with nothing withheld but what was erased': {
      altered: { withheld: [], events: (events) => events.slice(0, 9) },
    },
    'with codes of exemptions': {
      altered: {
        withheld: [
          { ...TEXT, code: 'FOI-s.31(1)(a)' },
          { ...REASON, code: 'DPA.2018' },
        ],
      },
    },
    'with a text beyond the Basic Multilingual Plane': {
      altered: resealedIn((event) => {
        recommit(event, '/data/text', '\u{1f512} \ufffd\u2028 "\\ \u0001 \u007f');
      }, 5),
    },
  }),
];

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

const ZIPS: readonly Case[] = [
  ...bad(
    'zip',
    mapped(
      {
        'no zip at all': [{ at: 0, remove: ZIP.length, insert: Buffer.from('no zip').toString('hex') }],
        'nothing at all': [{ at: 0, remove: ZIP.length, insert: '' }],
        'no entry': [
          { at: 0, remove: END, insert: '' },
          { at: 8, remove: 12, insert: '00'.repeat(12) },
        ],
        'cut in the middle': [{ at: 20_000, remove: ZIP.length - 20_000, insert: '' }],
        'cut before its end record': [{ at: END, remove: 22, insert: '' }],
        'something before the first entry': [{ at: 0, remove: 0, insert: '00' }],
        'something behind the end': [{ at: ZIP.length, remove: 0, insert: '00' }],
        'a comment': [...set(END + 20, '0100'), { at: ZIP.length, remove: 0, insert: '21' }],
        'something between entries and directory': [
          { at: DIRECTORY, remove: 0, insert: '00' },
          ...set(END + 17, (DIRECTORY + 1).toString(16).padStart(8, '0').match(/../g)!.reverse().join('')),
        ],
        'one entry too few in the end record': set(END + 8, '01000100'),
        'a directory of another length in the end record': set(END + 12, '00'),
        'a second disk': set(END + 4, '0100'),
        'a compressed entry': both(A, 8, '0800'),
        'a flag that says UTF-8': both(A, 6, '0008'),
        'an encrypted entry': both(A, 6, '0100'),
        'a later version of zip': both(A, 4, '2d00'),
        'a CRC-32 in the local header alone': set(localAt(A) + 14, '00000000'),
        'a wrong CRC-32': both(A, 14, '00000000'),
        'sizes that differ': set(localAt(A) + 18, '00000000'),
        'a date in the local header alone': set(localAt(A) + 12, '2158'),
        'an extra field': both(A, 28, '0400'),
        'a comment of an entry': set(centralAt(A) + 32, '0100'),
        'a link': set(centralAt(A) + 38, '0000ffa1'),
        'a folder’s attributes': set(centralAt(A) + 38, '0000ed41'),
        'an entry of a second disk': set(centralAt(A) + 34, '0100'),
        'two entries over each other': set(centralAt(A) + 42, '00000000'),
        'a name twice': rename(A, `pack/${eventPath(1)}`),
        'a name twice but for its case': rename(A, 'pack/data/events/000001.JSON'),
        'a second folder': rename(FIRST, 'pacK/'),
        'a way out of the folder': rename(FIRST, 'pack/../in'),
        'no folder': rename(FIRST, 'pack-'),
        'a name that is not ASCII': rename(FIRST, 'pack/b\u00e4'),
        'a name with a control character': rename(FIRST, 'pack/b\u0001'),
        'another name in the local header': set(localAt(A) + 30, '50'),
      },
      (zip) => ({ zip }),
    ),
  ),
  ...bad('zip', {
    'an entry for a folder': { pack: (files) => new Map([['data/', utf8('')], ...files]) },
  }),
];

const BAGS: readonly Case[] = [
  ...listed('bag', {
    ...Object.fromEntries(
      [
        PACK.python,
        PACK.html,
        PACK.recordHtml,
        PACK.chart,
        PACK.withheld,
        PACK.packMade,
        PACK.checkpoint,
      ].map((path) => [`no ${path}`, drop(path)]),
    ),
    'no proof of an event': drop(proofPath(5)),
    'a proof of no event': putFile(proofPath(13), 'x\n'),
  }),
  ...swapped('bag', { 'no statement': drop(PACK.statement), 'no manifest': drop(PACK.manifest) }),
  ...tagged('bag', {
    ...edits(PACK.bagit, {
      'another version of BagIt': (text) => text.replace('1.0', '0.97'),
      'line ends of another kind': (text) => text.replaceAll('\n', '\r\n'),
    }),
    ...edits(PACK.info, {
      'a Payload-Oxum of other files': (text) => text.replace(/\.\d+$/m, '.99'),
      'two Payload-Oxum': (text) => text + text.slice(text.indexOf('Payload')),
      'a line about the bag that is no label and value': (text) => `${text}More\n`,
      'a label and a value about the bag without a space between them': (text) => `${text}More:\n`,
      'no Payload-Oxum': () => 'Source-Organization: Example\n',
    }),
  }),
  ...listed('bag', {
    'a file that no pack has': putFile('data/more.txt', 'More.\n'),
    'an event under a shorter name': putFile('data/events/13.json', '{}'),
  }),
  ...tagged('bag', {
    'fetch.txt': putFile('fetch.txt', 'https://example.org/ - data/events/000001.json\n'),
  }),
  ...swapped('bag', { 'a .DS_Store in a zip': putFile('data/.DS_Store', 'x') }),
  ...listed('bag', { 'an earlier checkpoint from which nothing leads': drop(PACK.consistency) }, 'since'),
];

const MANIFESTS: readonly Case[] = [
  ...swapped('manifest', {
    'another text for people': edit(PACK.recordText, (text) => `${text}!`),
    'another verifier': edit(PACK.python, (text) => `${text}#\n`),
    'a file that is not listed': putFile(PACK.names, '{}'),
    'a file that is not there': drop(PACK.chart),
  }),
  ...tagged(
    'manifest',
    edits(PACK.manifest, {
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
  ),
  ...swapped('manifest', {
    'a list of tag files that lists the statement': (files) => {
      listTags(files, () => true);
    },
  }),
];

const JSONS: readonly Case[] = [
  ...listed('json', {
    'white space': edit(eventPath(3), (text) => text.replace(':', ': ')),
    'a line feed at its end': edit(PACK.withheld, (text) => `${text}\n`),
    ...edits(eventPath(3), {
      'another order of members': (text) => text.replace(/^\{(.*),("version":3)\}$/s, '{$2,$1}'),
      'a member twice': (text) => text.replace('{', '{"actor":null,'),
      'a byte order mark': (text) => `\ufeff${text}`,
      'a fraction': (text) => text.replace('"version":3', '"version":3.0'),
      'an exponent': (text) => text.replace('"version":3', '"version":3e0'),
      'a character written out': (text) => text.replace('"actor"', '"\\u0061ctor"'),
      nothing: () => '',
    }),
    ...mapped(
      {
        'a number that is too large': '{"a":9007199254740992}',
        'a negative zero': '{"a":-0}',
        'half a number': '{"a":0.5}',
        'a lone surrogate': '{"a":"\\ud83d"}',
        'too many lists in each other': deep(33),
        'very many lists in each other': deep(5_000),
        'more than a JSON file holds': `"${'x'.repeat(8 * 1024 ** 2)}"`,
        'no number': '{"a":NaN}',
      },
      (text) => putFile(PACK.names, text),
    ),
    'no UTF-8': (files) => files.set(PACK.names, Buffer.from('7b2261223a22ff227d', 'hex')),
  }),
];

const MALFORMED: readonly Case[] = [
  ...resealed('malformed', {
    'a member that no event has': (event) => (event['more'] = 1),
    'a member too few': (event) => Reflect.deleteProperty(event, 'causationId'),
  }),
  ...listed('malformed', {
    'a position': inEvent(12, (event) => (event['position'] = '14')),
    'the salt of a command’s digest': inEvent(
      10,
      (event) => (event.salts['/command/digest'] = '0'.repeat(32)),
    ),
    'a salt of nothing': inEvent(3, (event) => (event.salts['/data/text'] = '0'.repeat(32))),
  }),
  ...resealed('malformed', {
    'a time before the event ahead of it': (event) => (event.recordedAt = '2026-01-01T00:00:00.000Z'),
    'a day that there is not': (event) => (event.effectiveOn = '2026-02-30'),
    'a time without milliseconds': (event) => (event.recordedAt = '2026-12-01T00:00:00Z'),
    'an origin that there is not': (event) => (event['origin'] = 'hand'),
    'a nonce in upper case': (event) => (event.nonce = 'A'.repeat(32)),
    'a state without a lifecycle': (event) => (event['lifecycle'] = null),
    'an actor with a name': (event) => Object.assign(event.actor, { name: 'Ann' }),
    'a commitment to a member that is no text of anybody': (event) =>
      (event.commitments['/type'] = '0'.repeat(64)),
  }),
  ...resealed(
    'malformed',
    {
      'a commitment within another': (event) => (event.commitments['/data/text/more'] = '0'.repeat(64)),
      'a commitment within another, with one between them in order': (event) => {
        event.commitments['/data/text!'] = '0'.repeat(64);
        event.commitments['/data/text/more'] = '0'.repeat(64);
      },
    },
    10,
  ),
  ...resealed('malformed', {
    'a year beyond four digits': (event) => (event.recordedAt = '+012026-01-01T00:00:00.000Z'),
    'the year 0000': (event) => (event.effectiveOn = '0000-01-01'),
    'a command in upper case': (event) => (event.command.id = event.command.id.toUpperCase()),
    'a form that is no number': (event) => (event['envelope'] = '1'),
    'a type that is no text': (event) => Object.assign(event, { type: 1 }),
    'a schemaVersion of 0': (event) => (event['schemaVersion'] = 0),
    'a subject that is no text': (event) => Object.assign(event.actor, { subject: null }),
    'roles that are one text': (event) => Object.assign(event.actor, { roles: 'inspector' }),
    'a command without a name': (event) => Reflect.deleteProperty(event.command, 'name'),
    'a digest of a command that is none': (event) => (event.command.digest = 'none'),
    'a decision that is no object': (event) => Object.assign(event, { decision: [] }),
    'no correlation': (event) => (event['correlationId'] = null),
    'a cause that is a number': (event) => (event['causationId'] = 1),
    'a version 0 of its lifecycle': (event) => (event.lifecycle!.version = 0),
    'a digest of its lifecycle in upper case': (event) =>
      (event.lifecycle!.digest = event.lifecycle!.digest.toUpperCase()),
    'a lifecycle without a state': (event) => (event['state'] = null),
    'a state that is a number': (event) => Object.assign(event.state!, { progress: 1 }),
    'data that is a list': (event) => Object.assign(event, { data: [] }),
    'a commitment that is no digest': (event) => (event.commitments['/data/more'] = 'none'),
  }),
  ...listed('malformed', { 'no object': putFile(eventPath(12), '[]') }),
  ...resealed('unknown-form', { 'form 2': (event) => (event['envelope'] = 2) }),
];

const without = (version: number) => (events: AlterableEvent[]) => events.toSpliced(version - 1, 1);
const STREAMS: readonly Case[] = [
  ...signed('stream', {
    'an event of another record': resealedIn((event) => (event.streamId = 'recommendation-731')),
    'an event taken out from between': { events: without(9), reseal: true },
    'the last event left out, and the statement as it was': {
      events: without(12),
      statement: (text) => text.replace('recommendation-730 11', 'recommendation-730 12'),
    },
  }),
  ...listed('stream', {
    'two events in each other’s place': (files) => {
      const [a, b] = [files.get(eventPath(7))!, files.get(eventPath(8))!];
      files.set(eventPath(7), b).set(eventPath(8), a);
    },
    'an event twice': (files) => {
      copyFile(eventPath(12), eventPath(13))(files);
      copyFile(proofPath(12), proofPath(13))(files);
    },
  }),
];

const SEALS: readonly Case[] = [
  ...listed('hash', {
    'another day': inEvent(3, (event) => (event.effectiveOn = '2015-12-01')),
    'another actor': inEvent(12, (event) => (event.actor.subject = 'somebody')),
    'another hash': inEvent(12, (event) => (event.hash = '0'.repeat(64))),
    'a commitment taken out with its value': inEvent(10, (event) => (event.commitments = {})),
  }),
  ...signed('hash', {
    'another state, with proofs of what it says': {
      events: nth((event) => (event.decision!.role = 'auditor')),
    },
  }),
  ...signed('chain', {
    'an event sealed anew alone': {
      events: nth((event) => {
        event.decision!.role = 'approver';
        sealAnew(event, event.previousHash);
      }, 10),
    },
    'a chain that begins anew': {
      events: nth((event) => {
        sealAnew(event, null);
      }),
    },
    'a first event that follows another': {
      events(events) {
        let before = '0'.repeat(64);
        for (const event of events) {
          sealAnew(event, before);
          before = event.hash;
        }
      },
    },
  }),
  ...resealed('event-id', {
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
  ...bad('event-id', {
    'an event beyond the last that a command can begin with': { altered: firstNumbered(10_000) },
  }),
  ...signed('event-id', {
    'another id of the making of the pack': {
      packMade: (event) => (event.eventId = 'c1333561-1177-5e08-8307-2355a0d330e6'),
    },
  }),
  ...listed('commitment', {
    'another text': inEvent(4, (event) => (event.data['text'] = 'All is well.')),
    'another salt': inEvent(4, (event) => (event.salts['/data/text'] = '0'.repeat(32))),
    'a text without its salt': inEvent(4, (event) => (event.salts = {})),
    'a salt without its text': inEvent(11, (event) => (event.salts['/data/text'] = '0'.repeat(32))),
    'a text in place of one that was withheld': inEvent(10, (event) => {
      event.data['text'] = 'Nothing was said.';
      event.salts['/data/text'] = '0'.repeat(32);
    }),
  }),
];

const gone = (version: number, member: string): Altered => ({
  events: nth((event) => {
    Reflect.deleteProperty(event.data, member);
    Reflect.deleteProperty(event.salts, `/data/${member}`);
  }, version),
});
const GONE: readonly Case[] = [
  ...signed('missing', {
    'a text that is not listed': gone(5, 'text'),
    'a title that is not listed': gone(1, 'title'),
    'a shorter list': { withheld: [TEXT] },
    'no redaction of what was erased': { events: (events) => events.slice(0, 11), withheld: [TEXT] },
    'a redaction that names another value': resealedIn((event) => (event.data['erased'] = [])),
  }),
  ...resealed('erased', {
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
  ...signed('withheld', {
    'another order': { list: [REASON, TEXT] },
    'an entry twice': { withheld: [TEXT, TEXT, REASON] },
    'a text that is there': { withheld: [{ ...TEXT, version: 4 }, TEXT, REASON] },
    'a text that was erased': { withheld: [TEXT, { ...TEXT, version: 11 }, REASON] },
    'a version that there is not': { withheld: [TEXT, REASON, { ...TEXT, version: 13 }] },
    'what is no sensitive value': { withheld: [TEXT, { ...REASON, pointer: '/data/eventId' }, REASON] },
    'a code with a space': { withheld: [{ ...TEXT, code: 'FOI 31' }, REASON] },
    'a code that is too long': { withheld: [{ ...TEXT, code: 'x'.repeat(33) }, REASON] },
    'a member too many': { list: [{ ...TEXT, by: 'ann' }, REASON] },
    'no list': { list: {} },
  }),
];

const MACHINE = ['machine'];
const PROGRESS = ['machine', 'states', 'progress'];
const STATES = [...PROGRESS, 'states'];
const COMPLETE = [...STATES, 'complete'];
const AWAITING = [...STATES, 'awaiting-review', 'on'];
const COMMENT = ['events', 'CommentAdded'];
const STARTED = ['events', 'ProgressStarted'];
const ODD = { initial: 's', states: { s: {} } };
const GUARD = { region: 'progress', in: ['awaiting-review'] };
const RULES: readonly Case[] = [
  ...bad('lifecycle', {
    'rules that are larger than any': { pack: () => makePack(underMany(manyStates(13_000))) },
  }),
  ...signed('lifecycle', {
    'no file of it': { lifecycles: [] },
    'one that is not accepted': { lifecycles: [LIFECYCLE, lifecycleOf(setIn([], 'version', 2))] },
  }),
  ...listed('lifecycle', {
    'other rules under its digest': (files) => {
      const name = [...files.keys()].find((each) => each.startsWith('data/lifecycles/'))!;
      edit(name, (text) => text.replace('"version":1}', '"version":2}'))(files);
    },
  }),
  ...resealed('lifecycle', {
    'another version than its file says': (event) => (event.lifecycle!.version = 2),
    'another name than its file says': (event) => (event.lifecycle!.name = 'door'),
    'an event that follows none': (event) => {
      event['lifecycle'] = null;
      event['state'] = null;
    },
  }),
  ...bad('lifecycle', { 'no definition': { altered: followed(null) } }),
  ...bad(
    'lifecycle',
    mapped(
      {
        'a region without its initial state': setIn(PROGRESS, 'initial'),
        'a target that there is not': setIn(AWAITING, 'ProgressStarted', 'nowhere'),
        'a guard that names no state': (definition: Definition) => {
          const guarded = { target: 'complete', guard: 'never' };
          setIn(['guards'], 'never', { region: 'progress', in: [] })(definition);
          setIn(AWAITING, 'RecommendationCompleted', guarded)(definition);
        },
        'a state of an odd name': (definition: Definition) => {
          setIn(STATES, 'Odd', {})(definition);
          setIn(AWAITING, 'ClosureRequested', 'Odd')(definition);
        },
        'a region of an odd name': setIn(['machine', 'states'], 'Odd', ODD),
        'a statechart that does more than a replay': setIn(PROGRESS, 'always', 'complete'),
        'a state that nothing reaches': setIn(STATES, 'forgotten', {}),
        'a move that its owner never takes': setIn(['events'], 'Forgotten', {
          ...{ kind: 'move', owner: 'progress', schemaVersion: 1 },
        }),
        'a guard that names a state that there is not': setIn(['guards', 'open'], 'in', [
          ...['complete', 'nowhere'],
        ]),
        'a move that counts for what is no region': setIn(STARTED, 'countsFor', ['mood']),
        'a target in an object, without a guard': setIn(AWAITING, 'ProgressStarted', {
          target: 'being-progressed',
        }),
        'an event with transitions from a region and from one of its states': setIn(
          AWAITING,
          'StatusRecorded.complete',
          'complete',
        ),
        'a transition of an event that is a note': setIn(AWAITING, 'CommentAdded', 'complete'),
        'a transition of an event that it does not declare': setIn(AWAITING, 'Forgotten', 'complete'),
        'a transition with a guard that it does not declare': setIn(AWAITING, 'ProgressStarted', {
          target: 'being-progressed',
          guard: 'never',
        }),
        'a target in another region': setIn(AWAITING, 'ProgressStarted', 'pending'),
        'a target of a state that begins with a dot': setIn(AWAITING, 'ProgressStarted', '.being-progressed'),
        'a target of a region without a dot': setIn(
          [...PROGRESS, 'on'],
          'StatusRecorded.complete',
          'complete',
        ),
        'an initial state that there is not': setIn(PROGRESS, 'initial', 'nowhere'),
        'a guard of no such region': setIn(['guards', 'open'], 'region', 'mood'),
        'two first events': setIn(COMMENT, 'kind', 'first'),
        'no first event': setIn(['events', 'RecommendationIssued'], 'kind', 'note'),
        'a state within a state': setIn(COMPLETE, 'states', {}),
        'a state that is final': setIn(COMPLETE, 'type', 'final'),
        'a threshold that is no number': setIn(['thresholds'], 'days', '30'),
        'an id of its machine that is no text': setIn(MACHINE, 'id', 1),
        'a note with an owner': setIn(COMMENT, 'owner', 'progress'),
        'a list of sensitive members': setIn(COMMENT, 'sensitive', ['/data/text']),
        'a status of no region': setIn([], 'statusRegion', 'mood'),
        'a list of transitions': setIn(COMPLETE, 'on', []),
        'a target that is no text': setIn(AWAITING, 'ProgressStarted', 1),
        'a region without states': setIn(['machine', 'states'], 'mood', { initial: 's', states: {} }),
        'a guard with more members': setIn(['guards', 'open'], 'not', true),
        'a name with a space': setIn([], 'name', 'inspection recommendation'),
        'a guard of an odd name': setIn(['guards'], 'Never', GUARD),
        'a schemaVersion of 0': setIn(COMMENT, 'schemaVersion', 0),
        'a note that counts for a region': setIn(COMMENT, 'countsFor', ['progress']),
        'a note that counts for no region': setIn(COMMENT, 'countsFor', []),
        'a type of event that stands for all': setIn(['events'], '*', { kind: 'note', schemaVersion: 1 }),
        'an event of another kind': setIn(COMMENT, 'kind', 'migration'),
        'a name that is too long': setIn(['guards'], 'x'.repeat(64), GUARD),
        'more regions than there may be': (definition: Definition) => {
          const states = path('machine', 'states')(definition);
          for (let number = 0; number < 16; number++) states[`r${number}`] = ODD;
        },
        'a machine that says more': setIn(MACHINE, 'context', {}),
        'a machine that is not parallel': setIn(MACHINE, 'type', 'compound'),
        'a member that no definition has': setIn([], 'more', 1),
        'an owner that there is not': setIn(STARTED, 'owner', 'mood'),
        'no id of its machine': setIn(MACHINE, 'id'),
        'no thresholds': setIn([], 'thresholds'),
        'no status': setIn([], 'statusRegion'),
        'a move without an owner': setIn(STARTED, 'owner'),
      },
      (change) => ({ altered: followed(lifecycleOf(change)) }),
    ),
  ),
  ...resealed('state', {
    'another state': (event) => (event.state!['progress'] = 'complete'),
    'a state of no such region': (event) => (event.state!['mood'] = 'good'),
    'a state too few': (event) => Reflect.deleteProperty(event.state!, 'response'),
    'an event that is not legal there': (event) => (event.type = 'ClosureApproved'),
    'an event that no rules know': (event) => (event.type = 'Forgotten'),
    'a record that is made twice': (event) => (event.type = 'RecommendationIssued'),
  }),
  ...resealed('state', { 'a record that nothing made': (event) => (event.type = 'CommentAdded') }, 1),
  ...resealed('state', { 'a name that every object has': (event) => (event.type = 'constructor') }),
];

const STATEMENTS: readonly Case[] = [
  ...signed(
    'statement',
    mapped(
      {
        'another digest': (text: string) => text.replace(/[0-9a-f]{64}/, '0'.repeat(64)),
        'another version': (text: string) => text.replace('-730 12', '-730 13'),
        'another instant': (text: string) => text.replace('12:00', '13:00'),
        'another subject': (text: string) => text.replace('ann-auditor', 'somebody'),
        'a line too many': (text: string) => `${text}more\n`,
        'a line too few': (text: string) => text.replace(/.*\n$/, ''),
        'another form': (text: string) => text.replace('/v1', '/v2'),
      },
      (statement) => ({ statement }),
    ),
  ),
  ...signed(
    'statement',
    {
      'a signature under another name': {
        sign: (text) => printNote({ text, signatures: [logSignature(text, 'else.example')] }),
      },
      'a signature under a name with a control character that is white space': {
        sign: (text) => noteOf(text).replace(/\n$/, '\n— else\u0085 AAAAAAA=\n'),
      },
      'no signature': { sign: (text) => `${text}\n` },
    },
    { key: [] },
  ),
  ...signed('statement', { 'no note': { sign: (text) => text } }),
];

const checkpointOf = (change: TextChange): Altered => otherCheckpoint((text) => noteOf(change(text)));
const CHECKPOINTS: readonly Case[] = [
  ...signed('checkpoint', {
    'a zero before its size': checkpointOf((text) => text.replace('\n47\n', '\n047\n')),
  }),
  ...signed('checkpoint', { 'no origin': checkpointOf((text) => text.replace(ORIGIN, '')) }, { key: [] }),
  ...signed('checkpoint', {
    'a line too many': checkpointOf((text) => `${text}more\n`),
    'a size that not every program can count to': checkpointOf((text) =>
      text.replace('\n47\n', '\n9007199254740992\n'),
    ),
    'a root that is too short': checkpointOf((text) => text.replace(/\n.*\n$/, '\nAAAA\n')),
  }),
  ...signed(
    'checkpoint',
    {
      'an origin like a statement': { origin: 'docket-pack/v1' },
      'no signature': otherCheckpoint((_, note) => note.replace(/\n—.*\n$/s, '\n')),
    },
    { key: [] },
  ),
  ...signed('checkpoint', {
    'a control character': otherCheckpoint((_, note) => note.replaceAll('\n', '\r\n')),
  }),
  ...listed('checkpoint', {
    nothing: putFile(PACK.checkpoint, ''),
    'no UTF-8': (files) => files.set(PACK.checkpoint, Buffer.of(0xff, 0x0a)),
  }),
  ...listed('checkpoint', { 'an earlier one that is none': putFile(PACK.previous, 'nothing\n') }, 'since'),
  ...signed('checkpoint', {
    'an earlier one of another log': otherPrevious((text) => noteOf(text.replace(ORIGIN, 'else.example'))),
  }),
];

const PROOFS: readonly Case[] = [
  ...listed('proof', {
    ...edits(proofPath(5), {
      'another index': (text) => text.replace('index 9', 'index 8'),
      'an index beyond the log': (text) => text.replace('index 9', 'index 99'),
      'a zero before its index': (text) => text.replace('index 9', 'index 09'),
      'a hash too few': (text) => text.replace(/(index 9\n).*\n/, '$1'),
      'a hash too many': (text) => text.replace(/(index 9\n)(.*\n)/, '$1$2$2'),
      'another hash': (text) => text.replace(/(index 9\n)./, (_, line: string) => `${line}_`),
    }),
    'the proof of another event': copyFile(proofPath(6), proofPath(5)),
    ...edits(proofPath(5), {
      'an extra line': (text) => text.replace('index', 'extra AAAA\nindex'),
      'another form': (text) => text.replace('@v1', '@v2'),
      'another checkpoint at its end': (text) => text.replace(/\n\n[^]*$/, () => `\n\n${headOf(47n)}`),
      'a signature more at its end': (text) => `${text}— else AAAAAAA=\n`,
    }),
  }),
  ...signed('proof', {
    'an event that precedes its predecessor': { indices: INDICES.toSpliced(3, 2, 9, 6) },
    'a pack that was made before the last event': { indices: INDICES.toSpliced(11, 2, 44, 40) },
  }),
];

const CONSISTENCIES: readonly Case[] = [
  ...listed(
    'consistency',
    {
      ...edits(PACK.consistency, {
        'a hash too few': (text) => text.replace(/^.*\n/, ''),
        'a hash too many': (text) => text.replace(/^.*\n/, (line) => line + line),
        'no line feed at its end': (text) => text.slice(0, -1),
        nothing: () => '',
        'no base64': (text) => text.replace(/^./, '_'),
      }),
      'an earlier log that was another one': putFile(PACK.previous, headOf(20n, 1)),
      'an earlier log that was longer': putFile(PACK.previous, headOf(48n, 1)),
    },
    'since',
  ),
  ...signed('consistency', {
    'a hash between equal sizes': {
      since: 47,
      parts(parts) {
        parts.previous!.consistency = consistencyOf(1, [Buffer.alloc(32), Buffer.alloc(32)]);
      },
    },
  }),
];

const inMade = (change: (data: Record<string, JsonValue>) => unknown): Altered => ({
  packMade: (event) => {
    change(event.data);
  },
});
const MADE: readonly Case[] = [
  ...signed('pack-made', {
    'the last event left out': { events: without(12), ...inMade((data) => (data['version'] = 12)) },
    'another last event': inMade((data) => (data['hash'] = '0'.repeat(64))),
    'another record': inMade((data) => (data['streamId'] = 'recommendation-731')),
    'another list of withheld values': { saidWithheld: [TEXT] },
    'another number of withheld values': inMade((data) => Object.assign(data['withheld']!, { count: 1 })),
    'a member too many': inMade((data) => (data['more'] = true)),
    'another type': { packMade: (event) => (event.type = 'PackAsked') },
    'another stream': { packMade: (event) => (event.streamId = 'refusals-2026-11-26') },
    'a stream of a day that there is not': { packMade: (event) => (event.streamId = 'access-2026-13-26') },
    'a second version that follows nothing': { packMade: (event) => (event.version = 2) },
    'a value that it withholds': { packMade: (event) => (event.commitments['/data/why'] = '0'.repeat(64)) },
    'a lifecycle': {
      packMade(event) {
        event.lifecycle = { name: 'inspection-recommendation', version: 1, digest: '0'.repeat(64) };
        event.state = {};
      },
    },
  }),
  ...listed('pack-made', {
    'another hash': edit(PACK.packMade, (text) =>
      text.replace('"subject":"ann-auditor"', '"subject":"ann-approver"'),
    ),
    nothing: putFile(PACK.packMade, 'null'),
  }),
];

/** Returns a note in which bytes of the log's signature are altered. */
const forged =
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
  ...signed('signature', {
    'a statement whose signature does not hold': { sign: forged((bytes) => (bytes[0]! ^= 1)) },
    'a statement that was signed otherwise': {
      sign: (text) => noteOf(text.replace('somebody', 'ann-auditor')).replace('ann-auditor', 'somebody'),
      packMade: (event) => (event.actor.subject = 'somebody'),
    },
    'a signature with S beyond the order': { sign: oversized },
    'a signature with R of small order': { sign: forged((bytes) => bytes.fill(0, 0, 32).fill(1, 0, 1)) },
    'a signature that is too short': {
      sign: (text) => printNote({ text, signatures: [{ ...logSignature(text), bytes: Buffer.alloc(10) }] }),
    },
    'one that holds and one that does not': { sign: (text) => noteOf(text, logSignature(`${text}\n`)) },
    'a checkpoint that a witness alone signed': otherCheckpoint((text) =>
      printNote({ text, signatures: [witnessSignature(text, WITNESSES[0])] }),
    ),
  }),
];

const KEPT: readonly Case[] = [
  ...bad('kept', {
    'another root of the same size': { options: { checkpoint: headOf(47n, 7) } },
    'another root of the earlier size': { base: 'since', options: { checkpoint: headOf(20n, 7) } },
    'a checkpoint of another log': {
      options: { key: [], checkpoint: keptOf('whole').replace(ORIGIN, 'else.example') },
    },
    'a rewritten history, which the log’s key signed': {
      altered: rewritten,
      options: { checkpoint: keptOf('whole') },
    },
  }),
  ...bad('hash', {
    'a changed event, and a kept checkpoint that the pack cannot prove': {
      pack: (files) => {
        inEvent(12, (event) => (event.actor.subject = 'somebody'))(files);
        return listAnew(files);
      },
      options: { checkpoint: headOf(60n, 7) },
    },
  }),
];

const otherKey = vkeyOf('else.example');
const OTHER_KEYS: readonly Case[] = [
  ...bad('signature', {
    'a key that was replaced': { options: { key: [OTHER_VKEY] } },
    'the key of another log': { options: { key: [otherKey] } },
    'the key of another log, which signed the checkpoint as well': {
      options: { key: [otherKey] },
      altered: withSignature((text) => logSignature(text, 'else.example')),
    },
  }),
  ...signed('signature', {
    'a statement that another key signed': { sign: byOther },
    'a checkpoint that another key signed': otherCheckpoint(byOther),
    'an earlier checkpoint with a false signature of the log': otherPrevious(
      forged((bytes) => (bytes[0]! ^= 1)),
    ),
  }),
  ...good({
    'since an earlier checkpoint that another key signed': { altered: otherPrevious(byOther) },
    'with a key of each signature': {
      options: { key: [LOG_VKEY, OTHER_VKEY] },
      altered: otherCheckpoint(byOther),
    },
  }),
];

/** The log's own key as that of a witness. */
const ownWitness = vkeyOfWitness('log', 'own.example');
const byOwnWitness = withSignature((text) => witnessSignature(text, 'own.example', undefined, 'log'));
const byFirst: Altered = { cosigned: WITNESSES.slice(0, 1) };
const FIRST_WITNESS = { witness: WITNESS_VKEYS.slice(0, 1) };
const OF_WITNESSES: readonly Case[] = bad('witness', {
  'none of them': { options: { witness: WITNESS_VKEYS } },
  'one of two': { base: 'witnessed', options: { witness: WITNESS_VKEYS.slice(1) } },
  'one of two, and one of the same twice': {
    base: 'witnessed',
    options: { witness: [WITNESS_VKEYS[1]!, ...WITNESS_VKEYS.slice(1)] },
  },
  'one of two, under two names that both signed': {
    options: { witness: [WITNESS_VKEYS[0]!, vkeyOfWitness(WITNESSES[0], 'else.example'), WITNESS_VKEYS[2]!] },
    altered: {
      ...byFirst,
      ...withSignature((text) => witnessSignature(text, 'else.example', undefined, WITNESSES[0])),
    },
  },
  'a signature that does not hold': {
    options: FIRST_WITNESS,
    altered: withSignature((text) => witnessSignature(`${text}\n`, WITNESSES[0])),
  },
  'a signature of a time that is too late': {
    options: FIRST_WITNESS,
    altered: { ...byFirst, cosignedAt: 2n ** 63n },
  },
  'the log’s own key': { options: { witness: [ownWitness] }, altered: byOwnWitness },
  'the log’s own key, and one of one': {
    options: { witness: [ownWitness, WITNESS_VKEYS[0]!] },
    altered: { ...byFirst, ...byOwnWitness },
  },
  'a rewritten history, which the log’s key signed': {
    altered: rewritten,
    options: { witness: WITNESS_VKEYS },
  },
});

const adopted = (adoptions: JsonValue): Altered => inMade((data) => (data['adoptions'] = adoptions));
const ADOPTIONS: readonly Case[] = [
  ...signed(
    'pack-made',
    mapped(
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
      adopted,
    ),
  ),
  ...good({
    'of a log whose store was adopted and had lost nothing': {
      altered: adopted([{ ...ADOPTION, reason: '', lost: null }]),
    },
  }),
  ...signed('pack-made', {
    'another schema version': { packMade: (event) => (event['schemaVersion'] = 2) },
  }),
];

const WARNED: readonly Case[] = good({
  'with an event that was recorded more than five minutes after the pack': {
    warnings: ['after-pack'],
    altered: resealedIn((event) => (event.recordedAt = '2026-11-26T12:05:00.001Z')),
  },
  'with an event that was recorded five minutes after the pack': {
    altered: resealedIn((event) => (event.recordedAt = '2026-11-26T12:05:00.000Z')),
  },
});

const STAMP = recordedStamp();
const CERTIFIED = { tsa: STAMP.certificate };
/** Returns the alteration that adds this time-stamp of the checkpoint. */
const stamped = (timestamp: Uint8Array): Altered => ({
  parts: (parts) => {
    parts.timestamp = timestamp;
  },
});
const stamp = Buffer.from(STAMP.response, 'base64');
/** The time-stamp with another time. The first such text is the time of the token, which the signature covers. */
const stampChanged = Buffer.from(stamp);
stampChanged[stamp.toString('latin1').search(/\d{14}Z/) + 3]! ^= 1;
const TIMES: readonly Case[] = [
  ...good({
    'with a time-stamp by a certificate of this issuer': {
      options: CERTIFIED,
      ...{ altered: stamped(stamp), prints: true },
    },
    'with a time-stamp, and no certificate': { altered: stamped(stamp) },
    'no verdict: a certificate, and no time-stamp': { options: CERTIFIED, verdict: null },
    'no verdict: a certificate that is none': {
      options: { tsa: 'nothing' },
      ...{ altered: stamped(stamp), verdict: null },
    },
  }),
  ...bad('time-stamp', {
    'of another checkpoint': { options: CERTIFIED, altered: { ...stamped(stamp), size: 48 } },
    'that is none': { options: CERTIFIED, altered: stamped(Buffer.from('nothing')) },
    'with a changed time': { options: CERTIFIED, altered: stamped(stampChanged) },
  }),
];

/** Returns a key of 32 bytes with this first byte, under the log's name. */
const keyOf = (first: number): string => {
  const bytes = Buffer.alloc(32).fill(first, 0, 1);
  const encoded = Buffer.concat([Buffer.of(1), bytes]).toString('base64');
  return `${ORIGIN}+${keyIdOf(ORIGIN, 'note', bytes)}+${encoded}`;
};
const unjudged = (table: Table<Partial<VerifierOptions>>, row: Row = {}): Case[] =>
  good(
    Object.fromEntries(
      Object.entries(table).map(([name, options]) => [
        `no verdict: ${name}`,
        { options, verdict: null, ...row },
      ]),
    ),
  );
const NO_VERDICT: readonly Case[] = [
  ...unjudged({
    'an earlier checkpoint that was kept, without a proof from it': {
      checkpoint: keptOf('since', PACK.previous),
    },
  }),
  ...unjudged(
    { 'another checkpoint than the one with the proof': { checkpoint: headOf(30n, 7) } },
    { base: 'since' },
  ),
  ...unjudged({
    'a later checkpoint that was kept': { checkpoint: headOf(60n, 7) },
    'a kept checkpoint of no events': { checkpoint: headOf(0n, 7) },
    'a kept checkpoint that is none': { checkpoint: 'nothing' },
    'a kept checkpoint with a control character': { checkpoint: `\u0007${keptOf('whole')}` },
    'a key that is no point of the curve': { key: [keyOf(2)] },
    'a key of small order': { key: [keyOf(1)] },
    'an empty key': { key: [''] },
    'a witness as the log': { key: [WITNESS_VKEYS[0]!] },
    'the log as a witness': { witness: [LOG_VKEY] },
    'a key with the id of another': { key: [LOG_VKEY.replace(/\+[0-9a-f]{8}\+/, '+00000000+')] },
    'the name of a key': { key: [ORIGIN] },
  }),
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
