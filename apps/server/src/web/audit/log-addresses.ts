import { addressOf } from '../lists/list-address.ts';

export const LOG_PATH = '/audit/log';

export const TRAIL_PATHS = { refusals: '/audit/refusals', accesses: '/audit/accesses' } as const;

/** Returns the address of the filtered log. */
export const auditLog = (params: Readonly<Record<string, string>>): string =>
  addressOf(LOG_PATH, new URLSearchParams(params));

/** `ExtensionRequested` becomes "Extension requested". */
export const typeInWords = (type: string): string =>
  type.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** Enough characters to distinguish neighbouring requests. */
const ID_SHOWN = 8;

/** Shortens a request's id for lists. */
export const shortId = (id: string): string => (id.length > ID_SHOWN + 1 ? `${id.slice(0, ID_SHOWN)}…` : id);
