import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS } from '#platform/settings-warnings';
import { ROOT } from '../support/document-lines.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DEPLOY = join(ROOT, 'deploy');
const UNITS = readdirSync(join(DEPLOY, 'systemd')).filter((name) => /\.(service|timer)$/.test(name));

const run = (program: string, words: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
};

/** Returns a test that is skipped, with the reason in its name, if a program is not installed. */
const itWith = (program: string) =>
  spawnSync(program, ['--version']).error === undefined
    ? (name: string, test: () => void) => {
        it(name, test);
      }
    : (name: string) => {
        it.skip(`${name} (${program} is not installed)`, () => undefined);
      };

describe('the alert rules', () => {
  itWith('promtool')('are valid for Prometheus', () => {
    const { status, output } = run('promtool', [
      'check',
      'rules',
      join(DEPLOY, 'prometheus/docket.rules.yml'),
    ]);
    expect(output).toMatch(/SUCCESS: \d+ rules found/);
    expect(status).toBe(0);
  });
});

describe('the units for systemd', () => {
  /** Copies the units, with /bin/true in place of Docket, which is not installed here. */
  const installed = (): readonly string[] => {
    const folder = temporaryFolder();
    return UNITS.map((name) => {
      const text = readFileSync(join(DEPLOY, 'systemd', name), 'utf8');
      const file = join(folder, name);
      writeFileSync(file, text.replace(/^ExecStart=docket .*$/m, 'ExecStart=/bin/true'));
      return file;
    });
  };

  itWith('systemd-analyze')('are valid', () => {
    expect(run('systemd-analyze', ['verify', ...installed()])).toEqual({ status: 0, output: '' });
  });

  itWith('systemd-analyze')('are hardened', () => {
    // The exposure level times ten: 0 is best, and 96 is a unit without hardening.
    const words = ['security', '--offline=true', '--threshold=20'];
    for (const file of installed().filter((name) => name.endsWith('.service')))
      expect(run('systemd-analyze', [...words, file])).toMatchObject({ status: 0 });
  });
});

describe('the example of settings', () => {
  it('names settings only', () => {
    const text = readFileSync(join(DEPLOY, 'docket.env'), 'utf8');
    const named = [...text.matchAll(/^(?:# )?(DOCKET_\w+)='/gm)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !(SETTINGS as readonly string[]).includes(name ?? ''))).toEqual([]);
  });
});
