import { NOTE_BYTES_MAX } from '#audit/tlog/signed-note';
import { access, constants, open, stat } from 'node:fs/promises';
import { UsageError, userPath } from './verb-context.ts';

const CHUNK_BYTES = 1024 * 1024;

/** Reads at most `most` bytes of a file, and one more if it is larger or endless. */
export async function readLimited(path: string, most: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    while (length <= most) {
      const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, most + 1 - length));
      const { bytesRead } = await file.read(chunk, 0, chunk.length);
      if (bytesRead === 0) break;
      chunks.push(chunk.subarray(0, bytesRead));
      length += bytesRead;
    }
    return Buffer.concat(chunks, length);
  } finally {
    await file.close();
  }
}

/** Returns why the system cannot read a file. */
export function whyUnreadable({ code, message = '' }: Partial<NodeJS.ErrnoException>): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a folder, not a file';
    case 'EACCES':
      return 'you have no permission to read it';
    default:
      return `cannot be read: ${message}`;
  }
}

/** @throws UsageError if a file cannot be read. The file is not opened, because a pipe can be read only once. */
export async function assertReadable(file: string): Promise<void> {
  const path = userPath(file);
  const why = await access(path, constants.R_OK)
    .then(async () => ((await stat(path)).isDirectory() ? whyUnreadable({ code: 'EISDIR' }) : null))
    .catch(whyUnreadable);
  if (why !== null) throw new UsageError(`${file}: ${why}`);
}

/** The expected content of an option's file, and its maximum size. */
export interface ExpectedFile {
  readonly option: string;
  readonly expected: string;
  readonly bytesMax: number;
}

/** A file that docket checkpoint printed. */
export const CHECKPOINT_FILE: ExpectedFile = {
  option: '--checkpoint',
  expected: 'a signed checkpoint, as printed by docket checkpoint',
  bytesMax: NOTE_BYTES_MAX,
};

/** Reads the bytes of a file that an option names. @throws UsageError that names the option and the file, and says what is expected. */
export async function readOptionBytes(
  file: string,
  { option, expected, bytesMax }: ExpectedFile,
): Promise<Buffer> {
  const unfit = (why: string) => new UsageError(`${option} ${file}: ${why}. Expected ${expected}`);
  let bytes: Buffer;
  try {
    bytes = await readLimited(userPath(file), bytesMax);
  } catch (error) {
    throw unfit(whyUnreadable(error as NodeJS.ErrnoException));
  }
  if (bytes.length === 0) throw unfit('it is empty');
  if (bytes.length > bytesMax) {
    throw unfit(`it is larger than the maximum of ${bytesMax / 1024 / 1024} MiB`);
  }
  return bytes;
}

/** Reads the text of a file that an option names. @throws UsageError as `readOptionBytes`. */
export const readOptionText = async (file: string, expected: ExpectedFile): Promise<string> =>
  (await readOptionBytes(file, expected)).toString();
