import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { temporaryFolder } from '#test/support/temporary-folder';
import { Authority } from '#test/audit/time-stamps';
import { readCertificates, verifyTimeStamp } from './verify-time-stamp.ts';

// Without OpenSSL, no authority can stamp anything.
const testWithOpenssl = spawnSync('openssl', ['version']).status === 0 ? test : test.skip;
const CONTENT = 'a checkpoint';
const verify = (stamp: Uint8Array, certificate: string, content = CONTENT) =>
  verifyTimeStamp(stamp, Buffer.from(content), readCertificates(Buffer.from(certificate)));

testWithOpenssl.each([
  ['its own certificate', {}],
  ['that of its issuer', { isIssued: true }],
  ['RSA', { key: 'rsa' }],
] as const)('given an authority with %s, then its time counts for what it stamped', (_, options) => {
  const authority = new Authority(temporaryFolder(), options);
  const stamp = authority.stamp(CONTENT);
  expect(Math.abs(Date.now() - verify(stamp, authority.certificate).getTime())).toBeLessThan(60_000);
  expect(() => verify(stamp, authority.certificate, 'another')).toThrow('is of other content');
  const other = new Authority(temporaryFolder(), options);
  expect(() => verify(stamp, other.certificate)).toThrow('does not vouch for');
});

testWithOpenssl('given a certificate that was not valid at that time, then it does not count', () => {
  const authority = new Authority(temporaryFolder());
  const stamp = authority.stamp(CONTENT);
  const [certificate] = readCertificates(Buffer.from(authority.certificate));
  const ended = { ...certificate!, until: new Date(0) };
  expect(() => verifyTimeStamp(stamp, Buffer.from(CONTENT), [ended])).toThrow('does not vouch for');
});
