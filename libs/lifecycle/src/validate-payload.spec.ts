import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { freeText, list, namedObject, object, oneOf, optional } from './fields.ts';
import { CommandRefusedError } from './refused.ts';
import { commandPayload } from './shapes.ts';
import type { PayloadShape } from './shapes.ts';
import { FREE_TEXT_MAX } from './text-rules.ts';
import { InvalidPayloadError, validatePayload } from './validate-payload.ts';

const item = { name: freeText(undefined, { max: 20 }) };
const NotePayload = commandPayload('NotePayload', {
  text: freeText(),
  visibility: optional(oneOf(['public', 'internal'])),
  items: optional(list(namedObject('ItemPayload', item))),
  cover: optional(object(item)),
});
const NothingPayload = commandPayload('NothingPayload', {});

/** Returns the problems of a body, in the order reported. */
function problemsOf(body: unknown, payload: PayloadShape = NotePayload): unknown[] {
  try {
    validatePayload(payload, body);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidPayloadError)) throw error;
    return [...error.problems];
  }
}
const json = (text: string): unknown => JSON.parse(text);

describe('a valid body', () => {
  test('is accepted with exactly its members', () => {
    const payload = validatePayload(NotePayload, { text: 'x', items: [{ name: 'a' }], cover: { name: 'b' } });
    expect(JSON.stringify(payload)).toBe('{"text":"x","items":[{"name":"a"}],"cover":{"name":"b"}}');
  });

  test.each([undefined, {}])('may be absent where nothing is required: %j', (body) => {
    expect(JSON.stringify(validatePayload(NothingPayload, body))).toBe('{}');
  });

  test('keeps every text unchanged', () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 200 })
      .filter((each) => !each.includes('\0'));
    fc.assert(
      fc.property(text, (each) => {
        fc.pre(/[^\s\p{Cc}\p{Cf}\u115f\u1160\u3164\u2800]/u.test(each));
        expect(validatePayload(NotePayload, json(JSON.stringify({ text: each }))).text).toBe(each);
      }),
    );
  });
});

describe('a body that is not an object', () => {
  test.each(['a text', '', null, 5, 0, true, false, [], [{ text: 'x' }]])('is refused: %j', (body) => {
    expect(problemsOf(body)).toEqual([{ pointer: '', detail: 'must be a JSON object' }]);
  });

  test('is refused if it is the stream of a body of another type', () => {
    expect(problemsOf(Readable.from([]))).toEqual([{ pointer: '', detail: 'must be a JSON object' }]);
  });

  test('is a refusal of the kind "invalid"', () => {
    const act = () => validatePayload(NotePayload, { text: '' });
    expect(act).toThrow(CommandRefusedError);
    expect(act).toThrow(
      expect.objectContaining({
        kind: 'invalid',
        code: 'invalid-payload',
        message: '/text must not be blank',
        details: { errors: [{ pointer: '/text', detail: 'must not be blank' }] },
      }),
    );
  });
});

