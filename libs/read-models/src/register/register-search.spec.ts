import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { InternalAccess } from '#state-machines/access';
import { recordIdOf } from '#state-machines/inspection-recommendation/kind';
import { blocksOf } from '#test/support/document-lines';
import { onEachDatabase } from '#test/support/read-model-harness';
import { cut, foldInParts } from '#test/support/read-models';
import type { RecordLog } from '#test/support/record-log';
import { readLive } from '#projections/read-live';
import type { Highlight } from './register-highlights.ts';
import { registerProjection } from './register-projection.ts';
import { registerPage } from './register-query.ts';
import type { RegisterItem, RegisterQuery } from './register-query.ts';
import { SEARCH_LIMITS } from './search-conditions.ts';
import type { SearchLimits } from './search-conditions.ts';

const TODAY = '2026-11-24';

/** Limits that are so low that a few test records cover every search strategy. */
const LIMITS: readonly SearchLimits[] = [
  SEARCH_LIMITS,
  { fewTexts: 2, latest: 4, many: 1 },
  { fewTexts: 0, latest: 0, many: 0 },
];

onEachDatabase('a search on $name', [registerProjection], (models) => {
  const { log } = models;

  const page = async (
    query: Partial<RegisterQuery>,
    { database = models.database, limits = SEARCH_LIMITS } = {},
  ) => readLive(database, registerPage({ today: TODAY, ...query }, limits));
  const ids = async (q: string, query: Partial<RegisterQuery> = {}) =>
    (await page({ q, sort: 'id', ...query })).items.map(({ id }) => id);
  const highlightsOf = async (q: string, query: Partial<RegisterQuery> = {}) =>
    (await page({ q, ...query })).items[0]?.highlights;

  describe('of some records', () => {
    beforeEach(async () => {
      log.issue('a', { title: 'Custody records', text: 'Keep them for six years.' });
      log.issue('b', { title: 'Firearms licensing', text: 'Custody of firearms, and six guns.' });
      log.issue('c', { title: 'Training', text: 'Train the officers for years.', recipient: 'kent' });
      log.comment('c', 'In Zürich six trained in custody');
      log.comment('b', 'Rumpelstiltskin objects', 'internal');
      await models.fold();
    });

    const FOUND: readonly (readonly [q: string, found: string[]])[] = [
      ['custody -firearms', ['a', 'c']],
      ['-firearms custody', ['a', 'c']],
      ['-custody', []],
      ['-firearms', ['a', 'c']],
      ['-"six years"', ['b', 'c']],
      ['-"years six"', ['a', 'b', 'c']],
      ['custody -"six guns', ['a', 'c']],
      ['custody -custody', []],
      ['"records keep"', []],
      ['"Training Train"', []],
      ['six training', ['c']],
      ['CUSTODY', ['a', 'b', 'c']],
      ['Zürich', ['c']],
    ];

    /** Inputs that are operators or errors of a database's own language. */
    const ODD: readonly (readonly [q: string, found: string[]])[] = [
      ...[
        '-',
        '-?!',
        '-"',
        '-""',
        '--',
        '""',
        '?!',
        '"',
        '*',
        ':',
        '()',
        '\0',
        '\\',
        "'",
        '&',
        '!',
        '<->',
      ].map((q): [string, string[]] => [q, []]),
      ['custody" AND "firearms', ['b']],
      ['cust*', []],
      ['title:custody', []],
      ['text:custody OR firearms', []],
      ['NEAR(custody, records)', []],
      ['custody\0 "firearms', ['b']],
      [`custody ' & ! | ( <-> :* ? \\ %`, ['a', 'b', 'c']],
      ['\u{e000}custody\u{e001}', []],
      ['custody '.repeat(1_000), ['a', 'b', 'c']],
      [`"${'custody '.repeat(1_000)}`, []],
      ['custody-'.repeat(1_000), []],
    ];

    test('takes every input as words', async () => {
      for (const [q, expected] of ODD) expect([q, await ids(q)]).toEqual([q, expected]);
    });

    test('finds those with all words, and without words after a dash', async () => {
      for (const [q, expected] of FOUND) expect([q, await ids(q)]).toEqual([q, expected]);
    });

    test('best first: in the title, then elsewhere; of equals the latest', async () => {
      log.issue('d', { title: 'Custody', text: 'x' }, { effectiveOn: '2026-03-01' });
      await models.fold();
      const found = async (query: Partial<RegisterQuery>) => (await page(query)).items.map(({ id }) => id);
      expect(await found({ q: 'custody' })).toEqual(['d', 'a', 'c', 'b']);
      expect(await found({ q: 'custody', sort: 'relevance' })).toEqual(['d', 'a', 'c', 'b']);
      expect(await found({ q: 'custody', sort: '-updatedOn' })).toEqual(['d', 'c', 'b', 'a']);
      expect(await found({ q: 'custody six' })).toEqual(['c', 'b', 'a']);
      expect(await found({ sort: 'relevance' })).toEqual(await found({}));
    });

    test('returns the place of a match, in plain text with offsets, as the page shows it', async () => {
      const [example] = blocksOf('docs/search.md').filter(({ language }) => language === 'json');
      const shown = JSON.parse(example!.text) as Highlight;
      expect(await highlightsOf('Zürich custody', { recipient: ['kent'] })).toEqual([
        { ...shown, eventId: log.events[3]!.eventId },
      ]);
      expect((await highlightsOf('"six guns"'))?.map(marked)).toEqual([
        'Custody of firearms, and [six guns].',
      ]);
      expect(await highlightsOf('-Zürich')).toEqual([]);
      expect((await page({})).items[0]).not.toHaveProperty('highlights');
    });

    test('searches internal comments only for users who may read them, on the records on which they may', async () => {
      const seen: [InternalAccess | undefined, string[]][] = [
        [undefined, []],
        ['none', []],
        ['all', ['b']],
        [{ exceptOf: ['kent'] }, ['b']],
        [{ exceptOf: ['kent', 'avon'] }, []],
      ];
      for (const [internal, expected] of seen) {
        const answer = await page({ q: 'rumpelstiltskin', ...(internal && { internal }) });
        expect([internal, answer.items.map(({ id }) => id), answer.total]).toEqual([
          internal,
          expected,
          expected.length,
        ]);
        // Readers must not be able to exclude records by words that they cannot search for.
        expect(await ids('-Rumpelstiltskin', { ...(internal && { internal }) })).toEqual(
          expected.length === 0 ? ['a', 'b', 'c'] : ['a', 'c'],
        );
      }
      expect(await highlightsOf('firearms objects', { internal: 'all' })).toMatchObject([
        { field: 'title' },
        { field: 'text' },
        { field: 'comment', snippet: 'Rumpelstiltskin objects', matches: [{ from: 16, to: 23 }] },
      ]);
    });

    test('a cursor belongs to its search, and to its user', async () => {
      const { nextCursor } = await page({ q: 'custody', limit: 1 });
      const cursor = nextCursor!;
      expect((await page({ q: 'custody', limit: 1, cursor })).items).toHaveLength(1);
      const others: Partial<RegisterQuery>[] = [
        { q: 'six' },
        { q: 'custody', internal: 'all' },
        { q: 'custody', sort: '-updatedOn' },
      ];
      for (const other of others)
        await expect(page({ limit: 1, ...other, cursor })).rejects.toMatchObject({ code: 'invalid-cursor' });
    });
  });

  test('of a long text, a part around a match is shown', async () => {
    const long = `${'😀'.repeat(70)} ${'many words '.repeat(40)}Quetzalcoatl${' and more'.repeat(40)}`;
    log.issue('a', { title: 'A', text: long });
    await models.fold();
    const [highlight] = (await highlightsOf('quetzalcoatl'))!;
    expect(highlight!.snippet.length).toBeLessThan(300);
    expect(marked(highlight!)).toContain('[Quetzalcoatl] and more');
  });

  test('texts with the characters of marks, of markup or with NUL are found, and shown as text', async () => {
    const [start, stop] = ['\u{e000}', '\u{e001}'];
    log.issue('a', { title: 'A', text: `${stop}${start}${start} custody ${start}` });
    log.issue('b', { title: 'B', text: 'custody & a < "b"' });
    log.issue('c', { title: 'C', text: 'x\0\x01\x02 custody\0y' });
    await models.fold();
    const { items } = await page({ q: 'custody', sort: 'id' });
    expect(items.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    const shown = items.map(({ highlights = [] }) => highlights.map(marked));
    expect(shown.slice(0, 2)).toEqual([[' [custody] '], ['[custody] & a < "b"']]);
    for (const char of [start, stop]) expect(JSON.stringify(shown)).not.toContain(char);
  });

  describe('for words that people type in a different form', () => {
    beforeEach(async () => {
      const report = { name: 'State of Policing', publishedOn: '2026-01-01' };
      log.issue('a', { title: 'Missing children', text: 'Record each child who is missed.', report });
      log.issue('b', { title: 'Rising demand', text: 'Mixed results.' });
      log.comment('b', 'Missive about Rumpelstiltskin', 'internal');
      await models.fold();
    });

    const FOUND: readonly (readonly [q: string, found: string[]])[] = [
      ['missed', ['a']],
      ['misses records', ['a']],
      ['"missing childs"', []],
      ['-recording', ['b']],
      ['rises', ['b']],
      ['"state of policing"', ['a']],
      ['policy', []],
      ['rumpelstiltskin', []],
    ];

    test('finds the other forms of a word', async () => {
      for (const [q, expected] of FOUND) expect([q, await ids(q)]).toEqual([q, expected]);
    });

    test('the name of the report is shown as such, and no longer found once it is redacted', async () => {
      expect(await highlightsOf('policing')).toMatchObject([
        { field: 'report', snippet: 'State of Policing' },
      ]);
      log.redact('a', log.events[0]!, '/data/report/name');
      await models.fold();
      expect(await ids('policing')).toEqual([]);
    });
  });

  test('of very many comments a few are shown, and of a long phrase the first words count', async () => {
    log.issue('a', { title: 'A', text: 'The force keeps records ' + 'by name '.repeat(40) });
    for (let index = 0; index < 30; index += 1) log.comment('a', `custody ${index}`);
    await models.fold();
    const shown = (await highlightsOf('custody')) ?? [];
    expect(shown.map(({ snippet }) => snippet)).toEqual(['custody 0', 'custody 1', 'custody 2']);
    expect(await ids(`"force keeps records ${'by name '.repeat(40)} nowhere"`)).toEqual(['a']);
    expect(await ids(`"force keeps records by name nowhere"`)).toEqual([]);
  });

  const WORDS = ['alpha', 'Alpha', 'beta', 'betamax', 'gamma', 'delta'];
  const text = fc.array(fc.constantFrom(...WORDS), { maxLength: 4 }).map((words) => words.join(' '));
  const step = fc.record({
    type: fc.constantFrom('issue', 'issue', 'public', 'internal', 'amend', 'redact'),
    record: fc.nat(7),
    title: text,
    text,
    which: fc.nat(),
  });
  const term = fc.tuple(
    fc.constantFrom('', '', '', '-'),
    fc.oneof(
      fc.constantFrom('alpha', 'BETA', 'gam', 'delta', 'x'),
      text.map((words) => `"${words}"`),
    ),
  );
  const typed = fc
    .array(
      term.map(([dash, words]) => `${dash}${words}`),
      { minLength: 1, maxLength: 3 },
    )
    .map((terms) => terms.join(' '));
  const sight = fc.constantFrom<InternalAccess>('all', 'none', { exceptOf: ['avon'] });

  function write(steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]): void {
    const issued = new Set<string>();
    steps.forEach(({ type, record, title, text, which }, index) => {
      const id = `r${record}`;
      const options = { effectiveOn: `2026-01-0${1 + (index % 5)}` };
      if (!issued.has(id)) {
        issued.add(id);
        log.issue(id, { title, text, recipient: ['avon', 'kent', null][record % 3] ?? null }, options);
      } else if (type === 'amend') log.add(id, 'TextAmended', { text, reason: 'r' }, options);
      else if (type === 'redact') {
        const own = log.events.filter((event) => recordIdOf(event.streamId) === id);
        const named = own[which % own.length]!;
        log.redact(
          id,
          named,
          ...Object.keys(named.commitments).filter((pointer) => pointer !== '/data/reason'),
        );
      } else if (type !== 'issue')
        log.add(
          id,
          'CommentAdded',
          { text, visibility: type === 'internal' ? 'internal' : 'public' },
          options,
        );
    });
  }

  test('finds the same as a scan of all texts, in that order and number, by any plan', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 8, maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 9 })),
        fc.array(fc.tuple(typed, sight), { minLength: 3, maxLength: 3 }),
        async (steps, sizes, questions) => {
          await models.anew();
          write(steps);
          await foldInParts(models.database, cut(log.events, [...sizes, Infinity]));
          for (const [q, internal] of questions) {
            const expected = lookedThrough(log, q, internal);
            for (const limits of LIMITS) {
              const whole = await page({ q, internal }, { limits });
              expect([q, internal, whole.items.map(({ id }) => id)]).toEqual([q, internal, expected]);
              expect([expected.length, undefined]).toContain(whole.total);
              const byPages = await readAll((cursor) =>
                page({ q, internal, limit: 2, ...cursor }, { limits }),
              );
              expect(byPages).toEqual(whole.items);
              const byId = await page({ q, internal, sort: '-id' }, { limits });
              expect(byId.items.map(({ id }) => id)).toEqual(expected.toSorted().reverse());
              expectShown(whole.items, log, q, internal);
            }
          }
        },
      ),
      { numRuns: models.kind.cases(10) },
    );
  }, 60_000);

  test('reveals nothing of redacted texts', async () => {
    const issued = log.issue('a', { title: 'Brackenbury', text: 'amber basalt' });
    const comment = log.comment('a', 'Ottoline basalt');
    const internal = log.comment('a', 'Peverell basalt', 'internal');
    log.issue('b', { title: 'b', text: 'amber' });
    await models.fold();
    log.redact('a', issued, '/data/title');
    log.redact('a', comment, '/data/text');
    log.redact('a', internal, '/data/text');
    await models.fold();
    for (const limits of LIMITS) {
      for (const q of ['brackenbury', 'ottoline', 'peverell', 'ottoline basalt', '"Ottoline basalt"']) {
        const answer = await page({ q, internal: 'all' }, { limits });
        expect([q, answer.items, answer.total]).toEqual([q, [], 0]);
        expect((await page({ q: `-${q}`, internal: 'all' }, { limits })).items).toHaveLength(
          q === 'ottoline basalt' ? 1 : 2,
        );
      }
      const { items } = await page({ q: 'basalt', internal: 'all' }, { limits });
      expect(items).toMatchObject([{ id: 'a', highlights: [{ snippet: 'amber basalt' }] }]);
      expect(items[0]?.highlights).toHaveLength(1);
    }
  });

  async function readAll(
    readPage: (cursor: { cursor?: string }) => ReturnType<typeof page>,
  ): Promise<readonly RegisterItem[]> {
    const items: RegisterItem[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const answer = await readPage(cursor === undefined ? {} : { cursor });
      items.push(...answer.items);
      cursor = answer.nextCursor;
    }
    return items;
  }
});

