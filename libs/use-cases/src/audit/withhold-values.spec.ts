import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PackedEvent } from '#audit/pack/lay-out-pack';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, JsonObject } from '#event-sourcing/envelope';
import { atOnce } from '#event-sourcing/folding';
import { readWithholding, withholdValues } from './withhold-values.ts';
import { lifecycles } from '#state-machines/lifecycles';
import { withoutRedacted } from '#state-machines/capabilities/redacted';

const FREE = ['text', 'title', 'source', 'sourceSha256', 'reason'];
const idOf = (version: number): string => `event-${version}`;

/** Returns a history as stored. The texts of an event are its free-text members. */
const history = (...events: readonly [type: string, data: JsonObject, origin?: string][]): Envelope[] =>
  events.map(([type, data, origin = 'command'], index) => {
    const pointers = Object.keys(data).filter((member) => FREE.includes(member));
    const each = (value: string) =>
      Object.fromEntries(pointers.map((member): [string, string] => [`/data/${member}`, value]));
    return {
      eventId: idOf(index + 1),
      version: index + 1,
      position: `${index + 1}`,
      lifecycle: lifecycles.current('inspection-recommendation').reference,
      type,
      data,
      origin,
      command: { id: `command-${index}`, name: 'say', digest: 'd' },
      commitments: each('c'),
      salts: { ...each('s'), [COMMAND_DIGEST]: 's' },
    } as unknown as Envelope;
  });

const comment = (text: string, visibility = 'public'): [string, JsonObject] => [
  'CommentAdded',
  { text, visibility },
];
const source = (text: string): [string, JsonObject, string] => [
  'RegisterRecordImported',
  {
    source: Buffer.from(text).toString('base64'),
    sourceSha256: 'digest',
    length: text.length,
    anomalies: [],
  },
  'import',
];
const redactionOf = (version: number, reason: string): [string, JsonObject] => [
  'CommentRedacted',
  { eventId: idOf(version), erased: ['/data/text'], reason },
];
const withhold = (stored: readonly Envelope[], ...choices: string[]) =>
  atOnce(withholdValues(withoutRedacted(stored), readWithholding(choices)));
const places = (withheld: ReturnType<typeof withhold>['withheld']) =>
  withheld.map(({ version, pointer, code }) => `${version}:${pointer}=${code}`);

/** Returns all text of the events, including that of imported files. */
const allText = (events: readonly PackedEvent[]): string =>
  events
    .map(
      ({ data }) =>
        `${JSON.stringify(data)} ${Buffer.from((data['source'] as string | undefined) ?? '', 'base64').toString()}`,
    )
    .join('\n');

