/** A kind of record: the lifecycle that its records follow, and where they are found. */
export interface RecordKind {
  /** The name of the lifecycle, whichever its version. */
  readonly name: string;
  /** What the names of its streams begin with, before a dash and the record's id. */
  readonly stream: string;
  /** The first part of its addresses. */
  readonly path: string;
}

/** A record is identified by its kind and its id: two records of different kinds can have the same id. */
export interface RecordReference {
  readonly kind: RecordKind;
  readonly id: string;
}

export const streamOf = ({ kind, id }: RecordReference): string => `${kind.stream}-${id}`;

/** Where a record is, below the address of a service's pages or of its API. */
export const pathOf = ({ kind, id }: RecordReference): string => `/${kind.path}/${encodeURIComponent(id)}`;

// Some stores find streams of one sort by what is before the first dash.
const STREAM = /^[a-z]+$/;
const PATH = /^[a-z]+(-[a-z]+)*$/;

/** The kinds of records that there are. */
export class RecordKinds {
  readonly all: readonly RecordKind[];
  readonly #byStream: ReadonlyMap<string, RecordKind>;

  /**
   * @param reserved what streams of other things begin with, and paths of other pages.
   * @throws Error naming the kind whose stream or path is badly formed, taken or reserved.
   */
  constructor(
    kinds: readonly RecordKind[],
    reserved: { readonly streams: readonly string[]; readonly paths: readonly string[] },
  ) {
    const streams = new Set(reserved.streams);
    const paths = new Set(reserved.paths);
    for (const { name, stream, path } of kinds) {
      if (!STREAM.test(stream)) throw new Error(`The stream "${stream}" of ${name} is not of small letters`);
      if (!PATH.test(path))
        throw new Error(`The path "${path}" of ${name} is not of small letters and dashes`);
      if (streams.has(stream)) throw new Error(`The stream "${stream}" of ${name} is taken`);
      if (paths.has(path)) throw new Error(`The path "${path}" of ${name} is taken`);
      streams.add(stream);
      paths.add(path);
    }
    this.all = kinds;
    this.#byStream = new Map(kinds.map((kind) => [kind.stream, kind]));
  }

  /** The kind whose addresses begin with this; null where none do. */
  ofPath(path: string): RecordKind | null {
    return this.all.find((kind) => kind.path === path) ?? null;
  }

  /** The record whose stream this is; null for a stream of something else. */
  ofStream(streamId: string): RecordReference | null {
    const dash = streamId.indexOf('-');
    const kind = dash === -1 ? undefined : this.#byStream.get(streamId.slice(0, dash));
    return kind === undefined ? null : { kind, id: streamId.slice(dash + 1) };
  }
}
