import { describe, expect, test } from '@jest/globals';
import { commandLineSubject, readSettings, SettingsError } from './settings.ts';

const issuer = 'https://accounts.example.org/realms/force';
const audience = 'https://docket.example';
const openId = { DOCKET_OIDC_ISSUER: issuer, DOCKET_OIDC_AUDIENCE: audience };

describe('the networks that webhooks may be sent to', () => {
  const allowed = (env: NodeJS.ProcessEnv, address: string) =>
    readSettings(env).webhookNetworks.allows(address);

  test('are this machine with the development key, and public networks with a provider', () => {
    for (const address of ['127.0.0.1', '::1']) {
      expect(allowed({}, address)).toBe(true);
      expect(allowed(openId, address)).toBe(false);
    }
    expect(allowed(openId, '8.8.8.8')).toBe(true);
  });

  test('are those that the operator names, instead of this machine', () => {
    const named = { DOCKET_WEBHOOK_NETWORKS: '10.20.0.0/16, fd00:20::/32' };
    expect(allowed({ ...openId, ...named }, '10.20.0.1')).toBe(true);
    expect(allowed(named, '127.0.0.1')).toBe(false);
    expect(allowed({ DOCKET_WEBHOOK_NETWORKS: '' }, '127.0.0.1')).toBe(false);
  });

  test('are named as networks', () => {
    expect(() => readSettings({ DOCKET_WEBHOOK_NETWORKS: '10.0.0.1' })).toThrow(
      /^DOCKET_WEBHOOK_NETWORKS is "10.0.0.1", and .*10\.20\.0\.0\/16/,
    );
  });
});

describe('the keys and the memory of the signer', () => {
  const filesOf = (store: string, env: NodeJS.ProcessEnv = {}) => {
    const { developmentKey, checkpoints } = readSettings({ DOCKET_STORE: store, ...env });
    return [developmentKey, checkpoints.key, checkpoints.memory];
  };

  test('lie beside the store, and each store in a folder has its own memory', () => {
    const keys = ['/var/one/development-key.jwk', '/var/one/checkpoint-key.pem'];
    expect(filesOf('sqlite:/var/one/a.sqlite')).toEqual([...keys, '/var/one/a.checkpoint-memory.sqlite']);
    expect(filesOf('sqlite:/var/one/b.db')).toEqual([...keys, '/var/one/b.checkpoint-memory.sqlite']);
  });

  test('lie in a folder of the working directory for each store on a server', () => {
    const [one, other] = ['postgresql://ann@db/docket', 'postgresql://ann@db/docket?schema=second'].map(
      (store) => filesOf(store),
    );
    for (const [index, name] of [
      'development-key.jwk',
      'checkpoint-key.pem',
      'checkpoint-memory.sqlite',
    ].entries()) {
      expect(one?.[index]).toMatch(new RegExp(`^data/[0-9a-f]{16}/${name}$`));
      expect(other?.[index]).not.toBe(one?.[index]);
    }
    expect(filesOf('postgresql://bob:secret@db/docket')).toEqual(one);
  });

  test('lie together where the operator puts the key', () => {
    const [, ...files] = filesOf('sqlite:/var/one/a.sqlite', { DOCKET_CHECKPOINT_KEY: '/keys/log-key.pem' });
    expect(files).toEqual(['/keys/log-key.pem', '/keys/log-memory.sqlite']);
  });
});

describe('the own organisations', () => {
  test('are the named organisations, and none without the setting', () => {
    const own = (text?: string) => readSettings({ DOCKET_OWN_ORGANISATIONS: text }).ownOrganisations;
    expect(own()).toEqual([]);
    expect(own('hmicfrs, home-office,')).toEqual(['hmicfrs', 'home-office']);
    expect(() => own('HMICFRS')).toThrow(/^DOCKET_OWN_ORGANISATIONS names "HMICFRS"; .*lower-case letters/);
  });
});

