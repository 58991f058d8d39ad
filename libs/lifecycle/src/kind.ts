/** A kind of record: the lifecycle that its records follow, and where they are found. */
export interface RecordKind {
  /** The name of the lifecycle, whichever its version. */
  readonly name: string;
  /** Whether its records are named by their ids alone, as they were when there was no other kind; of one kind at the most. */
  readonly isUnnamed?: boolean;
  /** What the names of its streams begin with, before a dash and the record's id. */
  readonly stream: string;
  /** The first part of its addresses. */
  readonly path: string;
  readonly noun: Noun;
  /** What people do who begin one, as a page's title starts: `Register`; `Issue` if absent. */
  readonly verb?: string;
  readonly roles: KindRoles;
  /**
   * What the names of streams begin with that reserve the id of an issue to several bodies; absent where an issue makes one record.
   */
  readonly issueStream?: string;
}

/** What people call one record and several, in the middle of a sentence: `letter`, `letters`. */
export interface Noun {
  readonly singular: string;
  readonly plural: string;
}

/**
 * The roles in which people act on the records of a kind: small letters and dashes, and so are they called. Kinds can share them; a
 * role that is the staff's in one kind is the body's in no other.
 */
interface KindRoles {
  /** Of those who keep the register. */
  readonly staff: readonly string[];
  /** Of the people of the body whose record it is; none where records belong to no body. */
  readonly body: readonly string[];
  /** Which of the staff decides what others of them do not, as to redact a text; the last of them if absent. */
  readonly senior?: string;
}

/** The role of the staff that decides what others of them do not. */
export const seniorOf = ({ roles: { staff, senior = staff.at(-1) ?? '' } }: RecordKind): string => senior;

/** The other roles of the staff. */
export const otherStaffOf = (kind: RecordKind): readonly string[] =>
  kind.roles.staff.filter((role) => role !== seniorOf(kind));

/** Whether a role is of the people of the body whose record it is. */
export const isOfBody = ({ roles }: RecordKind, role: string): boolean => roles.body.includes(role);

/** A record is identified by its kind and its id: two records of different kinds can have the same id. */
export interface RecordReference {
  readonly kind: RecordKind;
  readonly id: string;
}

export const streamOf = ({ kind, id }: RecordReference): string => `${kind.stream}-${id}`;

/** The id of the record of a stream. */
export const idIn = (streamId: string): string => streamId.slice(streamId.indexOf('-') + 1);

/** Where a record is, below the address of a service's pages or of its API. */
export const pathOf = ({ kind, id }: RecordReference): string => `/${kind.path}/${encodeURIComponent(id)}`;

/** The stream that reserves the id of an issue to several bodies. */
export const issueStreamOf = ({ name, issueStream }: RecordKind, issue: string): string => {
  if (issueStream === undefined) throw new Error(`An issue of ${name} makes one record`);
  return `${issueStream}-${issue}`;
};

/** The form of an id that people choose, as the references of registers are formed; `.` and `..` are no part of a URL that arrives. */
export const RECORD_ID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;

/** The id of a record that is there: one of several bodies' is `<id>.<body>`. */
export const ANY_RECORD_ID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;

// Some stores find streams of one sort by what is before the first dash.
const STREAM = /^[a-z]+$/;
const WORDS = /^[a-z]+(-[a-z]+)*$/;

/** What kinds of records leave to others. */
interface NamesBeside {
  /** What streams of other things begin with. */
  readonly streams: readonly string[];
  /** In which people run and audit a service, whatever its records are. */
  readonly roles: readonly string[];
}

/** The kinds of records that there are. */
export class RecordKinds {
  readonly all: readonly RecordKind[];
  /** With the dash. A fold asks for the record of each event, several times: no part of the name is cut out to look it up. */
  readonly #prefixes: readonly (readonly [prefix: string, kind: RecordKind])[];

  /**
   * @param versions the kind of each version of each lifecycle.
   * @throws Error naming each kind whose names are badly formed or taken, the names of its roles among them.
   */
  constructor(versions: readonly RecordKind[], beside: NamesBeside) {
    const kinds = [...new Map(versions.map((kind) => [kind.name, kind])).values()];
    const problems = [
      ...versions.flatMap((kind) => [...versionProblems(kind, kinds)]),
      ...kinds.flatMap((kind, index) => [...kindProblems(kind, kinds.slice(0, index), beside)]),
    ];
    if (problems.length > 0)
      throw new Error(`Kinds of records are not valid:\n${problems.map((each) => `  - ${each}`).join('\n')}`);
    this.all = kinds;
    this.#prefixes = kinds.map((kind) => [`${kind.stream}-`, kind]);
  }

