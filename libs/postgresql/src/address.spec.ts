import { describe, expect, it } from '@jest/globals';
import { besideAddress, isPostgresqlAddress, parsePostgresqlAddress } from './address.ts';

describe('an address on a PostgreSQL server', () => {
  it('names server, database and schema, and is shown without its password', () => {
    expect(parsePostgresqlAddress('postgresql://ann:s%2Fecret@db.example:5433/cases?schema=north')).toEqual({
      connectionString: 'postgresql://ann:s%2Fecret@db.example:5433/cases',
      schema: 'north',
      shown: 'postgresql://ann@db.example:5433/cases?schema=north',
    });
  });

  it('uses the schema docket by default, and passes other parameters to the driver', () => {
    expect(parsePostgresqlAddress('postgres://db/cases?sslmode=verify-full')).toEqual({
      connectionString: 'postgres://db/cases?sslmode=verify-full',
      schema: 'docket',
      shown: 'postgresql://db/cases?schema=docket',
    });
  });

  it('derives the addresses of neighbouring schemas', () => {
    const store = parsePostgresqlAddress('postgresql://ann:secret@db/cases?schema=north&sslmode=require');
    expect(besideAddress(store, 'outbox')).toEqual({
      connectionString: 'postgresql://ann:secret@db/cases?sslmode=require',
      schema: 'north_outbox',
      shown: 'postgresql://ann@db/cases?schema=north_outbox',
    });
    expect(parsePostgresqlAddress('postgresql://db/cases', 'docket_outbox').schema).toBe('docket_outbox');
    // The longest store name leaves room for the suffixes of the databases beside the store.
    const named = `postgresql://db/cases?schema=${'a'.repeat(40)}_read_models`;
    expect(parsePostgresqlAddress(named, 'docket_read_models').schema).toHaveLength(52);
    expect(() => parsePostgresqlAddress(`${named}s`, 'docket_read_models')).toThrow('at most 52');
  });

  it.each([
    ['postgresql://ann:secret@db:port/cases', 'the address must be postgresql://'],
    ['postgresql://ann:sec/ret@db/cases', 'the address must be postgresql://'],
    ['postgresql://db/cases?password=secret', 'put the password before the @'],
    ['postgresql://db/cases?sslmod=require', '"sslmod" is not a parameter of the address; use schema'],
    ['postgresql://ann:secret@db/cases?schema=Cases', 'the schema "Cases" must be'],
    ['postgresql://ann:secret@db/cases?schema=pg_cases', 'not begin with pg_'],
    ['postgresql://ann:secret@db/cases?schema=a"b', 'must be at most'],
    [`postgresql://ann:secret@db/cases?schema=${'a'.repeat(41)}`, 'at most 40'],
    ['postgresql://ann:secret@db/cases?schema=', 'the schema "" must be'],
  ])('is refused as %s, without its password', (address, reason) => {
    expect(() => parsePostgresqlAddress(address)).toThrow(reason);
    expect(() => parsePostgresqlAddress(address)).not.toThrow(/sec\/?ret/);
  });

  it.each(['postgresql:db', 'postgresqls://db', 'sqlite:postgresql://db', ''])('is not %j', (address) => {
    expect(isPostgresqlAddress(address)).toBe(false);
  });
});
