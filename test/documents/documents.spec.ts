import { describe, expect, it } from '@jest/globals';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SETTINGS } from '#platform/settings-warnings';
import { readSettings } from '#platform/settings';

const ROOT = join(import.meta.dirname, '../..');
const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...globSync('docs/**/*.md', { cwd: ROOT }).map((file) => file.replaceAll('\\', '/')),
].sort();
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
/** Returns a page without its code blocks. */
const prose = (page: string): string => read(page).replaceAll(/^```[^]*?^```/gm, '');

/** Returns the number of words that people wrote, without code blocks, comments and generated parts. */
const wordsOf = (page: string): number =>
  prose(page)
    .replaceAll(/<!-- printed from [^]*?<!-- end of what is printed -->/g, '')
    .replaceAll(/<!--[^]*?-->/g, '')
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** Returns the anchors of a page's headings. */
const anchors = (page: string): string[] =>
  [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Returns a page's links to files of this repository. */
const links = (page: string): string[] =>
  [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

describe('the documents', () => {
  it.each(PAGES)('%s: each link resolves', (page) => {
    const broken = links(page).filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchors(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it.each(PAGES.filter((page) => page !== 'CHANGELOG.md'))('%s: each named path exists', (page) => {
    const named = [
      ...prose(page).matchAll(/`((?:apps|deploy|libs|state-machines|test|docs)\/[\w./-]+)`/g),
    ].map(([, path = '']) => path);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('are each in the index, and each decision has a number of its own', () => {
    const indexed = links('docs/README.md').map((link) => join('docs', link));
    const missing = PAGES.filter((page) => page !== 'README.md' && page !== 'docs/README.md').filter(
      (page) => !indexed.includes(page),
    );
    expect(missing).toEqual([]);
    const numbers = readdirSync(join(ROOT, 'docs/decisions')).map((name) => name.slice(0, 4));
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

describe('the size of the documents', () => {
  const counted = PAGES.filter((page) => page.startsWith('docs/') && page !== 'docs/permissions.md');
  const formats = ['docs/event-format.md', 'docs/pack-format.md'];

  it('is at most 120 lines for the README', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  });

  it('is at most 25,000 words without generated parts', () => {
    expect(counted.reduce((sum, page) => sum + wordsOf(page), 0)).toBeLessThanOrEqual(25_000);
  });

  it.each(counted.filter((page) => !formats.includes(page)))('%s has at most 1,500 words', (page) => {
    expect(wordsOf(page)).toBeLessThanOrEqual(1500);
  });
});

describe('the page on architecture', () => {
  const page = read('docs/architecture.md');
  const rooms = [
    ...['apps', 'libs'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${folder}/${name}`),
    ),
    'state-machines',
    'test',
  ];

  it.each(rooms)('describes the purpose of %s', (room) => {
    expect(page).toMatch(new RegExp(`^\\| \`${room}\` +\\| \\S`, 'm'));
  });

  it('names existing folders only', () => {
    const named = [...page.matchAll(/^\| `([\w/-]+)` /gm)].map(([, room]) => room);
    expect(named.sort()).toEqual([...rooms].sort());
  });
});

describe('the page on configuration', () => {
  const page = read('docs/configuration.md');
  const documented = new Map(
    [...page.matchAll(/^### `(\w+)`\n\nDefault: (.*)$/gm)].map(([, name = '', standard = '']) => [
      name,
      standard,
    ]),
  );

  it('has every setting that a program reads, and no other', () => {
    expect([...documented.keys()].sort()).toEqual([...SETTINGS, 'HOST', 'PORT'].sort());
  });

  it('lists the current defaults', () => {
    const settings = readSettings({});
    const defaults: Readonly<Record<string, unknown>> = {
      DOCKET_STORE: 'sqlite:data/docket.sqlite',
      HOST: settings.host,
      PORT: settings.port,
      DOCKET_DEVELOPMENT_KEY: settings.developmentKey,
      DOCKET_SWEEP: settings.sweep,
      DOCKET_CHECKPOINTS: settings.checkpointSchedule,
      DOCKET_LOG_LEVEL: settings.logLevel,
    };
    expect(settings.store).toEqual({ kind: 'sqlite', path: 'data/docket.sqlite' });
    for (const [name, value] of Object.entries(defaults))
      expect(documented.get(name)).toBe(`\`${String(value)}\``);
    const nothing = [settings.provider, settings.smtp, settings.rateLimit];
    expect(nothing).toEqual([null, null, null]);
    const provider = { DOCKET_OIDC_ISSUER: 'https://id.example.org', DOCKET_OIDC_AUDIENCE: 'docket' };
    expect(documented.get('DOCKET_RATE_LIMIT')).toBe(
      `\`off\`; \`${readSettings(provider).rateLimit}\` with a provider`,
    );
  });

  it.each([
    ['sqlite:data/docket.sqlite', 'sqlite', 'data/docket.read-models.sqlite', 'data/docket.outbox.sqlite'],
    ['postgresql://localhost/docket', 'postgresql', 'docket_read_models', 'docket_outbox'],
    [
      'kurrentdb://localhost:2113?tls=false',
      'sqlite',
      'data/read-models.sqlite',
      'data/read-models.outbox.sqlite',
    ],
  ])('lists everything beside %s', (store, kind, readModels, outbox) => {
    const settings = readSettings({ DOCKET_STORE: store });
    const place = kind === 'sqlite' ? 'path' : 'schema';
    expect(settings.readModels).toMatchObject({ kind, [place]: readModels });
    expect(settings.outbox).toMatchObject({ kind, [place]: outbox });
    expect(page).toContain(readModels);
    expect(read('docs/notifications.md')).toContain(outbox);
  });
});
