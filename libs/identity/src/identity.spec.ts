import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InvalidTokenError } from './identity-errors.ts';
import { identityOf, subjectOf } from './identity.ts';

const EXPIRES_AT = 1_800_000_000_000;
const wholesome = { sub: 's-1', name: 'A. Person', roles: ['inspector'], organisations: ['essex'] };

describe('identityOf', () => {
  test('returns subject, name, roles and organisations, and their period of validity', () => {
    expect(identityOf({ ...wholesome, iat: 1_700_000_000 }, EXPIRES_AT)).toEqual({
      subject: 's-1',
      name: 'A. Person',
      roles: ['inspector'],
      organisations: ['essex'],
      expiresAt: EXPIRES_AT,
      issuedAt: 1_700_000_000_000,
    });
  });

  test('reads an absent name as none, and absent roles and organisations as none', () => {
    expect(identityOf({ sub: 's-1' }, EXPIRES_AT)).toEqual({
      subject: 's-1',
      name: null,
      roles: [],
      organisations: [],
      expiresAt: EXPIRES_AT,
      issuedAt: null,
    });
  });

  test.each<[unknown, unknown, string | undefined]>([
    ['ann@police.example', true, 'ann@police.example'],
    ["o'neill+docket@a.b-c.example", true, "o'neill+docket@a.b-c.example"],
    ['ann@police.example', false, undefined],
    ['ann@police.example', 'true', undefined],
    ['ann@police.example', undefined, undefined],
    ['ann', true, undefined],
    ['a@b@c.example', true, undefined],
    ['ann＠police.example@elsewhere.example', true, undefined],
    ['ann﹫police.example@elsewhere.example', true, undefined],
    ['ann@police.example, eve@elsewhere.example', true, undefined],
    ['ann@police.example\nBcc: eve@elsewhere.example', true, undefined],
    ['Ann <ann@police.example>', true, undefined],
    [`${'x'.repeat(65)}@police.example`, true, undefined],
    [['ann@police.example'], true, undefined],
  ])('returns a verified mail address, and ignores any other: %j %j', (email, isVerified, expected) => {
    expect(identityOf({ sub: 's-1', email, email_verified: isVerified }, EXPIRES_AT).email).toBe(expected);
  });

  test('names a role once', () => {
    expect(
      identityOf({ sub: 's-1', roles: ['inspector', 'approver', 'inspector'] }, EXPIRES_AT).roles,
    ).toEqual(['inspector', 'approver']);
  });

  test('cannot be changed, since many requests share it', () => {
    const identity = identityOf(wholesome, EXPIRES_AT);
    expect(Object.isFrozen(identity)).toBe(true);
    expect(Object.isFrozen(identity.roles)).toBe(true);
    expect(Object.isFrozen(identity.organisations)).toBe(true);
  });

  test.each([
    ['sub', undefined],
    ['sub', null],
    ['sub', ''],
    ['sub', '  '],
    ['sub', 42],
    ['sub', ['s-1']],
    ['sub', 'x'.repeat(256)],
    ['sub', 'a\u0000b'],
    ['sub', 'a\nb'],
    ['sub', '\ud800'],
    ['sub', 'docket:sweep'],
    ['sub', 'cli:docket:sweep'],
    ['sub', 'Docket:anything'],
    ['name', ''],
    ['name', 7],
    ['name', {}],
    ['name', 'x'.repeat(201)],
    ['name', 'x\u001b[2J'],
    ['roles', null],
    ['roles', 'inspector'],
    ['roles', { 0: 'inspector', length: 1 }],
    ['roles', ['inspector', 1]],
    ['roles', ['inspector', null]],
    ['roles', [['inspector']]],
    ['roles', ['']],
    ['roles', ['x'.repeat(65)]],
    ['roles', Array.from({ length: 101 }, (_, index) => `role-${index}`)],
    ['organisations', null],
    ['organisations', 'essex'],
    ['organisations', [true]],
    ['organisations', ['\udfff']],
    ['organisations', '*'],
    ['organisations', ['*']],
    ['organisations', ['Wiltshire']],
    ['organisations', ['wiltshire', 'West Mercia']],
    ['organisations', ['wiltshire ']],
    ['organisations', ['-']],
    ['organisations', ['']],
    ['organisations', ['x'.repeat(64)]],
    ['organisations', [['wiltshire']]],
    ['organisations', { wiltshire: true }],
    ['iat', -1],
    ['iat', -1e300],
    ['iat', '1700000000'],
    ['iat', null],
  ])('refuses %s %j, naming the claim', (claim, value) => {
    const act = () => identityOf({ ...wholesome, [claim]: value }, EXPIRES_AT);
    expect(act).toThrow(InvalidTokenError);
    expect(act).toThrow(
      expect.objectContaining({ code: 'invalid-claim', claim, message: expect.stringContaining(claim) }),
    );
  });

  test('accepts the longest values that it promises to accept', () => {
    const identity = identityOf(
      {
        sub: 'x'.repeat(255),
        name: 'x'.repeat(200),
        roles: Array.from({ length: 100 }, (_, index) => String(index).padStart(64, 'r')),
      },
      EXPIRES_AT,
    );
    expect(identity.roles).toHaveLength(100);
  });

  test('returns an identity of texts for any claims, or reports what is wrong, quoting nothing', () => {
    fc.assert(
      fc.property(
        fc.record(
          { sub: fc.anything(), name: fc.anything(), roles: fc.anything(), organisations: fc.anything() },
          { requiredKeys: [] },
        ),
        (claims) => {
          try {
            const { subject, roles, organisations } = identityOf(claims, EXPIRES_AT);
            expect([subject, ...roles, ...organisations].every((text) => typeof text === 'string')).toBe(
              true,
            );
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidTokenError);
            expect((error as Error).message).toMatch(
              /^the claim (sub|name|roles|organisations) must be [a-z0-9 ]+$/,
            );
          }
        },
      ),
    );
  });
});

const INVISIBLE = [
  ...['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u034f', '\u061c', '\u180e'],
  ...['\u115f', '\u1160', '\u3164', '\uffa0', '\u2800', '\ufe0f', '\u{e0041}', '\u{e0100}', '\u202e'],
  ...['\u0000', '\t', '\n', '\u0085', '\u2028', '\u00a0', '\u2003', '\u3000'],
];

describe('the subject of a person', () => {
  test.each(INVISIBLE)('has no %j', (character) => {
    for (const subject of [`${character}ann`, `an${character}n`, `ann${character}`])
      expect(subjectOf(subject)).toBeNull();
  });

  test('has no outer white space and no reserved prefix', () => {
    for (const subject of [' ann', 'ann ', 'cli: ann', 'cli:ann ', 'docket:sweep', 'cli:Docket:x'])
      expect(subjectOf(subject)).toBeNull();
    for (const subject of ['ann', 'Ann Smith', 'cli:ann', 'zoë@example.org', '李', 'auth0|5f7c'])
      expect(subjectOf(subject)).toBe(subject);
  });

  test('is the same person in each form of Unicode', () => {
    const [composed, decomposed] = ['zo\u00eb', 'zoe\u0308'];
    expect(subjectOf(decomposed)).toBe(composed);
    expect(identityOf({ sub: decomposed }, 0).subject).toBe(composed);
  });
});
