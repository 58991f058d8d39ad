import { addressOf } from '../lists/list-address.ts';

export const LOG_PATH = '/audit/log';

export const TRAIL_PATHS = { refusals: '/audit/refusals', accesses: '/audit/accesses' } as const;

/** The address of the log, narrowed. */
export const auditLog = (asked: Readonly<Record<string, string>>): string =>
  addressOf(LOG_PATH, new URLSearchParams(asked));

/** What an event is called: `ExtensionRequested` is "Extension requested". */
export const typeInWords = (type: string): string =>
  type.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** So much of a request's id tells it from those around it. */
const ID_SHOWN = 8;

/** A request's id, as a list has room for it. */
export const shortId = (id: string): string => (id.length > ID_SHOWN + 1 ? `${id.slice(0, ID_SHOWN)}…` : id);
