import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addressWarnings, SETTINGS, settingsWarnings } from './settings-warnings.ts';

describe('an unknown setting', () => {
  test.each([
    [
      'DOCKET_STROE',
      /^DOCKET_STROE is not a setting of this version; it has no effect. Did you mean DOCKET_STORE\?$/,
    ],
    ['DOCKET_READMODELS', /Did you mean DOCKET_READ_MODELS/],
    ['docket_store', /Did you mean DOCKET_STORE/],
    ['DOCKET_FRUIT', /^DOCKET_FRUIT is not a setting of this version; it has no effect$/],
  ])('%s is reported, with the nearest known name', (name, message) => {
    expect(settingsWarnings({ [name]: 'x', PATH: '/bin' })).toEqual([expect.stringMatching(message)]);
  });

  test('is not reported for a setting', () => {
    expect(settingsWarnings(Object.fromEntries(SETTINGS.map((name) => [name, ''])))).toEqual([]);
  });

  test('is known from every name that the source code reads, and from no others', () => {
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const sources = ['apps', 'libs'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
        .filter((name) => !name.endsWith('settings-warnings.ts'))
        .map((name) => readFileSync(join(root, folder, name), 'utf8')),
    );
    const read = sources.flatMap((text) =>
      [...text.matchAll(/(?:env\['|\.env\(\s*')(DOCKET_\w+)'/g)].map(([, name]) => name),
    );
    expect(new Set(SETTINGS)).toEqual(new Set(read));
  });
});

describe('an unknown parameter of an address', () => {
  test('is reported, with the nearest known name, and without its value', () => {
    expect(addressWarnings('DOCKET_STORE', 'postgresql://db/cases?shema=north&sslmod=pa55word')).toEqual([
      'DOCKET_STORE: "shema" is not a parameter of the address; it has no effect. Did you mean schema?',
      'DOCKET_STORE: "sslmod" is not a parameter of the address; it has no effect. Did you mean sslmode?',
    ]);
    expect(addressWarnings('--store', 'sqlite:data/x.sqlite?mode=ro')).toEqual([
      expect.stringMatching(/^--store: sqlite:PATH has no parameters/),
    ]);
  });

  test("is not reported for the driver's parameters, or for a value that is not an address", () => {
    const known = 'schema=a&sslmode=require&sslrootcert=/ca.pem&application_name=x&options=-csearch_path%3Dx';
    for (const address of [
      `postgres://db/cases?${known}`,
      'sqlite:a.db',
      'kurrentdb://db?tls=true',
      'memory:',
      'x',
    ])
      expect(addressWarnings('DOCKET_STORE', address)).toEqual([]);
  });
});