describe('unknown members', () => {
  const unknown = 'is not a member of this payload';

  test.each([
    'other',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'valueOf',
    'then',
    '',
  ])('are refused: %j', (name) => {
    expect(problemsOf(json(`{"text": "x", ${JSON.stringify(name)}: 1}`))).toEqual([
      { pointer: `/${name}`, detail: unknown },
    ]);
    expect(problemsOf(json(`{"text": "x", ${JSON.stringify(name)}: {"text": "y"}}`))).toEqual([
      { pointer: `/${name}`, detail: unknown },
    ]);
  });

  test('are refused within members too, and change no object', () => {
    expect(problemsOf(json('{"text": "x", "cover": {"name": "a", "__proto__": {"polluted": 1}}}'))).toEqual([
      { pointer: '/cover/__proto__', detail: unknown },
    ]);
    expect(problemsOf(json('{"text": "x", "items": [{"name": "a"}, {"name": "b", "size": 1}]}'))).toEqual([
      { pointer: '/items/1/size', detail: unknown },
    ]);
    expect({}).not.toHaveProperty('polluted');
  });

  test('are named by a JSON pointer', () => {
    expect(problemsOf({ text: 'x', 'a/b~c': 1 })).toEqual([{ pointer: '/a~1b~0c', detail: unknown }]);
  });

  test('are refused with any content', () => {
    const known = ['text', 'effectiveOn', 'visibility', 'items', 'cover'];
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        fc.pre(!known.includes(name));
        const body = json(`{"text": "x", ${JSON.stringify(name)}: ${JSON.stringify(value)}}`);
        expect(problemsOf(body).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('members', () => {
  test.each([
    ['effectiveOn', null, 'must be a valid date in the format YYYY-MM-DD'],
    ['effectiveOn', '2016-06-31', 'must be a valid date in the format YYYY-MM-DD'],
    ['effectiveOn', 20160630, 'must be a valid date in the format YYYY-MM-DD'],
    ['effectiveOn', ['2016-06-30'], 'must be a valid date in the format YYYY-MM-DD'],
    ['visibility', null, 'must be one of the following values: public, internal'],
    ['visibility', ['public'], 'must be one of the following values: public, internal'],
    ['visibility', 'Public', 'must be one of the following values: public, internal'],
    ['items', null, 'must be a list'],
    ['items', {}, 'must be a list'],
    ['items', 'a', 'must be a list'],
    ['cover', null, 'must be an object'],
    ['cover', [], 'must be an object'],
    ['cover', 'a', 'must be an object'],
    ['text', null, 'must be a string'],
    ['text', 5, 'must be a string'],
    ['text', ['x'], 'must be a string'],
    ['text', { length: 1 }, 'must be a string'],
    ['text', undefined, 'must be a string'],
  ])('%s: %j is refused, not converted', (name, value, detail) => {
    expect(problemsOf({ text: 'x', [name]: value })).toContainEqual({ pointer: `/${name}`, detail });
  });

  test('that are invalid are all reported at once, each by its pointer', () => {
    const body = {
      text: '',
      effectiveOn: 'soon',
      items: [{ name: 'a' }, { name: '' }, {}],
      cover: { name: 7 },
    };
    expect(problemsOf(body)).toEqual([
      { pointer: '/text', detail: 'must not be blank' },
      { pointer: '/items/1/name', detail: 'must not be blank' },
      { pointer: '/items/2/name', detail: 'must be a string' },
      { pointer: '/cover/name', detail: 'must be a string' },
      { pointer: '/effectiveOn', detail: 'must be a valid date in the format YYYY-MM-DD' },
    ]);
  });

  test('are not lists of lists, which would be flattened', () => {
    expect(problemsOf({ text: 'x', items: [[{ name: 'a' }]] })).toEqual([
      { pointer: '/items/0', detail: 'must not be a list within a list' },
    ]);
  });

  test('are not nested without end', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const body = json(`{"text": ${open.repeat(5_000)}1${close.repeat(5_000)}}`);
      expect(problemsOf(body).length).toBeGreaterThan(0);
    }
  });
});

describe('free text', () => {
  const blanks = [
    '',
    ' ',
    '\t\r\n\v\f',
    '\u00a0',
    '\u0085',
    '\u1680',
    '\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
    '\u2028\u2029',
    '\u202f\u205f\u3000',
    '\ufeff',
    ' \u0085\u00a0\ufeff ',
    '\u200b',
    '\u2060\ufeff',
    '\u00ad\u200e\u202e',
    '\u3164\u115f\u2800',
  ];

  test.each(blanks)('is not blank: %j', (text) => {
    expect(problemsOf({ text })).toEqual([{ pointer: '/text', detail: 'must not be blank' }]);
  });

  test.each(['.', ' a ', '\u0085a', '0', '\u0301', '😀'])('is any visible character: %j', (text) => {
    expect(problemsOf({ text })).toEqual([]);
  });

  test.each(['\ud800', 'a\udc00', '\udc00\ud800', `${'a'.repeat(10)}\ud83d`])(
    'is well-formed Unicode: %j',
    (text) => {
      expect(problemsOf({ text })).toEqual([{ pointer: '/text', detail: 'must be well-formed Unicode' }]);
    },
  );

  test.each(['a', 'é', '中', '😀'])('is at most 50,000 characters, of %s too', (character) => {
    expect(FREE_TEXT_MAX).toBe(50_000);
    expect(problemsOf({ text: character.repeat(50_000) })).toEqual([]);
    expect(problemsOf({ text: character.repeat(50_001) })).toEqual([
      { pointer: '/text', detail: 'must be at most 50000 characters' },
    ]);
  });

  test('counts marks and joiners', () => {
    for (const mark of ['\ufe0f', '\u200d', '\u0301']) {
      expect(problemsOf({ text: `a${mark.repeat(50_000)}` })).toEqual([
        { pointer: '/text', detail: 'must be at most 50000 characters' },
      ]);
    }
    expect(problemsOf({ text: '❤\ufe0f'.repeat(25_001) })).toEqual([
      { pointer: '/text', detail: 'must be at most 50000 characters' },
    ]);
  });
});

describe('a payload with far too much content', () => {
  test.each([
    ['members', Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`m${index}`, 1]))],
    ['members within', { inner: Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`m${i}`, 1])) }],
    ['items', { items: Array.from({ length: 50_000 }, () => ({})) }],
  ])('is refused for its %s before anything is done with them', (_, body) => {
    const problems = problemsOf(body);
    expect(problems).toMatchObject([{ detail: expect.stringContaining('; the limit is 250') }]);
  });

  test('has its first problems reported only', () => {
    const body = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`m${index}`, 1]));
    expect(problemsOf(body)).toHaveLength(20);
  });
});
