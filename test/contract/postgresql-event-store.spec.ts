import { afterAll } from '@jest/globals';
import { lockSql } from '#event-store/postgresql/schema';
import {
  connectTo,
  dropStore,
  freshAddress,
  openStoreAt,
  postgresqlUrl,
} from '../support/postgresql-stores.ts';
import { eventStoreContract } from './event-store.contract.ts';
import { ROW_TAMPERINGS } from './row-tamperings.ts';

/** The kinds of tampering with the tables by a person with a login, as SQL. */
const TAMPERINGS: Readonly<Record<string, readonly [sql: string, report: RegExp]>> = {
  ...ROW_TAMPERINGS,
  'swapped stream names': [
    `UPDATE streams SET name = 'x' WHERE id = 1; UPDATE streams SET name = 's-1' WHERE id = 2;
     UPDATE streams SET name = 's-2' WHERE id = 1`,
    /^1 s-2 v1 index: .*"s-1"/,
  ],
  'a stream without its name': ['DELETE FROM streams WHERE id = 2', /^3 null v1 index: .*has no name/],
  'a name that is not UTF-8': ["UPDATE streams SET name = '\\xff' WHERE id = 2", /^3 .* v1 index: .*"s-2"/],
  'a name without events': [
    "INSERT INTO streams (id, name) VALUES (9, 's-9')",
    /^null s-9 vnull index: .*no event/,
  ],
  'a redaction listed at an unused position': [
    'INSERT INTO redactions (position) VALUES (99)',
    /^null null vnull index: the index of redactions lists position 99, at which there is no event/,
  ],
  'a duplicate name': [
    "DROP INDEX streams_by_name; INSERT INTO streams (id, name) VALUES (9, 's-2')",
    /^null s-2 vnull index: .*twice/,
  ],
  'a text that is not JSON': [
    `UPDATE events SET envelope = '{"envelope":1,' WHERE position = 4`,
    /^4 s-1 v3 unreadable: its text is not JSON/,
  ],
  'a text that is not an event': [
    "UPDATE events SET envelope = 'null' WHERE position = 4",
    /^4 s-1 v3 unreadable: it is not an event/,
  ],
  'a trigger': [
    `CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
     CREATE TRIGGER lost BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION lose()`,
    /an unknown object: trigger lost/,
  ],
  'a rule': ['CREATE RULE lost AS ON INSERT TO events DO INSTEAD NOTHING', /an unknown object: rule lost/],
};

const schemas: string[] = [];

afterAll(() => dropStore(...schemas));

eventStoreContract({
  name: 'PostgreSQL',
  shared: true,
  hasRows: true,
  tamperings: Object.fromEntries(Object.entries(TAMPERINGS).map(([kind, [, report]]) => [kind, report])),
  makePlace: async () => {
    const address = freshAddress(await postgresqlUrl());
    schemas.push(address);
    return {
      open: (options) => openStoreAt(address, options),
      damage: async (to) => {
        const client = await connectTo(address);
        const text = to === 'a beginning' ? 'left(envelope, 100)' : "'{}'";
        await client.query(`UPDATE events SET envelope = ${text} WHERE position = 2`);
        await client.end();
      },
      tamper: async (kind) => {
        const client = await connectTo(address);
        await client.query(TAMPERINGS[kind]?.[0] ?? '');
        await client.end();
      },
      pauseAppend: async (event) => {
        const client = await connectTo(address);
        await client.query('BEGIN');
        await client.query(lockSql(new URL(address).searchParams.get('schema') ?? ''));
        await client.query('INSERT INTO streams SELECT max(id) + 1, $1 FROM streams', [
          Buffer.from(event.streamId),
        ]);
        await client.query(
          `INSERT INTO events (position, stream, version, envelope)
           SELECT max(position) + 1, (SELECT max(id) FROM streams), 1, $1 FROM events`,
          [JSON.stringify(event)],
        );
        const end = (sql: string) => async () => {
          await client.query(sql);
          await client.end();
        };
        return { othersWait: true, commit: end('COMMIT'), rollBack: end('ROLLBACK') };
      },
    };
  },
});
