import { hash } from 'node:crypto';
import { isUuid } from '#event-sourcing/envelope';

/** Hex SHA-256 of the salt's 16 bytes and the text's UTF-8: what a commitment and a command digest are. */
export function saltedHash(salt: string, text: string): string {
  const most = SALT_BYTES + text.length * UTF8_BYTES_MAX;
  const bytes = most <= scratch.length ? scratch : Buffer.allocUnsafe(most);
  bytes.write(salt, 0, 'hex');
  return hash('sha256', bytes.subarray(0, SALT_BYTES + bytes.write(text, SALT_BYTES)), 'hex');
}

/** Where short texts are put: most are. */
const scratch = Buffer.alloc(4_096);

export const SALT_BYTES = 16;
/** UTF-8 bytes for one UTF-16 code unit, at most. */
const UTF8_BYTES_MAX = 3;

/** UUIDv5 (RFC 9562) in the namespace of the command's id; the package `uuid` takes four times as long. */
export function eventId(commandId: string, index: number): string {
  if (!isUuid(commandId)) throw new RangeError(`the command id ${JSON.stringify(commandId)} is not a UUID`);
  const name = String(index);
  const bytes = Buffer.allocUnsafe(16 + name.length);
  bytes.write(commandId.replaceAll('-', ''), 0, 'hex');
  bytes.write(name, 16);
  const hex = hash('sha1', bytes, 'hex');
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
