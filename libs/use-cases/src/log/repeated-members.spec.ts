import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { repeatedMember } from './repeated-members.ts';

describe('a member that is named twice', () => {
  it.each([
    ['{"type":"a","type":"b"}', '/type'],
    ['{"a":1,"b":2,"a":1}', '/a'],
    ['{"type":"a","t\\u0079pe":"b"}', '/type'],
    ['{"a":{"b":1,"b":2}}', '/a/b'],
    ['{"a":[{"b":1},{"x":[],"b":1,"b":2}]}', '/a/1/b'],
    ['[1,[2,{"":1,"":2}]]', '/1/1/'],
    ['{"a/b~c":1,"a/b~c":2}', '/a~1b~0c'],
    ['{"a":"b:\\"c\\"","a":"\\\\"}', '/a'],
    ['{ "a" : 1 , "__proto__" : 2 , "__proto__" : 3 }', '/__proto__'],
  ])('is pointed to: %s', (text, pointer) => {
    expect(repeatedMember(text)).toBe(pointer);
  });

  it.each([
    'null',
    '"a:b"',
    '[]',
    '{}',
    '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}',
    '{"a":"\\"a\\":1,\\"a\\":2"}',
    '{"a\\\\":":","b":"\\\\\\":"}',
    '{"a":1,"A":2}',
  ])('is in none of %s', (text) => {
    expect(repeatedMember(text)).toBeNull();
  });

  test('is found wherever it is inserted into any object, and nowhere else', () => {
    const key = fc.oneof(fc.constantFrom('a', '"', '\\', ':', '~', '/', 'é'), fc.string());
    const json = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 0 }),
        fc.array(tie('value')),
        fc.dictionary(key, tie('value'), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(json.value, fc.nat(), fc.boolean(), (value, place, spaced) => {
        const text = JSON.stringify(value, null, spaced ? 2 : 0);
        expect(repeatedMember(text)).toBeNull();
        // The start of every object outside strings, with its first member's name.
        const firsts = [...text.matchAll(/"(?:[^"\\]|\\.)*"|\{\s*("(?:[^"\\]|\\.)*")/g)].filter(
          ([, name]) => name !== undefined,
        );
        if (firsts.length === 0) return;
        const { index, 1: name = '' } = firsts[place % firsts.length]!;
        const doubled = `${text.slice(0, index)}{${name}:0,${text.slice(index + 1)}`;
        const last = (repeatedMember(doubled) ?? '').split('/').at(-1);
        expect(last?.replaceAll('~1', '/').replaceAll('~0', '~')).toBe(JSON.parse(name));
      }),
    );
  });

  test('is found in a body of any depth', () => {
    const depth = 200_000;
    const text = `${'{"a":'.repeat(depth)}{"b":1,"b":2}${'}'.repeat(depth)}`;
    expect(repeatedMember(text)).toBe(`${'/a'.repeat(depth)}/b`);
    expect(repeatedMember(`${'['.repeat(depth)}${']'.repeat(depth)}`)).toBeNull();
  });
});