/* Computes a search by scanning the texts of the log, without an index. */

const fold = (words: string): string[] =>
  words
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');

interface Typed {
  readonly words: readonly string[];
  readonly excluded: boolean;
}

function typedIn(q: string): Typed[] {
  const terms = [...q.matchAll(/(-?)(?:"([^"]*)"|([^\s"]+))/g)];
  return terms
    .map(([, dash, phrase, word]) => ({ words: fold(phrase ?? word ?? ''), excluded: dash === '-' }))
    .filter(({ words }) => words.length > 0);
}

const has =
  ({ words }: Typed) =>
  (text: string): boolean => {
    const said = fold(text);
    return said.some((_, start) => words.every((word, index) => said[start + index] === word));
  };

interface Standing {
  id: string;
  recipient: string | null;
  updatedOn: string;
  texts: Map<string, { kind: 'title' | 'text' | 'public' | 'internal'; eventId: string; text: string }>;
}

function standingTexts(log: RecordLog): Standing[] {
  const records = new Map<string, Standing>();
  for (const { streamId, type, data, eventId, effectiveOn } of log.events) {
    const id = recordIdOf(streamId) as string;
    const record: Standing = records.get(id) ?? { id, recipient: null, updatedOn: '', texts: new Map() };
    records.set(id, record);
    if (effectiveOn > record.updatedOn) record.updatedOn = effectiveOn;
    if (type === 'RecommendationIssued') {
      record.recipient = data.recipient;
      record.texts.set('title', { kind: 'title', eventId, text: data.title ?? '' });
    }
    if (type === 'RecommendationIssued' || type === 'TextAmended')
      record.texts.set('text', { kind: 'text', eventId, text: data.text ?? '' });
    if (type === 'CommentAdded') {
      const kind = data.visibility === 'public' ? 'public' : 'internal';
      record.texts.set(eventId, { kind, eventId, text: data.text ?? '' });
    }
    if (type === 'CommentRedacted') {
      for (const [key, said] of record.texts) {
        const pointer = said.kind === 'title' ? '/data/title' : '/data/text';
        if (said.eventId === data.eventId && data.erased.includes(pointer)) record.texts.delete(key);
      }
    }
  }
  return [...records.values()];
}