describe('a provider of identities', () => {
  test('is not configured by default: tokens are signed with the development key, without a rate limit, on this machine', () => {
    expect(readSettings({})).toMatchObject({ provider: null, rateLimit: null, host: '127.0.0.1' });
  });

  test('consists of its issuer and the audience, as written', () => {
    expect(readSettings(openId)).toMatchObject({ provider: { issuer, audience } });
    expect(readSettings({ ...openId, DOCKET_OIDC_ISSUER: `${issuer}/` }).provider?.issuer).toBe(`${issuer}/`);
  });

  test('lets the service listen to a network', () => {
    for (const host of ['0.0.0.0', '::', '10.0.0.3', 'docket.internal']) {
      expect(readSettings({ ...openId, HOST: host }).host).toBe(host);
      expect(() => readSettings({ HOST: host })).toThrow(/loopback/);
    }
  });

  test.each([
    [{ DOCKET_OIDC_ISSUER: issuer }, /DOCKET_OIDC_ISSUER requires DOCKET_OIDC_AUDIENCE/],
    [{ ...openId, DOCKET_OIDC_AUDIENCE: ' ' }, /DOCKET_OIDC_ISSUER requires DOCKET_OIDC_AUDIENCE/],
    [{ DOCKET_OIDC_AUDIENCE: audience }, /DOCKET_OIDC_AUDIENCE is set without DOCKET_OIDC_ISSUER/],
    [{ ...openId, DOCKET_OIDC_ISSUER: '' }, /DOCKET_OIDC_ISSUER/],
    [{ ...openId, DOCKET_OIDC_ISSUER: 'http://accounts.example.org' }, /DOCKET_OIDC_ISSUER.*https/],
    [{ ...openId, HOST: '' }, /HOST/],
  ])('is refused as %j', (env, message) => {
    expect(() => readSettings(env)).toThrow(SettingsError);
    expect(() => readSettings(env)).toThrow(message);
  });

  test('is refused with a password, which is not repeated', () => {
    const env = { ...openId, DOCKET_OIDC_ISSUER: 'https://user:pa55word@accounts.example.org' };
    expect(() => readSettings(env)).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/pa55word/) }),
    );
  });
});

describe('an address that cannot be used', () => {
  test.each([
    [{ DOCKET_READ_MODELS: 'on' }, 'DOCKET_READ_MODELS is "on"; set it to sqlite:PATH or postgresql://…'],
    [
      { DOCKET_STORE: 'on' },
      'DOCKET_STORE is "on"; set it to sqlite:PATH, postgresql://…, kurrentdb://… or memory:',
    ],
  ])('is refused as %j with the values of its own setting', (env, message) => {
    expect(() => readSettings(env)).toThrow(new SettingsError(message));
  });
});

describe('a setting that cannot be used', () => {
  test.each([
    ['DOCKET_SWEEP', 'every now and then'],
    ['DOCKET_SWEEP', ''],
    ['DOCKET_SWEEP', '61 * * * *'],
    // A day that never occurs.
    ['DOCKET_SWEEP', '0 0 30 2 *'],
    ['DOCKET_STORE', ''],
    ['DOCKET_STORE', 'oracle:somewhere'],
    ['DOCKET_READ_MODELS', 'redis://x'],
    ['DOCKET_LOG_LEVEL', 'loud'],
    ['PORT', '70000'],
  ])('is named: %s=%j', (setting, value) => {
    expect(() => readSettings({ [setting]: value })).toThrow(SettingsError);
    expect(() => readSettings({ [setting]: value })).toThrow(setting);
  });
});

describe('the user of the command line', () => {
  test("always has one prefix that no token's subject can have", () => {
    expect(commandLineSubject('ann')).toBe('cli:ann');
    expect(commandLineSubject('cli:ann')).toBe('cli:ann');
    expect(commandLineSubject(undefined)).toMatch(/^cli:[^:]+$/);
  });
});

describe('the limit of requests', () => {
  test('is on with a provider, and can be set or removed', () => {
    expect(readSettings(openId).rateLimit).toBe(50);
    expect(readSettings({ ...openId, DOCKET_RATE_LIMIT: 'off' }).rateLimit).toBeNull();
    expect(readSettings({ ...openId, DOCKET_RATE_LIMIT: '5' }).rateLimit).toBe(5);
    expect(readSettings({ DOCKET_RATE_LIMIT: '1' }).rateLimit).toBe(1);
    expect(readSettings({ DOCKET_RATE_LIMIT: 'off' }).rateLimit).toBeNull();
  });

  test.each(['', '0', '-1', '1.5', '1e3', 'on', 'OFF', '100001', '9999999', ' 5'])('is not %j', (text) => {
    expect(() => readSettings({ DOCKET_RATE_LIMIT: text })).toThrow(/DOCKET_RATE_LIMIT.*off/);
  });
});

describe('the address at which people reach the service', () => {
  test('is read without its trailing slash, and is never guessed', () => {
    expect(readSettings({}).publicUrl).toBeNull();
    expect(readSettings({ DOCKET_PUBLIC_URL: 'https://docket.example' }).publicUrl).toBe(
      'https://docket.example',
    );
    expect(readSettings({ DOCKET_PUBLIC_URL: 'https://a.example/docket/' }).publicUrl).toBe(
      'https://a.example/docket',
    );
  });

  test.each(['', 'docket.example', 'ftp://a.example', 'https://a.example/?b=1', 'https://a:b@c.example'])(
    'is not %j',
    (text) => {
      expect(() => readSettings({ DOCKET_PUBLIC_URL: text })).toThrow(/^DOCKET_PUBLIC_URL is .*https:/);
    },
  );
});

