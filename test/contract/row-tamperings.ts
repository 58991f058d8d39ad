import { KEYED } from './event-store.contract.ts';

/** The kinds of tampering with a store's rows in standard SQL, and the messages of the inspection. */
export const ROW_TAMPERINGS: Readonly<Record<string, readonly [sql: string, report: RegExp]>> = {
  'a row under another stream': [
    'UPDATE events SET stream = 2, version = 2 WHERE position = 2',
    /^2 s-2 v2 index: reads find it by the stream "s-2", but it contains "s-1"/,
  ],
  'another version': ['UPDATE events SET version = 7 WHERE position = 2', /^2 s-1 v7 index: .*version 7/],
  'no key': ['UPDATE events SET command_id = NULL WHERE position = 2', /^2 s-1 v2 index: .*command null/],
  'another key': [
    `UPDATE events SET command_id = '${KEYED[1]}' WHERE position = 2`,
    /^2 s-1 v2 index: .*command/,
  ],
  'a key of an unkeyed command': [
    `UPDATE events SET command_id = '${KEYED[1]}' WHERE position = 3`,
    /^3 s-2 v1 index: .*it contains null/,
  ],
  'another position': [
    'UPDATE events SET position = 9 WHERE position = 3',
    /^3 null .*there is no event at position 3/,
  ],
  'a deleted row': [
    'DELETE FROM events WHERE position = 3',
    /^3 null vnull index: there is no event at position 3/,
  ],
  'a duplicate member': [
    `UPDATE events SET envelope = replace(envelope, '"hash":', '"hash":"0","hash":') WHERE position = 4`,
    /^4 s-1 v3 index: its text differs from the store's form/,
  ],
};
