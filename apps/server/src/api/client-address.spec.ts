import { expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import { clientAddress } from './client-address.ts';

const socket = { remoteAddress: '127.0.0.2' } as Socket;
const addressOf = (ip: string): string => clientAddress({ ip, socket });

test('ports do not make one IPv4 address several clients', () => {
  for (const same of ['9.9.9.9:1001', '9.9.9.9:1002', '::ffff:9.9.9.9'])
    expect(addressOf(same)).toBe(addressOf('9.9.9.9'));
  expect(addressOf('9.9.9.8')).not.toBe(addressOf('9.9.9.9'));
});

test('addresses in one IPv6 /64 network are one client', () => {
  for (const same of ['2001:db8::2', '2001:DB8:0:0::ffff', '[2001:db8::3]:443'])
    expect(addressOf(same)).toBe(addressOf('2001:db8::1'));
  expect(addressOf('2001:db8:0:1::1')).not.toBe(addressOf('2001:db8::1'));
});

test('an entry that is not an address counts as the proxy that sent it', () => {
  for (const invented of ['zz1', '', 'unknown', '999.1.1.1:80'])
    expect(addressOf(invented)).toBe('127.0.0.2');
});