describe('a store on a PostgreSQL server', () => {
  const address = 'postgresql://ann:pa55word@db.example/cases?schema=north';
  const settings = (env: object) => readSettings({ DOCKET_STORE: address, ...env });

  test('has read models and outbox beside it, in schemas that all its nodes share, unless they are named', () => {
    expect(settings({})).toMatchObject({
      store: { kind: 'postgresql', schema: 'north', shown: 'postgresql://ann@db.example/cases?schema=north' },
      readModels: {
        kind: 'postgresql',
        connectionString: 'postgresql://ann:pa55word@db.example/cases',
        schema: 'north_read_models',
        shown: 'postgresql://ann@db.example/cases?schema=north_read_models',
      },
      outbox: {
        kind: 'postgresql',
        schema: 'north_outbox',
        shown: 'postgresql://ann@db.example/cases?schema=north_outbox',
      },
    });
    expect(settings({ DOCKET_READ_MODELS: 'sqlite:r.db' })).toMatchObject({
      readModels: { kind: 'sqlite', path: 'r.db' },
      outbox: { kind: 'postgresql', schema: 'north_outbox' },
    });
  });

  test('may have read models elsewhere, as a store in a file may; without a schema, they are in a schema of their own', () => {
    const elsewhere = 'postgres://bob:pa55word@other/reads';
    for (const env of [
      { DOCKET_READ_MODELS: elsewhere },
      { DOCKET_STORE: 'sqlite:a.db', DOCKET_READ_MODELS: elsewhere },
    ]) {
      expect(settings(env).readModels).toMatchObject({
        kind: 'postgresql',
        schema: 'docket_read_models',
        shown: 'postgresql://bob@other/reads?schema=docket_read_models',
      });
    }
    expect(() => settings({ DOCKET_STORE: 'memory:', DOCKET_READ_MODELS: elsewhere })).toThrow(
      /the read models must be in memory too/,
    );
  });

  test.each([
    [{ DOCKET_READ_MODELS: `${address}!` }, /DOCKET_READ_MODELS is .*the schema "north!" must be at most/],
    [{ DOCKET_READ_MODELS: 'memory:' }, /Set DOCKET_READ_MODELS to sqlite:PATH or postgresql:/],
    [{ DOCKET_STORE: 'postgresql://ann:pa55word@/x@db:port/cases' }, /DOCKET_STORE .* must be postgresql:/],
    [
      { DOCKET_STORE: 'postgres://db/cases?password=pa55word' },
      /DOCKET_STORE .* put the password before the @/,
    ],
    [{ DOCKET_STORE: 'postgresql:pa55word' }, /DOCKET_STORE .* set it to sqlite:PATH/],
  ])('is refused as %j', (env, message) => {
    expect(() => settings(env)).toThrow(SettingsError);
    expect(() => settings(env)).toThrow(message);
  });

  test('is never reported with its password', () => {
    for (const wrong of [
      'postgresql://ann:pa55word@/x@db:port/cases',
      'postgres://db/cases?password=pa55word',
      'postgres://db/cases?password=an@pa55word',
      'postgres://ann:pa55word?@db:port/cases',
      'postgresql:/ann:pa55word@db/cases',
      'postgres:ann:pa55word@db',
      'ann:pa55word@db',
      'kurrentdb:/ann:pa55word@db',
      'kurrentdb://ann:pa55word@x@db',
    ]) {
      expect(() => settings({ DOCKET_STORE: wrong })).toThrow(SettingsError);
      expect(() => settings({ DOCKET_STORE: wrong })).not.toThrow(/pa55word/);
    }
    expect(() => settings({ DOCKET_STORE: 'postgresql:/ann:pa55word@db/cases' })).toThrow(
      'DOCKET_STORE is "…@db/cases"; set it to',
    );
  });
});

describe('mail', () => {
  test('is sent by the server of the URL, whose links begin with the public address', () => {
    const env = {
      DOCKET_SMTP: 'smtp://mail?from=docket@example.org',
      DOCKET_PUBLIC_URL: 'https://docket.example',
    };
    expect(readSettings(env).smtp).toEqual({ url: 'smtp://mail', from: 'docket@example.org' });
    expect(readSettings({}).smtp).toBeNull();
  });

  test.each([
    [{ DOCKET_SMTP: 'smtp://mail?from=docket@example.org' }, /^DOCKET_SMTP requires DOCKET_PUBLIC_URL/],
    [{ DOCKET_SMTP: 'mail' }, /^DOCKET_SMTP is not the address of a mail server/],
  ])('%j cannot be used', (env, message) => {
    expect(() => readSettings(env)).toThrow(message);
  });
});