  /** The kind of a name; null where none has it. */
  find(name: string | null): RecordKind | null {
    return this.all.find((kind) => kind.name === name) ?? null;
  }

  /**
   * The kind of a name.
   * @throws Error where none has it.
   */
  named(name: string): RecordKind {
    const found = this.find(name);
    if (found === null)
      throw new Error(
        `There is no kind of record ${name}; there is ${this.all.map((kind) => kind.name).join(', ')}`,
      );
    return found;
  }

  /** The kind whose addresses begin with a path; null where none does. */
  atPath(path: string): RecordKind | null {
    return this.all.find((kind) => kind.path === path) ?? null;
  }

  /** The record whose stream this is; null for a stream of something else. */
  ofStream(streamId: string): RecordReference | null {
    for (const [prefix, kind] of this.#prefixes)
      if (streamId.startsWith(prefix)) return { kind, id: streamId.slice(prefix.length) };
    return null;
  }
}

/** Two kinds of one name would be taken for versions of one lifecycle. */
function* versionProblems(kind: RecordKind, kinds: readonly RecordKind[]): Generator<string> {
  const last = kinds.find(({ name }) => name === kind.name) ?? kind;
  for (const member of ['stream', 'path', 'issueStream'] as const)
    if (kind[member] !== last[member])
      yield `${kind.name}.${member}: is "${kind[member]}" and "${last[member]}"; give the versions of one lifecycle one kind, and another lifecycle another name`;
}

function* kindProblems(
  { name, stream, path, issueStream, noun, roles, isUnnamed }: RecordKind,
  before: readonly RecordKind[],
  beside: NamesBeside,
): Generator<string> {
  const streams = [...beside.streams, ...before.flatMap(streamsOf)];
  for (const [member, given] of Object.entries({ stream, issueStream })) {
    if (given === undefined) continue;
    if (!STREAM.test(given)) yield `${name}.${member}: "${given}" is not of small letters`;
    if (streams.includes(given)) yield `${name}.${member}: "${given}" is taken; choose another name`;
    streams.push(given);
  }
  if (!WORDS.test(path)) yield `${name}.path: "${path}" is not of small letters and dashes`;
  if (before.some((other) => other.path === path))
    yield `${name}.path: "${path}" is taken; choose another name`;
  const nouns = before.flatMap((other) => [other.noun.singular, other.noun.plural]);
  for (const number of ['singular', 'plural'] as const)
    if (nouns.some((other) => other.toLowerCase() === noun[number].toLowerCase()))
      yield `${name}.noun.${number}: another kind is called "${noun[number]}", too; choose another word`;
  const unnamed = before.find((other) => other.isUnnamed);
  if (isUnnamed && unnamed) yield `${name}.isUnnamed: ${unnamed.name} is so already; leave it out`;
  yield* roleProblems(name, roles, before, beside.roles);
}

function* roleProblems(
  name: string,
  roles: KindRoles,
  before: readonly RecordKind[],
  taken: readonly string[],
): Generator<string> {
  if (roles.senior !== undefined && !roles.staff.includes(roles.senior))
    yield `${name}.roles.senior: "${roles.senior}" is none of ${name}.roles.staff`;
  for (const [side, other] of [
    ['staff', 'body'],
    ['body', 'staff'],
  ] as const)
    for (const role of roles[side]) {
      const place = `${name}.roles.${side}`;
      if (!WORDS.test(role)) yield `${place}: "${role}" is not of small letters and dashes`;
      if (taken.includes(role)) yield `${place}: "${role}" runs or audits the service; choose another name`;
      const elsewhere = [{ name, roles }, ...before].find((each) => each.roles[other].includes(role));
      if (elsewhere !== undefined)
        yield `${place}: "${role}" is in ${elsewhere.name}.roles.${other}; choose another name`;
    }
}

const streamsOf = ({ stream, issueStream = stream }: RecordKind): readonly string[] => [stream, issueStream];
