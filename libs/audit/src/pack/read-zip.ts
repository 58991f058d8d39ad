import {
  BASE_NAME,
  CENTRAL_LENGTH,
  CENTRAL_SIGNATURE,
  crc32,
  END_LENGTH,
  END_SIGNATURE,
} from './zip-form.ts';
import { ENTRIES_MAX, LOCAL_LENGTH, LOCAL_SIGNATURE, VERSION_NEEDED } from './zip-form.ts';
import { FILE_BYTES_MAX, PACK_BYTES_MAX } from './pack-names.ts';
import type { PackFiles } from './pack-names.ts';

/** The file is not a zip, or one that readers could interpret differently. The message names the fault and the entry. */
export class ZipError extends Error {
  override readonly name = 'ZipError';
}

/** File types in the upper four bits of the external attributes: none, and regular file (`S_IFREG`). */
const NO_TYPE = 0;
const PLAIN = 8;

/** An entry of the central directory. */
interface Entry {
  readonly name: string;
  /** The fields from "version needed" to the length of the extra field, as in the local header. */
  readonly sharedFields: Uint8Array;
  readonly crc: number;
  readonly size: number;
}

const refuse = (detail: string): never => {
  throw new ZipError(detail);
};

/**
 * Returns the files of a zipped pack, in the only form that docs/pack-format.md allows.
 * @throws ZipError
 */
export function readZip(bytes: Uint8Array): PackFiles {
  const { count, directory } = readEnd(bytes);
  const files = new Map<string, Uint8Array>();
  const names = new Set<string>();
  let [central, local, total] = [directory, 0, 0];
  let base: string | null = null;
  for (let index = 0; index < count; index++) {
    const entry = readCentral(bytes, central, local);
    const { name, size } = entry;
    central += CENTRAL_LENGTH + name.length;
    const from = local + LOCAL_LENGTH + name.length;
    if (from + size > directory) refuse(`${name} overlaps the directory`);
    matchLocal(bytes, local, entry);
    const content = bytes.subarray(from, from + size);
    if (crc32(content) !== entry.crc) refuse(`${name} does not match its CRC-32`);
    local = from + size;
    total += size;
    if (size > FILE_BYTES_MAX || total > PACK_BYTES_MAX) refuse(`${name} exceeds the size limit of a pack`);
    const [folder = '', ...path] = name.split('/');
    base ??= folder;
    if (path.length === 0 || path.some(isInvalidName) || folder !== base || !BASE_NAME.test(base))
      refuse(`${name} is not in the same folder as all others`);
    if (names.has(name.toLowerCase())) refuse(`${name} occurs twice, or in a different case`);
    names.add(name.toLowerCase());
    files.set(path.join('/'), content);
  }
  if (base === null) refuse('has no entries');
  if (local !== directory || central !== bytes.length - END_LENGTH)
    refuse('has bytes that do not belong to an entry, or a directory of a different length');
  return files;
}

const isInvalidName = (part: string): boolean => ['', '.', '..'].includes(part);

const view = (bytes: Uint8Array, from: number, length: number): DataView =>
  from >= 0 && from + length <= bytes.length
    ? new DataView(bytes.buffer, bytes.byteOffset + from, length)
    : refuse('ends in the middle of a header');

/** Returns the number of entries and the offset of the directory, from the end record. */
function readEnd(bytes: Uint8Array): { readonly count: number; readonly directory: number } {
  const end = view(bytes, bytes.length - END_LENGTH, END_LENGTH);
  if (end.getUint32(0, true) !== END_SIGNATURE) refuse('does not end with the end record of a zip');
  if (end.getUint32(4, true) !== 0) refuse('is a zip of several disks');
  const [count, countAll] = [end.getUint16(8, true), end.getUint16(10, true)];
  if (count !== countAll || count > ENTRIES_MAX) refuse('has a wrong number of entries');
  if (end.getUint16(20, true) !== 0) refuse('has a comment');
  const [length, directory] = [end.getUint32(12, true), end.getUint32(16, true)];
  if (directory + length + END_LENGTH !== bytes.length) refuse('has its directory at a wrong offset');
  return { count, directory };
}

function readCentral(bytes: Uint8Array, at: number, local: number): Entry {
  const header = view(bytes, at, CENTRAL_LENGTH);
  if (header.getUint32(0, true) !== CENTRAL_SIGNATURE) refuse('has a directory with something else in it');
  const nameLength = header.getUint16(28, true);
  const name = readName(bytes, at + CENTRAL_LENGTH, nameLength);
  if (header.getUint16(6, true) > VERSION_NEEDED) refuse(`${name} needs a later version of zip`);
  if (header.getUint16(8, true) !== 0) refuse(`${name} has flags`);
  if (header.getUint16(10, true) !== 0) refuse(`${name} is compressed`);
  const size = header.getUint32(24, true);
  if (header.getUint32(20, true) !== size) refuse(`${name} has two sizes`);
  if (header.getUint16(30, true) !== 0) refuse(`${name} has an extra field`);
  if (header.getUint16(32, true) !== 0) refuse(`${name} has a comment`);
  if (header.getUint16(34, true) !== 0) refuse(`${name} is on another disk`);
  if (![NO_TYPE, PLAIN].includes(header.getUint16(40, true) >> 12)) refuse(`${name} is not a regular file`);
  if (header.getUint32(42, true) !== local) refuse(`${name} does not follow the entry before it`);
  const sharedFields = bytes.subarray(at + 6, at + 32);
  return { name, sharedFields, crc: header.getUint32(16, true), size };
}

function readName(bytes: Uint8Array, at: number, length: number): string {
  view(bytes, at, length);
  const name = String.fromCharCode(...bytes.subarray(at, at + Math.min(length, 1_000)));
  if (length > 1_000 || !/^[!-~]+$/.test(name)) refuse('has an entry whose name is not of plain ASCII');
  return name;
}

function matchLocal(bytes: Uint8Array, at: number, { name, sharedFields }: Entry): void {
  const header = view(bytes, at, LOCAL_LENGTH);
  if (header.getUint32(0, true) !== LOCAL_SIGNATURE) refuse(`${name} has no header of its own`);
  if (sharedFields.some((byte, index) => bytes[at + 4 + index] !== byte))
    refuse(`${name} has two headers that differ`);
  if (readName(bytes, at + LOCAL_LENGTH, name.length) !== name) refuse(`${name} has two names`);
}
