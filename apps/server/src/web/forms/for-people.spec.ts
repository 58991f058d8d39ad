import 'reflect-metadata';
import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { lifecycles } from '#state-machines/lifecycles';
import { describe, expect, test } from '@jest/globals';
import { forPeople } from './for-people.ts';

test.each([
  [
    'The record must be being-progressed; it is no-further-action-needed. The state of its closure must be requested; it is none',
    'The record must be “Being progressed”; it is “No further action needed”. The state of its closure must be requested; it is none.',
  ],
  [
    'The record must be awaiting-review or being-progressed; it is complete; use reopen first',
    'The record must be “Awaiting review” or “Being progressed”; it is complete. Use “Reopen the recommendation” first.',
  ],
  [
    'No correction is pending; use request-correction first',
    'No correction is pending. Use “Request a correction” first.',
  ],
  [
    'effectiveOn 2026-12-01 must not be later than today, 2026-11-24',
    'The effective date 1 December 2026 must not be later than today, 24 November 2026.',
  ],
  [
    'Only a force lead can use add-comment; you are an auditor',
    'Only a force lead can use “Add a comment”; you are an auditor.',
  ],
  // Invalid dates, and names within other words, stay as they are.
  ['recommendation-supersede is 2026-13-45', 'Recommendation-supersede is 2026-13-45.'],
])('"%s" is rephrased for pages', (detail, text) => {
  expect(forPeople(detail)).toBe(text);
});

describe('names of payload members', () => {
  const members = new Set(
    lifecycles.currents.flatMap(({ commands }) =>
      Object.values(commands).flatMap(({ payload }) => Object.keys(payload.members)),
    ),
  );
  const camelCase = [...members, 'publishedOn', 'responseDueOn', 'mediaType'].filter((name) =>
    /[A-Z]/.test(name),
  );

  test.each(camelCase)('%s does not reach a page', (name) => {
    expect(forPeople(`${name} 2020-01-31 is too early`)).toMatch(
      /^[A-Z][a-z ]+ 31 January 2020 is too early\.$/,
    );
  });
});

/** Returns all texts with a space in a source file; 1 replaces each placeholder. */
function textsOf(file: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node))
      texts.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('1'));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest));
  return texts.filter((text) => text.includes(' '));
}

test('no refusal or validation message reaches a page with an identifier of the code in it', () => {
  const files = globSync(['state-machines/**/*.ts', 'libs/lifecycle/src/*.ts']).filter(
    (file) => !/\.spec\.ts$|fixtures|check-(definition|lifecycle)|lifecycles\.ts|\bkind\.ts/.test(file),
  );
  const texts = files.flatMap(textsOf);
  expect(texts.filter((text) => /\b[a-z]+[A-Z]/.test(text)).length).toBeGreaterThan(5);
  const shown = texts.map((text) => forPeople(text));
  expect(shown.filter((text) => /\b[A-Za-z][a-z]+[A-Z][a-z]/.test(text))).toEqual([]);
});

test('an event is named in words', () => {
  expect(forPeople('dueOn corrects an event; event 7 is DeadlineExtended')).toBe(
    'The date corrects an event; event 7 is “Deadline extended”.',
  );
});
