import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isSameStore } from './same-store.ts';
import { parseStore } from './settings.ts';

const isSame = (one: string, other: string): boolean =>
  isSameStore(parseStore(one, 'one'), parseStore(other, 'other'));

describe('two addresses name one store', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'docket-same-'));
    writeFileSync(join(folder, 'a.sqlite'), '');
    writeFileSync(join(folder, 'b.sqlite'), '');
    symlinkSync('a.sqlite', join(folder, 'link.sqlite'));
    linkSync(join(folder, 'a.sqlite'), join(folder, 'hard.sqlite'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each(['a.sqlite', './a.sqlite', '../FOLDER/a.sqlite', 'link.sqlite', 'hard.sqlite'])(
    'where they lead to one file: %s',
    (other) => {
      const path = `${folder}/${other.replace('FOLDER', folder.split('/').at(-1) ?? '')}`;
      expect(isSame(`sqlite:${folder}/a.sqlite`, `sqlite:${path}`)).toBe(true);
      expect(isSame(`sqlite:${relative('.', path)}`, `sqlite:${folder}/a.sqlite`)).toBe(true);
    },
  );

  test('also of a file that is not there yet', () => {
    expect(isSame(`sqlite:${folder}/new.sqlite`, `sqlite:${folder}/./new.sqlite`)).toBe(true);
  });

  test.each(['b.sqlite', 'new.sqlite'])('but not for another file: %s', (other) => {
    expect(isSame(`sqlite:${folder}/a.sqlite`, `sqlite:${folder}/${other}`)).toBe(false);
    expect(isSame(`sqlite:${folder}/${other}`, `sqlite:${folder}/a.sqlite`)).toBe(false);
  });

  test.each([
    ['whoever asks', 'postgresql://other:secret@db/docket'],
    ['with the default said', 'postgres://one@db:5432/docket?schema=docket'],
    ['however it connects', 'postgresql://one@db/docket?sslmode=require'],
  ])('where they lead to one schema of a server, %s', (_, other) => {
    expect(isSame('postgresql://one@db/docket', other)).toBe(true);
  });

  test.each([
    'postgresql://one@db/docket?schema=second',
    'postgresql://one@db/other',
    'postgresql://one@db:5433/docket',
    'postgresql://one@elsewhere/docket',
    'sqlite:docket',
    'memory:',
  ])('but not for another: %s', (other) => {
    expect(isSame('postgresql://one@db/docket', other)).toBe(false);
    expect(isSame(other, 'postgresql://one@db/docket')).toBe(false);
  });
});
