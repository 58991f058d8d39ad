import { addressOf } from '../lists/list-address.ts';

export const LOG_PATH = '/audit/log';

export const TRAIL_PATHS = { refusals: '/audit/refusals', accesses: '/audit/accesses' } as const;

/** Returns the address of the filtered log. */
export const auditLog = (params: Readonly<Record<string, string>>): string =>
  addressOf(LOG_PATH, new URLSearchParams(params));

/** Event types whose names do not say in plain words what happened. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  BodyNamed: 'Name of a body recorded',
  CalendarLinkMade: 'Calendar link created',
  StoreAdopted: 'Store adopted',
  CommandRefused: 'Request refused',
  NoticesChosen: 'Notification settings changed',
  PersonEntered: 'Person added',
  PersonSeen: 'Details of a person recorded',
  RecordUnwatched: 'Record no longer watched',
};

/** `ExtensionRequested` becomes "Extension requested", and `StatusRecorded.complete` "Status recorded: complete". */
export const typeInWords = (type: string): string =>
  TYPE_WORDS[type] ??
  type
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/\..*/, (status) => `: ${status.slice(1).replaceAll('-', ' ')}`);

/** Enough characters to distinguish neighbouring requests. */
const ID_SHOWN = 8;

/** Shortens a request's id for lists. */
export const shortId = (id: string): string => (id.length > ID_SHOWN + 1 ? `${id.slice(0, ID_SHOWN)}…` : id);
