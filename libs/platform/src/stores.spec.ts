import { linkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '#test/support/temporary-folder';
import { isSameStore } from './stores.ts';
import { parseStore } from './settings.ts';

const isSame = (one: string, other: string): boolean =>
  isSameStore(parseStore(one, 'one'), parseStore(other, 'other'));

describe('two addresses name the same store', () => {
  let folder: string;
  beforeAll(() => {
    folder = temporaryFolder();
    writeFileSync(join(folder, 'a.sqlite'), '');
    writeFileSync(join(folder, 'b.sqlite'), '');
    symlinkSync('a.sqlite', join(folder, 'link.sqlite'));
    linkSync(join(folder, 'a.sqlite'), join(folder, 'hard.sqlite'));
  });

  test.each(['a.sqlite', './a.sqlite', '../FOLDER/a.sqlite', 'link.sqlite', 'hard.sqlite'])(
    'if they resolve to the same file: %s',
    (other) => {
      const path = `${folder}/${other.replace('FOLDER', folder.split('/').at(-1) ?? '')}`;
      expect(isSame(`sqlite:${folder}/a.sqlite`, `sqlite:${path}`)).toBe(true);
      expect(isSame(`sqlite:${relative('.', path)}`, `sqlite:${folder}/a.sqlite`)).toBe(true);
    },
  );

  test('even if the file does not exist', () => {
    expect(isSame(`sqlite:${folder}/new.sqlite`, `sqlite:${folder}/./new.sqlite`)).toBe(true);
  });

  test.each(['b.sqlite', 'new.sqlite'])('but not for a different file: %s', (other) => {
    expect(isSame(`sqlite:${folder}/a.sqlite`, `sqlite:${folder}/${other}`)).toBe(false);
    expect(isSame(`sqlite:${folder}/${other}`, `sqlite:${folder}/a.sqlite`)).toBe(false);
  });

  test.each([
    ['with any user', 'postgresql://other:secret@db/docket'],
    ['with the defaults given explicitly', 'postgres://one@db:5432/docket?schema=docket'],
    ['however it connects', 'postgresql://one@db/docket?sslmode=require'],
  ])('if they resolve to the same schema of a server, %s', (_, other) => {
    expect(isSame('postgresql://one@db/docket', other)).toBe(true);
  });

  test.each([
    'postgresql://one@db/docket?schema=second',
    'postgresql://one@db/other',
    'postgresql://one@db:5433/docket',
    'postgresql://one@elsewhere/docket',
    'sqlite:docket',
    'memory:',
  ])('but not for a different schema or store: %s', (other) => {
    expect(isSame('postgresql://one@db/docket', other)).toBe(false);
    expect(isSame(other, 'postgresql://one@db/docket')).toBe(false);
  });

  test.each([
    ['another socket', '/docket?host=/run/one', '/docket?host=/run/two', false],
    ['one socket', '/docket?host=/run/one', 'ann@db/docket?host=/run/one&sslmode=disable', true],
    ['another port after the ?', 'db/docket?port=5433', 'db/docket', false],
    ['the same port after the ?', 'db/docket?port=5433', 'db:5433/docket', true],
    ['the host after the ?', 'elsewhere/docket?host=db', 'db/docket', true],
  ])('only if the driver connects to the same server: %s', (_, one, other, same) => {
    expect(isSame(`postgresql://${one}`, `postgresql://${other}`)).toBe(same);
  });

  test.each([
    ['the same seeds', 'a,b:2113', true],
    ['one seed of several', 'B,c', true],
    ['other seeds', 'c,d', false],
    ['another port', 'a:2114', false],
    ['another prefix', 'a,b?prefix=second', false],
  ])('only if both list a node of the same KurrentDB cluster: %s', (_, other, same) => {
    const [seeds, parameters = 'prefix=docket'] = other.split('?');
    expect(isSame('kurrentdb://a,b?tls=false', `kurrentdb://${seeds}?tls=false&${parameters}`)).toBe(same);
  });
});
