/** A kind of record: its lifecycle, streams and paths. */
export interface RecordKind {
  /** The name of the lifecycle; all of its versions share it. */
  readonly name: string;
  /** True if references contain only the id, as they did when there was only one kind. At most one kind may set it. */
  readonly isUnnamed?: boolean;
  /** The prefix of its streams, before a dash and the record's id. */
  readonly stream: string;
  /** The first segment of its URL paths. */
  readonly path: string;
  readonly noun: Noun;
  /** The verb of the button that creates one: `Register`; `Issue` if absent. */
  readonly verb?: string;
  readonly roles: KindRoles;
  /**
   * The prefix of the streams that reserve the id of an issue to several bodies; absent if an issue creates one record.
   */
  readonly issueStream?: string;
}

/** The singular and plural form for the middle of a sentence: `letter`, `letters`. */
export interface Noun {
  readonly singular: string;
  readonly plural: string;
}

/**
 * The roles for the records of a kind, in lower case with dashes. Kinds can share roles, but a staff role of one kind
 * is never a body role of another.
 */
interface KindRoles {
  /** The roles of the register's staff. */
  readonly staff: readonly string[];
  /** The roles of the record's body; empty if records belong to no body. */
  readonly body: readonly string[];
  /** The staff role for decisions that other staff roles may not make, such as a redaction; the last one if absent. */
  readonly senior?: string;
}

/** Returns the staff role for decisions that other staff roles may not make. */
export const seniorOf = ({ roles: { staff, senior = staff.at(-1) ?? '' } }: RecordKind): string => senior;

export const otherStaffOf = (kind: RecordKind): readonly string[] =>
  kind.roles.staff.filter((role) => role !== seniorOf(kind));

/** Returns whether a role belongs to the record's body. */
export const isOfBody = ({ roles }: RecordKind, role: string): boolean => roles.body.includes(role);

/** The kind and id of a record; records of different kinds can have the same id. */
export interface RecordReference {
  readonly kind: RecordKind;
  readonly id: string;
}

export const streamOf = ({ kind, id }: RecordReference): string => `${kind.stream}-${id}`;

/** Returns the id of a stream's record. */
export const idIn = (streamId: string): string => streamId.slice(streamId.indexOf('-') + 1);

/** Returns a record's path below the base URL of the pages or the API. */
export const pathOf = ({ kind, id }: RecordReference): string => `/${kind.path}/${encodeURIComponent(id)}`;

/** Returns the stream that reserves the id of an issue to several bodies. */
export const issueStreamOf = ({ name, issueStream }: RecordKind, issue: string): string => {
  if (issueStream === undefined) throw new Error(`An issue of ${name} creates one record`);
  return `${issueStream}-${issue}`;
};

/** The form of the ids that people choose. `.` and `..` are excluded because URLs resolve them. */
export const RECORD_ID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;

/** The form of all record ids. The record for one of several bodies has the id `<id>.<body>`. */
export const ANY_RECORD_ID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;

// Some stores categorise streams by the part before the first dash.
const STREAM = /^[a-z]+$/;

/** Names that are already in use, so kinds of records may not use them. */
interface NamesBeside {
  /** The prefixes of other streams. */
  readonly streams: readonly string[];
  /** The roles of operators and auditors. */
  readonly roles: readonly string[];
}

export class RecordKinds {
  readonly all: readonly RecordKind[];
  /** The stream prefixes with the dash: lookups happen several times per folded event and should need no substring. */
  readonly #prefixes: readonly (readonly [prefix: string, kind: RecordKind])[];

  /**
   * @param versions the kind of each version of each lifecycle.
   * @throws Error if names are malformed or duplicate, including those of roles.
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

  /** Returns the kind with a name; null if there is none. */
  find(name: string | null): RecordKind | null {
    return this.all.find((kind) => kind.name === name) ?? null;
  }

  /**
   * Returns the kind with a name.
   * @throws Error if there is none.
   */
  named(name: string): RecordKind {
    const found = this.find(name);
    if (found === null)
      throw new Error(
        `There is no kind of record ${name}. Kinds: ${this.all.map((kind) => kind.name).join(', ')}`,
      );
    return found;
  }

  /** Returns the kind at a URL path; null if there is none. */
  atPath(path: string): RecordKind | null {
    return this.all.find((kind) => kind.path === path) ?? null;
  }

  /** Returns the record of a stream; null for a stream of another type. */
  ofStream(streamId: string): RecordReference | null {
    for (const [prefix, kind] of this.#prefixes)
      if (streamId.startsWith(prefix)) return { kind, id: streamId.slice(prefix.length) };
    return null;
  }
}

/** Reports different kinds with the same name, which would count as versions of one lifecycle. */
function* versionProblems(kind: RecordKind, kinds: readonly RecordKind[]): Generator<string> {
  const last = kinds.find(({ name }) => name === kind.name) ?? kind;
  for (const member of ['stream', 'path', 'issueStream'] as const)
    if (kind[member] !== last[member])
      yield `${kind.name}.${member}: is "${kind[member]}" and "${last[member]}"; use one kind for all versions of a lifecycle, and another name for another lifecycle`;
}

function* kindProblems(
  { name, stream, path, issueStream, roles, isUnnamed }: RecordKind,
  before: readonly RecordKind[],
  beside: NamesBeside,
): Generator<string> {
  const streams = [...beside.streams, ...before.flatMap(streamsOf)];
  for (const [member, streamName] of Object.entries({ stream, issueStream })) {
    if (streamName === undefined) continue;
    if (!STREAM.test(streamName))
      yield `${name}.${member}: "${streamName}" must consist of lower-case letters`;
    if (streams.includes(streamName))
      yield `${name}.${member}: "${streamName}" is already used; choose another name`;
    streams.push(streamName);
  }
  if (before.some((other) => other.path === path))
    yield `${name}.path: "${path}" is already used; choose another name`;
  const unnamed = before.find((other) => other.isUnnamed);
  if (isUnnamed && unnamed) yield `${name}.isUnnamed: ${unnamed.name} already has it; remove it`;
  yield* roleProblems(name, roles, before, beside.roles);
}

function* roleProblems(
  name: string,
  roles: KindRoles,
  before: readonly RecordKind[],
  usedRoles: readonly string[],
): Generator<string> {
  if (roles.senior !== undefined && !roles.staff.includes(roles.senior))
    yield `${name}.roles.senior: "${roles.senior}" is not in ${name}.roles.staff`;
  for (const [side, other] of [
    ['staff', 'body'],
    ['body', 'staff'],
  ] as const)
    for (const role of roles[side]) {
      const place = `${name}.roles.${side}`;
      if (usedRoles.includes(role))
        yield `${place}: "${role}" is a role of operators or auditors; choose another name`;
      const elsewhere = [{ name, roles }, ...before].find((each) => each.roles[other].includes(role));
      if (elsewhere !== undefined)
        yield `${place}: "${role}" is already in ${elsewhere.name}.roles.${other}; choose another name`;
    }
}

const streamsOf = ({ stream, issueStream = stream }: RecordKind): readonly string[] => [stream, issueStream];
