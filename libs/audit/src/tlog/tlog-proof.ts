import { hashOf, sizeOf } from './checkpoint.ts';
import { fromBase64, MalformedNoteError } from './signed-note.ts';

/** A proof that a log contains an event (C2SP tlog-proof): its index, the hashes up to a checkpoint's root, and that checkpoint. */
interface TlogProof {
  readonly index: bigint;
  readonly path: readonly Uint8Array[];
  /** The checkpoint's note, unchanged. */
  readonly note: string;
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
/** The maximum number of hashes in a path: one for each level of the tree. */
const PATH_MAX = 63;

export const printTlogProof = ({ index, path, note }: TlogProof): string =>
  [FIRST_LINE, `index ${index}`, ...path.map((hash) => Buffer.from(hash).toString('base64')), '', note].join(
    '\n',
  );

/**
 * Parses a proof. Ignores the unauthenticated `extra` line.
 * @throws MalformedNoteError
 */
export function parseTlogProof(text: string): TlogProof {
  const end = text.indexOf('\n\n');
  if (end < 0) throw new MalformedNoteError('is not a proof: lines, an empty line, a checkpoint');
  const [first, ...lines] = text.slice(0, end).split('\n');
  if (first !== FIRST_LINE)
    throw new MalformedNoteError(`is not a proof: its first line is not ${FIRST_LINE}`);
  const [, extra] = /^extra (.*)$/.exec(lines[0] ?? '') ?? [];
  if (extra !== undefined) {
    if (fromBase64(extra) === null) throw new MalformedNoteError('has an extra line that is not base64');
    lines.shift();
  }
  const [, number = ''] = /^index (.*)$/.exec(lines.shift() ?? '') ?? [];
  const index = sizeOf(number);
  if (index === null) throw new MalformedNoteError('is not a proof: it has no index');
  if (lines.length > PATH_MAX) throw new MalformedNoteError(`has more than ${PATH_MAX} hashes`);
  return { index, path: lines.map(pathHash), note: text.slice(end + 2) };
}

function pathHash(line: string): Buffer {
  const hash = hashOf(line);
  if (hash === null) throw new MalformedNoteError('has a line that is not a hash');
  return hash;
}
