import { describe, expect, test } from '@jest/globals';
import { parseSmtp } from './email.ts';

describe('the URL of the mail server', () => {
  test.each([
    ['smtp://mail.example.org?from=docket@example.org', 'smtp://mail.example.org'],
    ['smtps://me:p%40ss@mail:465?from=docket@example.org', 'smtps://me:p%40ss@mail:465'],
    ['smtp://mail:587?from=a@b&requireTLS=true', 'smtp://mail:587?requireTLS=true'],
  ])('%s names a server and a sender', (text, url) => {
    expect(parseSmtp(text)).toMatchObject({ url });
  });

  test.each([
    'mail.example.org',
    'https://me:pa55word@mail.example.org?from=a@b',
    'smtp://me:pa55word@mail.example.org',
    'smtp://me:pa55word@mail.example.org?from=Docket',
    'smtp://me:pa55word@mail.example.org?from=a@b&logger=true',
    'smtp://me:pa55word@mail.example.org?from=a@b&requireTLS=false',
  ])('%s is refused, and no password is quoted', (text) => {
    expect(() => parseSmtp(text)).toThrow(RangeError);
    expect(() => parseSmtp(text)).not.toThrow('pa55word');
  });
});