describe('a withheld value', () => {
  test('given `internal`, then internal comments and the reasons for redactions are withheld, and no other values', () => {
    const stored = history(
      comment('Open to all.'),
      comment('For us alone.', 'internal'),
      comment('Named a person.'),
      redactionOf(3, 'It named a person.'),
    );
    const { events, withheld } = withhold(stored, 'internal');
    expect(places(withheld)).toEqual(['2:/data/text=internal', '4:/data/reason=internal']);
    expect(events.map(({ data }) => data['text'] ?? null)).toEqual(['Open to all.', null, null, null]);
    expect(events.map(({ salts }) => salts)).toEqual([{ '/data/text': 's' }, {}, {}, {}]);
    expect(events.some((event) => 'position' in event)).toBe(false);
  });

  test('given a text that is also in an imported file, then the file is withheld with it, and its digest', () => {
    const text = 'The action plan names its author.';
    const stored = history(comment(text), source(`Title\n\n${text}`), source('Title\n\nAnother file.'));
    const { withheld } = withhold(stored, '1:/data/text=FOI.s40');
    expect(places(withheld)).toEqual([
      '1:/data/text=FOI.s40',
      '2:/data/source=FOI.s40',
      '2:/data/sourceSha256=FOI.s40',
    ]);
  });

  test('given only a file, then its digest is withheld with it', () => {
    const stored = history(comment('A text.'), source('Title'));
    expect(places(withhold(stored, '2:/data/source=x').withheld)).toEqual([
      '2:/data/source=x',
      '2:/data/sourceSha256=x',
    ]);
  });

  test('given a comment that another one completes, then both are withheld', () => {
    const stored = history(comment('It beg'), [
      'CommentAdded',
      { text: 'It began.', visibility: 'public', completes: idOf(1) },
    ]);
    expect(places(withhold(stored, '2:/data/text=a').withheld)).toEqual(['1:/data/text=a', '2:/data/text=a']);
  });

  test('given an internal value that is also withheld by itself, then the named exemption counts', () => {
    const stored = history(comment('For us alone.', 'internal'));
    expect(places(withhold(stored, 'internal', '1:/data/text=DPA.s45(4)').withheld)).toEqual([
      '1:/data/text=DPA.s45(4)',
    ]);
  });

  test('occurs nowhere else in the pack, and everything else is unchanged', () => {
    const word = fc.uniqueArray(fc.stringMatching(/^[a-z]{20,30}$/), { minLength: 2, maxLength: 8 });
    const choice = fc.record({
      internal: fc.boolean(),
      inSource: fc.boolean(),
      erased: fc.boolean(),
      chosen: fc.boolean(),
    });
    const choices = fc.array(choice, { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(word, choices, fc.boolean(), (words, marks, isInternal) => {
        const marked = words.map((text, index) => ({ text, version: index + 1, ...marks[index]! }));
        const stored = history(
          ...marked.map(({ text, internal }) => comment(text, internal ? 'internal' : 'public')),
          ...marked
            .filter(({ inSource }) => inSource)
            .map(({ text }) => source(`Title\n\nSays ${text} and more.`)),
          ...marked.filter(({ erased }) => erased).map(({ version }) => redactionOf(version, 'a reason')),
        );
        const named = marked.filter(({ chosen, erased }) => chosen && !erased);
        const choices = named.map(({ version }) => `${version}:/data/text=c`);
        const { events, withheld } = withhold(stored, ...choices, ...(isInternal ? ['internal'] : []));
        const out = allText(events);
        for (const { text, internal, inSource, erased, chosen } of marked) {
          const isGone = erased || chosen || (isInternal && internal);
          // A redaction before the import does not affect the imported file.
          if (!(erased && inSource)) expect([text, out.includes(text)]).toEqual([text, !isGone]);
        }
        const missing = events.flatMap(({ version, commitments, salts }) =>
          Object.keys(commitments)
            .filter((pointer) => !Object.hasOwn(salts, pointer))
            .filter((pointer) => !(pointer === '/data/text' && marked[version - 1]?.erased))
            .map((pointer) => `${version}:${pointer}`),
        );
        expect(withheld.map(({ version, pointer }) => `${version}:${pointer}`).sort()).toEqual(
          missing.sort(),
        );
        expect(events.some(({ salts }) => Object.hasOwn(salts, COMMAND_DIGEST))).toBe(false);
      }),
    );
  });
});

describe('a choice is refused', () => {
  const stored = history(comment('A text.'), comment('Gone.'), redactionOf(2, 'It named a person.'), [
    'ProgressStarted',
    {},
  ]);
  test.each([
    ['nothing', 'is "nothing"'],
    ['0:/data/text=a', 'is "0:/data/text=a"'],
    ['1:/data/text=', 'is "1:/data/text="'],
    ['1:/data/text=an exemption', 'is "1:/data/text=an exemption"'],
    ['5:/data/text=a', 'names version 5, but the record has 4 events'],
    [
      '1:/data/visibility=a',
      'names /data/visibility of version 1, which is not one of its texts: it has /data/text',
    ],
    ['4:/data/text=a', 'names /data/text of version 4, which is not one of its texts: it has none'],
    ['2:/data/text=a', 'names /data/text of version 2, which was erased'],
  ])('%s', (choice, detail) => {
    expect(() => withhold(stored, choice)).toThrow(
      expect.objectContaining({
        code: 'invalid-parameter',
        message: expect.stringContaining(detail) as unknown,
      }),
    );
  });

  test('with two exemptions for one value', () => {
    expect(() => readWithholding(['1:/data/text=a', '1:/data/text=b'])).toThrow(
      'names 1:/data/text under two codes',
    );
  });
});
