import { describe, expect, it } from '@jest/globals';
import { isKurrentdbAddress, parseKurrentdbAddress } from './address.ts';

describe('the address of a KurrentDB store', () => {
  it('names servers and the prefix of its streams, and is shown without its password', () => {
    const address =
      'kurrentdb://ann:s%2Fecret@one:2113,two:2114,three?tls=true&prefix=north&tls-ca-file=/ca.crt';
    expect(parseKurrentdbAddress(address)).toEqual({
      connectionString:
        'kurrentdb://ann:s%2Fecret@one:2113,two:2114,three?tls=true&tlsCAFile=%2Fca.crt' +
        '&discoveryInterval=50&maxDiscoverAttempts=40',
      login: { username: 'ann', password: 's/ecret' },
      hosts: ['one:2113', 'two:2114', 'three:2113'],
      prefix: 'north',
      acceptsOlder: false,
      shown: 'kurrentdb://ann@one:2113,two:2114,three?prefix=north',
    });
  });

  it('uses the prefix docket by default, and keeps the given settings for finding the leader', () => {
    expect(
      parseKurrentdbAddress('esdb+discover://db.example?discoveryInterval=9&maxDiscoverAttempts=8'),
    ).toEqual({
      connectionString: 'kurrentdb+discover://db.example?discoveryInterval=9&maxDiscoverAttempts=8',
      login: null,
      hosts: ['db.example:2113'],
      prefix: 'docket',
      acceptsOlder: false,
      shown: 'kurrentdb+discover://db.example?prefix=docket',
    });
  });

  it.each([
    ['acceptOlder=true', true],
    ['accept-older=true', true],
    ['acceptOlder=false', false],
  ])('states whether an older server is accepted: %s', (parameter, acceptsOlder) => {
    const { connectionString, ...address } = parseKurrentdbAddress(`kurrentdb://db?${parameter}`);
    expect(address).toMatchObject({ acceptsOlder });
    expect(connectionString).not.toMatch(/older/i);
  });

  it.each([
    ['kurrentdb://ann:secret@', 'the address must be kurrentdb://'],
    ['kurrentdb://ann:secret@db:port', 'the address must be kurrentdb://'],
    ['kurrentdb://ann:secret@db/folder', 'the address must be kurrentdb://'],
    ['kurrentdb://ann:sec:ret@db', '% codes for : and @'],
    ['kurrentdb://ann:100%@db', 'write %25 for it'],
    ['kurrentdb://ann:secret@db?nodePreference=best', 'nodePreference cannot be "best"'],
    ['kurrentdb://ann:secret@db?acceptOlder=1', 'acceptOlder cannot be "1"'],
    ['kurrentdb://ann:secret@db?tls=yes', 'tls cannot be "yes"'],
    ['kurrentdb://ann:secret@db?keepAliveInterval=soon', 'keepAliveInterval cannot be "soon"'],
    ['kurrentdb://ann:secret@db?tlsCAFile=', 'tlsCAFile cannot be ""'],
    ['kurrentdb://ann:secret@db:65536', 'a port is a number up to 65535'],
    ['kurrentdb://ann:secret@one,two:99999', 'a port is a number up to 65535'],
    ['kurrentdb://ann:12?secret@db', 'write an @ after the ? as %40'],
    ['kurrentdb://ann:secret@db?prefix=a&prefix=b', 'the parameter "prefix" occurs twice'],
    ['kurrentdb://ann:secret@db?tls=true&TLS=false', 'the parameter "tls" occurs twice'],
    ['kurrentdb://ann:secret@db?connectionName=a%0Ab', 'at most 100 ASCII characters'],
    ['kurrentdb://ann@db', 'USER:PASSWORD must precede the @'],
    ['kurrentdb://ann:secret@db?colour=red', 'the parameter "colour" does not exist; use prefix, '],
    ['kurrentdb://ann:secret@db?prefix=North', 'the prefix "North" must be'],
    ['kurrentdb://ann:secret@db?prefix=a.b', 'must be at most'],
    ['kurrentdb://ann:secret@db?prefix=', 'the prefix "" must be'],
    [`kurrentdb://ann:secret@db?prefix=${'a'.repeat(41)}`, 'at most 40'],
  ])('is refused without revealing its password: %s', (address, reason) => {
    expect(() => parseKurrentdbAddress(address)).toThrow(RangeError);
    expect(() => parseKurrentdbAddress(address)).toThrow(reason);
    expect(() => parseKurrentdbAddress(address)).not.toThrow(/sec:?ret/);
  });

  it.each(['kurrentdb:db', 'kurrentdbs://db', 'sqlite:kurrentdb://db', ''])('is not %j', (address) => {
    expect(isKurrentdbAddress(address)).toBe(false);
  });
});
