import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parseNotifications } from './parse-notifications.ts';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const force = {
  id: 'kent-force-lead',
  email: 'lead@kent.example',
  roles: ['force-lead'],
  bodies: ['kent'],
};
const hook = {
  id: 'tracker',
  webhook: { url: 'https://tracker.example/hook', secret: SECRET },
  roles: ['inspector'],
  bodies: 'all',
};
const smtp = { url: 'smtp://mail.example', from: 'docket@inspectorate.example' };
const file = (more: object = {}) => ({
  baseUrl: 'https://docket.example/',
  smtp,
  subscriptions: [force, hook],
  ...more,
});

const parse = (json: unknown, env: NodeJS.ProcessEnv = {}) => parseNotifications(JSON.stringify(json), env);
const only = (entry: object) => file({ subscriptions: [entry] });

describe('a file of notifications', () => {
  test('may require TLS for mail, and sets no other option of the mailer', () => {
    const over = (search: string) => file({ smtp: { ...smtp, url: `smtp://mail.example:587${search}` } });
    expect(parse(over('?requireTLS=true')).smtp?.url).toBe('smtp://mail.example:587?requireTLS=true');
    for (const search of [
      '?requiretls=true',
      '?requireTLS=true&logger=true',
      '?streamTransport=true',
      '/?sendmail=true&path=/bin/sh',
      '?x',
    ]) {
      expect(() => parse(over(search))).toThrow(
        '/smtp/url may end in ?requireTLS=true, but must have no other',
      );
    }
  });

  test('has receivers and filters, including every default', () => {
    expect(parse(file())).toEqual({
      baseUrl: 'https://docket.example',
      smtp,
      digestHour: 8,
      titlesArePublic: false,
      startAt: 'end',
      delivery: { maxAttempts: 12, firstPauseMs: 30_000, timeoutMs: 15_000, leaseMs: 90_000 },
      subscriptions: [
        {
          id: 'kent-force-lead',
          target: { channel: 'email', address: 'lead@kent.example' },
          bodies: ['kent'],
          kinds: ['approaching', 'passed', 'escalated', 'reminder'],
          deadlines: null,
          when: 'at-once',
        },
        {
          id: 'tracker',
          target: { channel: 'webhook', url: 'https://tracker.example/hook', secret: SECRET },
          bodies: null,
          kinds: ['approaching', 'passed', 'escalated', 'reminder'],
          deadlines: null,
          when: 'at-once',
        },
      ],
    });
  });

  test('is valid as the documentation shows it', () => {
    const documentation = readFileSync(new URL('../../../docs/notifications.md', import.meta.url), 'utf8');
    const [, text = ''] = /```json\n([^]*?)```/.exec(documentation) ?? [];
    const { subscriptions, smtp: mail } = parseNotifications(text, { TRACKER_SECRET: SECRET });
    expect(subscriptions.map(({ id, when }) => `${id} ${when}`)).toEqual([
      'kent-force-lead daily',
      'kent-commissioner at-once',
      'tracker at-once',
    ]);
    expect(mail?.from).toBe('Docket <docket@inspectorate.example>');
  });

  test('uses its preferences', () => {
    const entry = { ...hook, kinds: ['escalated'], deadlines: ['response'], when: 'daily', bodies: ['kent'] };
    const delivery = { maxAttempts: 2, firstPauseSeconds: 0.5, timeoutSeconds: 1, leaseSeconds: 2 };
    expect(
      parse(
        file({
          subscriptions: [entry],
          digestHour: 0,
          titlesArePublic: true,
          startAt: 'beginning',
          delivery,
        }),
      ),
    ).toMatchObject({
      digestHour: 0,
      titlesArePublic: true,
      startAt: 'beginning',
      delivery: { maxAttempts: 2, firstPauseMs: 500, timeoutMs: 1_000, leaseMs: 2_000 },
      subscriptions: [{ kinds: ['escalated'], deadlines: ['response'], when: 'daily', bodies: ['kent'] }],
    });
  });

  test('may read its secrets from the environment', () => {
    const json = file({
      smtp: { urlFrom: 'MAIL_URL', from: smtp.from },
      subscriptions: [force, { ...hook, webhook: { url: hook.webhook.url, secretFrom: 'HOOK_SECRET' } }],
    });
    const env = { MAIL_URL: 'smtps://user:word@mail.example', HOOK_SECRET: SECRET };
    expect(parse(json, env)).toMatchObject({
      smtp: { url: env.MAIL_URL },
      subscriptions: [{}, { target: { secret: SECRET } }],
    });
    expect(() => parse(json, {})).toThrow(
      '/smtp/urlFrom names MAIL_URL; set this environment variable; ' +
        '/subscriptions/1/webhook/secretFrom names HOOK_SECRET; set this environment variable',
    );
  });

  const wrong: [what: string, json: unknown, message: RegExp][] = [
    ['without a list', file({ subscriptions: undefined }), /^\/subscriptions /],
    ['with an unknown member', file({ smpt: {} }), /^\/smpt is not a member/],
    ['without an address of the service', file({ baseUrl: 'docket' }), /^\/baseUrl must be an http/],
    [
      'with a number as a text',
      file({ delivery: { maxAttempts: '12' } }),
      /^\/delivery\/maxAttempts must be a whole number$/,
    ],
    ['with an hour as a text', file({ digestHour: '8' }), /^\/digestHour must be a whole number$/],
    [
      'with a pause as a text',
      file({ delivery: { firstPauseSeconds: '30' } }),
      /firstPauseSeconds must be a number above 0$/,
    ],
    ['with an hour that there is not', file({ digestHour: 24 }), /^\/digestHour must be an hour/],
    [
      'with a lease that ends before an attempt',
      file({ delivery: { timeoutSeconds: 10, leaseSeconds: 10 } }),
      /^\/delivery\/leaseSeconds must be more than timeoutSeconds$/,
    ],
    ['with an address that is none', only({ ...force, email: 'kent' }), /^\/subscriptions\/0\/email must be/],
    [
      'with a webhook that is no web address',
      only({ ...hook, webhook: { url: 'file:///etc/passwd', secret: SECRET } }),
      /^\/subscriptions\/0\/webhook\/url must be an http/,
    ],
    [
      'with a secret that is none',
      only({ ...hook, webhook: { url: hook.webhook.url, secret: 'hunter2' } }),
      /^\/subscriptions\/0\/webhook\/secret must be whsec_/,
    ],
    [
      'with two ways to say one secret',
      only({ ...hook, webhook: { ...hook.webhook, secretFrom: 'A' } }),
      /^\/subscriptions\/0\/webhook must have either secret or secretFrom$/,
    ],
    [
      'without a target',
      only({ ...force, email: undefined }),
      /^\/subscriptions\/0 must have either an email or/,
    ],
    [
      'with two targets',
      only({ ...hook, email: force.email }),
      /^\/subscriptions\/0 must have either an email or/,
    ],
    ['with mail and no server', file({ smtp: undefined }), /^\/subscriptions\/0\/email needs \/smtp/],
    ['with another protocol', file({ smtp: { ...smtp, url: 'https://a' } }), /^\/smtp\/url must be an smtp/],
    [
      'with one name twice',
      file({ subscriptions: [force, { ...hook, id: force.id }] }),
      /^\/subscriptions\/1\/id repeats kent-force-lead/,
    ],
    [
      'with an unknown role',
      only({ ...force, roles: ['chief'] }),
      /^\/subscriptions\/0\/roles must be one of/,
    ],
    [
      'for the scheduler',
      only({ ...force, roles: ['scheduler'] }),
      /^\/subscriptions\/0\/roles must be one of/,
    ],
    [
      'with an unknown kind',
      only({ ...force, kinds: ['late'] }),
      /^\/subscriptions\/0\/kinds must be one of/,
    ],
    ['with no body', only({ ...force, bodies: [] }), /^\/subscriptions\/0\/bodies must be "all" or a list/],
  ];
  test.each(wrong)('%s is refused by the place', (_, json, message) => {
    expect(() => parse(json)).toThrow(expect.objectContaining({ message: expect.stringMatching(message) }));
  });

  test.each(['force-lead', 'commissioner'])('limits a %s to its own body', (role) => {
    expect(() => parse(only({ ...force, roles: ['inspector', role], bodies: 'all' }))).toThrow(
      `/subscriptions/0/bodies must list bodies: ${role} can see only the records of its own bodies`,
    );
  });

  test('that is not JSON is refused with line and column, and nothing of it is quoted', () => {
    const text = `{\n  "secret": "${SECRET}" oops\n}`;
    let message = '';
    try {
      parseNotifications(text, {});
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toMatch(/^is not valid JSON( \(line 2 column \d+\))?$/);
    expect(() => parseNotifications('', {})).toThrow('is not valid JSON');
  });
});
