import { describe, expect, test } from '@jest/globals';
import { discoveryAddress, issuerOf, providerAddress, ProviderAddressError } from './provider-address.ts';

describe("a provider's address", () => {
  test.each([
    'https://accounts.example.org',
    'https://accounts.example.org:8443/realms/force',
    'https://10.0.0.3/',
    'http://localhost:8080',
    'http://127.0.0.1:8080/realms/force',
    'http://127.9.9.9',
    'http://[::1]:8080/',
  ])('may be %s', (text) => {
    expect(providerAddress(text).href).toContain(new URL(text).host);
    expect(issuerOf(text)).toBe(text);
  });

  test.each([
    '',
    'accounts.example.org',
    '/realms/force',
    'http://accounts.example.org',
    'http://10.0.0.3',
    'http://0.0.0.0',
    'http://localhost.example.org',
    'http://127.0.0.1.example.org',
    'http://[::2]',
    'ftp://localhost',
    'file:///etc/keys.json',
    'data:application/json,{}',
    'https://user:pa55word@accounts.example.org',
    'https://user@accounts.example.org',
  ])('may not be %j, which is not repeated', (text) => {
    expect(() => providerAddress(text)).toThrow(ProviderAddressError);
    expect(() => issuerOf(text)).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/pa55/) }),
    );
  });

  test.each([
    'https://a.example/?x=1',
    'https://a.example/?',
    'https://a.example/#',
    'https://a.example/ ',
    ' https://a.example',
  ])('is invalid as %j', (text) => {
    expect(() => issuerOf(text)).toThrow(/query, a fragment or white space/);
  });

  test('is described where OpenID Connect says, with one slash', () => {
    const expected = 'https://a.example/realms/force/.well-known/openid-configuration';
    expect(discoveryAddress('https://a.example/realms/force').href).toBe(expected);
    expect(discoveryAddress('https://a.example/realms/force/').href).toBe(expected);
    expect(discoveryAddress('https://a.example').href).toBe(
      'https://a.example/.well-known/openid-configuration',
    );
  });
});
