import { crc32 } from 'node:zlib';
import { BASE_NAME, CENTRAL_LENGTH, CENTRAL_SIGNATURE, END_LENGTH, END_SIGNATURE } from './zip-form.ts';
import { ENTRIES_MAX, LOCAL_LENGTH, LOCAL_SIGNATURE, VERSION_NEEDED } from './zip-form.ts';
import type { PackFiles } from './pack-names.ts';

/** The length of the fields that both headers of an entry share, from "version needed" to the length of the name. */
const SHARED_LENGTH = 24;

/**
 * Yields a pack as a zip, in chunks: all files in one base folder, with one date (milliseconds since 1970, UTC).
 * @throws RangeError for an invalid name of the base folder, and for more files than a zip supports.
 */
export function* zipPack(files: PackFiles, base: string, instant: number): Generator<Uint8Array> {
  if (!BASE_NAME.test(base))
    throw new RangeError(`${JSON.stringify(base)} is not a valid name of a pack's folder`);
  if (files.size > ENTRIES_MAX)
    throw new RangeError(`a zip can contain ${ENTRIES_MAX} files, not ${files.size}`);
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const [path, bytes] of files) {
    const name = Buffer.from(`${base}/${path}`);
    const shared = sharedFields(bytes, name.length, instant);
    central.push(centralHeader(shared, name, offset));
    yield localHeader(shared, name);
    yield bytes;
    offset += LOCAL_LENGTH + name.length + bytes.length;
  }
  const directory = Buffer.concat(central);
  yield directory;
  yield endRecord(files.size, directory.length, offset);
}

/** Allocates from the shared buffer pool, because tens of thousands of separate buffers would burden the garbage collector. */
const zeros = (length: number): Buffer => Buffer.allocUnsafe(length).fill(0);

function sharedFields(bytes: Uint8Array, nameLength: number, instant: number): Uint8Array {
  const shared = zeros(SHARED_LENGTH);
  const at = new Date(instant);
  shared.writeUInt16LE(VERSION_NEEDED, 0);
  shared.writeUInt16LE((at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1), 6);
  shared.writeUInt16LE(
    ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
    8,
  );
  shared.writeUInt32LE(crc32(bytes), 10);
  shared.writeUInt32LE(bytes.length, 14);
  shared.writeUInt32LE(bytes.length, 18);
  shared.writeUInt16LE(nameLength, 22);
  return shared;
}

function localHeader(shared: Uint8Array, name: Uint8Array): Uint8Array {
  const header = zeros(LOCAL_LENGTH + name.length);
  header.writeUInt32LE(LOCAL_SIGNATURE, 0);
  header.set(shared, 4);
  header.set(name, LOCAL_LENGTH);
  return header;
}

function centralHeader(shared: Uint8Array, name: Uint8Array, offset: number): Uint8Array {
  const header = zeros(CENTRAL_LENGTH + name.length);
  header.writeUInt32LE(CENTRAL_SIGNATURE, 0);
  header.writeUInt16LE(VERSION_NEEDED, 4);
  header.set(shared, 6);
  header.writeUInt32LE(offset, 42);
  header.set(name, CENTRAL_LENGTH);
  return header;
}

function endRecord(count: number, length: number, offset: number): Uint8Array {
  const record = Buffer.alloc(END_LENGTH);
  record.writeUInt32LE(END_SIGNATURE, 0);
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(length, 12);
  record.writeUInt32LE(offset, 16);
  return record;
}
