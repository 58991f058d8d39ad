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

/** The roles in which people act on the records of a kind. */
export interface KindRoles {
  /** Of those who keep the register. */
  readonly staff: readonly string[];
  /** Of the people of the body whose record it is; none where records belong to no body. */
  readonly body: readonly string[];
}

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
const PATH = /^[a-z]+(-[a-z]+)*$/;

/** The kinds of records that there are. */
export class RecordKinds {
  readonly all: readonly RecordKind[];
  readonly #byStream: ReadonlyMap<string, RecordKind>;

  /**
   * @param reserved what streams of other things begin with, and paths of other pages.
   * @throws Error naming the kind whose stream or path is badly formed, taken or reserved, or a role that is of staff in one kind and
   * of the body in another.
   */
  constructor(
    kinds: readonly RecordKind[],
    reserved: { readonly streams: readonly string[]; readonly paths: readonly string[] },
  ) {
    const streams = new Set(reserved.streams);
    const paths = new Set(reserved.paths);
    for (const { name, stream, path, issueStream } of kinds) {
      for (const each of [stream, ...(issueStream === undefined ? [] : [issueStream])]) {
        if (!STREAM.test(each)) throw new Error(`The stream "${each}" of ${name} is not of small letters`);
        if (streams.has(each)) throw new Error(`The stream "${each}" of ${name} is taken`);
        streams.add(each);
      }
      if (!PATH.test(path))
        throw new Error(`The path "${path}" of ${name} is not of small letters and dashes`);
      if (paths.has(path)) throw new Error(`The path "${path}" of ${name} is taken`);
      paths.add(path);
    }
    const ofStaff = new Set(kinds.flatMap(({ roles }) => roles.staff));
    const ofBoth = kinds.flatMap(({ roles }) => roles.body).find((role) => ofStaff.has(role));
    if (ofBoth !== undefined) throw new Error(`The role "${ofBoth}" is both of staff and of a body`);
    const [, another] = kinds.filter(({ isUnnamed }) => isUnnamed);
    if (another !== undefined) throw new Error(`Ids alone are of another kind than ${another.name}`);
    this.all = kinds;
    this.#byStream = new Map(kinds.map((kind) => [kind.stream, kind]));
  }

  /**
   * The kind of a name.
   * @throws Error where none has it.
   */
  named(name: string): RecordKind {
    const found = this.all.find((kind) => kind.name === name);
    if (found === undefined)
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
    const dash = streamId.indexOf('-');
    const kind = dash === -1 ? undefined : this.#byStream.get(streamId.slice(0, dash));
    return kind === undefined ? null : { kind, id: idIn(streamId) };
  }
}
