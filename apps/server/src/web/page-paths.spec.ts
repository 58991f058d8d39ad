import { describe, expect, test } from '@jest/globals';
import { addressOfOurs } from './page-paths.ts';

describe('the address after signing in', () => {
  test.each(['/', '/recommendations?q=a%20plan&from=/', '/recommendations/r-1/print'])(
    'is used if it is a page of this service: %s',
    (address) => {
      expect(addressOfOurs(address)).toBe(address);
    },
  );

  test.each([
    '//elsewhere.example',
    '/.//elsewhere.example',
    '/a/..//elsewhere.example',
    '/%2e//elsewhere.example',
    '/\\elsewhere.example',
    'https://elsewhere.example/',
    '/api/me',
    '/a/../api/me',
  ])('is the first page instead of an address elsewhere: %s', (address) => {
    expect(addressOfOurs(address)).toBe('/');
  });
});