const readable = ({ recipient, texts }: Standing, internal: InternalAccess) => {
  const reads =
    typeof internal === 'string' ? internal === 'all' : !internal.exceptOf.includes(recipient as string);
  return [...texts.values()].filter(({ kind }) => kind !== 'internal' || reads);
};

function lookedThrough(log: RecordLog, q: string, internal: InternalAccess): string[] {
  const terms = typedIn(q);
  const required = terms.filter(({ excluded }) => !excluded);
  // A search without a word finds nothing.
  const isVain = terms.length === 0;
  const tier = (record: Standing): number => {
    if (required.length === 0) return 0;
    const all = (kind: string) =>
      required.every((term) =>
        [...record.texts.values()].some((said) => said.kind === kind && has(term)(said.text)),
      );
    return all('title') ? 0 : 1;
  };
  return standingTexts(log)
    .filter((record) => {
      const texts = readable(record, internal).map((said) => said.text);
      return !isVain && terms.every((term) => texts.some(has(term)) !== term.excluded);
    })
    .map((record) => ({ ...record, tier: tier(record) }))
    .sort((a, b) => a.tier - b.tier || compare(b.updatedOn, a.updatedOn) || compare(b.id, a.id))
    .map(({ id }) => id);
}

/** Returns a snippet with its matches in brackets. PostgreSQL marks each word of a phrase on its own. */
const marked = ({ snippet, matches }: Highlight): string => {
  const ends = [0, ...matches.flatMap(({ from, to }) => [from, to]), snippet.length];
  return ends
    .slice(1)
    .map(
      (to, index) =>
        (index % 2 === 0 ? '' : '[') + snippet.slice(ends[index], to) + (index % 2 === 0 ? '' : ']'),
    )
    .join('')
    .replaceAll('] [', ' ');
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Checks that items show only terms that were found in texts that the reader may read. */
function expectShown(
  items: readonly RegisterItem[],
  log: RecordLog,
  q: string,
  internal: InternalAccess,
): void {
  const required = typedIn(q).filter(({ excluded }) => !excluded);
  const records = new Map(standingTexts(log).map((record) => [record.id, readable(record, internal)]));
  for (const { id, highlights = [] } of items) {
    expect(highlights.length > 0).toBe(required.length > 0);
    for (const { eventId, field, snippet, matches } of highlights) {
      const kinds = field === 'comment' ? ['public', 'internal'] : [field];
      const texts = records.get(id)?.filter((said) => said.eventId === eventId && kinds.includes(said.kind));
      expect(texts?.map((said) => said.text)).toEqual([snippet]);
      expect(matches.length).toBeGreaterThan(0);
      for (const { from, to } of matches) {
        const found = snippet.slice(from, to);
        expect(required.some(({ words }) => fold(found).every((word) => words.includes(word)))).toBe(true);
      }
    }
  }
}
