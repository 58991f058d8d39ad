import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { Fragment, h } from 'preact';
import type { ComponentChild, FunctionComponent, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { Button } from './button.tsx';
import { Checkboxes, Radios } from './choices.tsx';
import { DateInput, FileUpload, Input, Select, Textarea } from './fields.tsx';
import {
  Details,
  ErrorSummary,
  InsetText,
  Tag,
  WarningText,
  NotificationBanner,
  SummaryList,
} from './blocks.tsx';
import { Pagination } from './pagination.tsx';

const under = (name: string, options: readonly string[]): string[] =>
  options.map((option) => `${name}.${option}`);

const TEXT = ['text', 'html'];
const LOOKS = ['classes', 'attributes'];
const GROUP = [...under('hint', TEXT), ...under('errorMessage', TEXT)];
const LABEL = [...TEXT, 'classes'];
const FIELD = ['name', 'id', ...LOOKS, ...GROUP, ...under('label', LABEL)];
const FIELDSET = [...GROUP, ...under('fieldset', under('legend', LABEL))];
const CHOICE = [
  ...TEXT,
  'value',
  'checked',
  'divider',
  ...under('hint', TEXT),
  ...under('conditional', TEXT),
];
const CHOICES = ['name', 'idPrefix', ...LOOKS, ...FIELDSET, ...under('items', CHOICE)];
const LINK = ['href', ...TEXT, 'labelText'];

/** Ported components and the options that our pages use; other fixtures are skipped. */
const PORTED: Readonly<Record<string, readonly [FunctionComponent<never>, readonly string[]]>> = {
  button: [Button, [...TEXT, ...LOOKS, 'name', 'value', 'href', 'preventDoubleClick']],
  checkboxes: [Checkboxes, [...CHOICES, 'values']],
  'date-input': [DateInput, ['id', 'namePrefix', ...FIELDSET]],
  details: [Details, ['id', 'open', 'summaryText', 'summaryHtml', ...TEXT, ...LOOKS]],
  'error-summary': [ErrorSummary, ['titleText', 'titleHtml', ...under('errorList', ['href', ...TEXT])]],
  'file-upload': [FileUpload, [...FIELD, 'multiple']],
  input: [Input, [...FIELD, 'value', 'type', 'inputmode', 'autocomplete', 'autocapitalize', 'spellcheck']],
  'inset-text': [InsetText, TEXT],
  'notification-banner': [NotificationBanner, ['html', 'titleText', 'titleHtml', 'type', 'role', ...LOOKS]],
  pagination: [Pagination, ['landmarkLabel', ...under('previous', LINK), ...under('next', LINK)]],
  radios: [Radios, [...CHOICES, 'value']],
  select: [Select, [...FIELD, 'value', ...under('items', ['text', 'value'])]],
  'summary-list': [
    SummaryList,
    ['classes', ...under('rows', [...under('key', TEXT), ...under('value', TEXT)])],
  ],
  tag: [Tag, [...TEXT, 'classes']],
  textarea: [Textarea, [...FIELD, 'value', 'rows', 'spellcheck']],
  'warning-text': [WarningText, TEXT],
};

/** Fixtures that our types do not allow. */
const ILL_TYPED = [
  ...['select: hint', 'select: with falsy values', 'select: without values'],
  'select: without values with selected value',
];

/** Components of the package that are not ported. */
const NOT_PORTED: Readonly<Record<string, string>> = {
  ...{
    breadcrumbs: 'in `send-page.tsx`',
    footer: 'in `send-page.tsx`',
    'generic-header': 'in `send-page.tsx`',
  },
  ...{ 'service-navigation': 'in `send-page.tsx`', 'skip-link': 'in `send-page.tsx`' },
  ...{ 'error-message': 'in `fields.tsx`', fieldset: 'in `fields.tsx`', hint: 'in `fields.tsx`' },
  label: 'in `fields.tsx`',
  accordion: 'pages show what they have',
  'back-link': 'breadcrumbs lead to the list that one came from',
  'character-count': 'few texts come near the limit, and the error names it',
  'cookie-banner': 'there is no cookie but the session',
  'exit-this-page': 'for services whose users are in danger from who sees them',
  feedback: 'there is nowhere that it would be sent',
  header: 'it has the crown',
  'language-navigation': 'the pages are in English',
  panel: 'a page that is done leads to what was done',
  'password-input': 'passwords are the identity provider’s',
  'phase-banner': 'there is no phase to tell of',
  table: 'lists are cards in a narrow window (`stacked-table.tsx`)',
  tabs: 'pages show what they have',
  'task-list': 'what waits are queues with counts',
};

interface Fixture {
  readonly name: string;
  readonly options: Options;
  readonly html: string;
}
type Json = string | number | boolean | null | readonly Json[] | Options;
interface Options {
  readonly [name: string]: Json;
}

const FOLDER = join(
  dirname(createRequire(import.meta.url).resolve('govuk-frontend/package.json')),
  'dist/govuk/components',
);
const fixturesOf = (component: string): readonly Fixture[] =>
  (
    JSON.parse(readFileSync(join(FOLDER, component, 'fixtures.json'), 'utf8')) as {
      fixtures: readonly Fixture[];
    }
  ).fixtures;

function bodyOf(html: string): HTMLElement {
  const { body } = parseHTML(`<!doctype html><html><body>${html}</body></html>`).document;
  body.normalize();
  return body;
}

// Conversion of the macros' options to our own.

/** Parses markup to JSX. */
const parseMarkup = (html: string): VNode => h(Fragment, null, [...bodyOf(html).childNodes].map(asJsx));

function asJsx(node: ChildNode): ComponentChild {
  if (node.nodeType !== node.ELEMENT_NODE) return node.textContent;
  const element = node as Element;
  const attributes = Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
  return h(element.localName, attributes, [...element.childNodes].map(asJsx));
}

const isOptions = (value: Json): value is Options =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Renames `text` or `html` to the content and `titleText` or `titleHtml` to the title. */
function convertOptions(value: Json): unknown {
  if (Array.isArray(value)) return value.map(convertOptions);
  if (!isOptions(value)) return value;
  const options = Object.fromEntries(Object.entries(value).map(mappedOption));
  return Object.keys(options).join() === 'content' ? options['content'] : options;
}

function mappedOption([name, value]: readonly [string, Json]): [string, unknown] {
  const [, subject, form] = /^(|title|summary|description|logo)(text|html)$/i.exec(name) ?? [];
  if (subject !== undefined && form !== undefined)
    return [
      subject || 'content',
      form.toLowerCase() === 'html' && typeof value === 'string' ? parseMarkup(value) : value,
    ];
  return [name, /attributes$/i.test(name) ? value : convertOptions(value)];
}

function renderFixture(component: string, { options }: Fixture): string {
  const { content, ...props } = Object.fromEntries(Object.entries(options).map(mappedOption));
  return renderToString(
    h(PORTED[component]?.[0] as FunctionComponent<object>, props, content as ComponentChild),
  );
}

// Comparison of elements with sorted attributes, and of the visible text.

/** Inline elements, beside which a space counts. */
const INLINE = new Set(['a', 'abbr', 'b', 'code', 'em', 'i', 'span', 'strong']);

/** Serialises a document to lines: one for each tag, attribute or text. */
function linesOf(html: string): string[] {
  const lines: string[] = [];
  let [hasTextBefore, hasSpaceBefore] = [false, false];
  const boundary = (name: string): void => {
    if (!INLINE.has(name)) [hasTextBefore, hasSpaceBefore] = [false, false];
  };
  const textLine = (text: string): void => {
    const words = text.replace(/[ \n\t\r\f]+/g, ' ');
    if (words.trim() === '') {
      hasSpaceBefore ||= words !== '';
      return;
    }
    const space = hasTextBefore && (hasSpaceBefore || words.startsWith(' ')) ? '␣' : '';
    lines.push(`${space}${words.trim()}`);
    [hasTextBefore, hasSpaceBefore] = [true, words.endsWith(' ')];
  };
  const walk = (node: ChildNode): void => {
    if (node.nodeType === node.TEXT_NODE) textLine(node.textContent ?? '');
    if (node.nodeType !== node.ELEMENT_NODE) return;
    const element = node as Element;
    boundary(element.localName);
    lines.push(`<${element.localName}>`, ...attributeLines(element));
    if (element.localName === 'textarea') lines.push(element.textContent);
    else element.childNodes.forEach(walk);
    lines.push(`</${element.localName}>`);
    boundary(element.localName);
  };
  bodyOf(html).childNodes.forEach(walk);
  return lines;
}

const attributeLines = ({ attributes }: Element): string[] =>
  [...attributes].map(({ name, value }) => `  ${name}="${inOrder(name, value)}"`).sort();

/** The order of classes does not matter. */
const inOrder = (name: string, value: string): string =>
  name === 'class' ? value.trim().split(/\s+/).sort().join(' ') : value;

/** Returns the names of a fixture's options, nested ones included. */
const optionsIn = (options: Options): readonly string[] =>
  Object.entries(options).flatMap(([name, value]) => {
    if (name === 'attributes') return [name];
    const items = Array.isArray(value) ? (value as readonly Json[]) : [value];
    return items.flatMap((item) => (isOptions(item) ? under(name, optionsIn(item)) : [name]));
  });

const comparedOf = (component: string): readonly Fixture[] =>
  fixturesOf(component).filter(
    ({ name, options }) =>
      !ILL_TYPED.includes(`${component}: ${name}`) &&
      optionsIn(options).every((option) => PORTED[component]?.[1].includes(option)),
  );

describe.each(Object.keys(PORTED))('%s, with the options of a fixture of the package', (component) => {
  test.each(comparedOf(component))('renders its markup: $name', (fixture) => {
    expect(linesOf(renderFixture(component, fixture))).toEqual(linesOf(fixture.html));
  });
});

describe('the package', () => {
  test('has no component that is neither ported nor left out with a reason', () => {
    const components = readdirSync(FOLDER, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);

    expect([...Object.keys(PORTED), ...Object.keys(NOT_PORTED)].sort()).toEqual(components.sort());
  });

  test('is compared with at least one fixture', () => {
    expect(Object.keys(PORTED).flatMap(comparedOf).length).toBeGreaterThan(100);
    expect(linesOf('<p class="b a">One<b>two</b> three</p>')).not.toEqual(
      linesOf('<p class="a b">One<b>two</b>three</p>'),
    );
  });
});
