import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { Fragment, h } from 'preact';
import type { ComponentChild, FunctionComponent, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { Breadcrumbs } from './breadcrumbs.tsx';
import { Button } from './button.tsx';
import { Checkboxes } from './checkboxes.tsx';
import { DateInput } from './date-input.tsx';
import { Details } from './details.tsx';
import { ErrorMessage } from './error-message.tsx';
import { ErrorSummary } from './error-summary.tsx';
import { Fieldset } from './fieldset.tsx';
import { FileUpload } from './file-upload.tsx';
import { Footer } from './footer.tsx';
import { GenericHeader } from './generic-header.tsx';
import { Hint } from './hint.tsx';
import { Input } from './input.tsx';
import { InsetText } from './inset-text.tsx';
import { Label } from './label.tsx';
import { NotificationBanner } from './notification-banner.tsx';
import { Pagination } from './pagination.tsx';
import { Radios } from './radios.tsx';
import { Select } from './select.tsx';
import { ServiceNavigation } from './service-navigation.tsx';
import { SkipLink } from './skip-link.tsx';
import { SummaryList } from './summary-list.tsx';
import { Tag } from './tag.tsx';
import { Textarea } from './textarea.tsx';
import { WarningText } from './warning-text.tsx';

const PORTED: Readonly<Record<string, FunctionComponent<never>>> = {
  breadcrumbs: Breadcrumbs,
  button: Button,
  checkboxes: Checkboxes,
  'date-input': DateInput,
  details: Details,
  'error-message': ErrorMessage,
  'error-summary': ErrorSummary,
  fieldset: Fieldset,
  'file-upload': FileUpload,
  footer: Footer,
  'generic-header': GenericHeader,
  hint: Hint,
  input: Input,
  'inset-text': InsetText,
  label: Label,
  'notification-banner': NotificationBanner,
  pagination: Pagination,
  radios: Radios,
  select: Select,
  'service-navigation': ServiceNavigation,
  'skip-link': SkipLink,
  'summary-list': SummaryList,
  tag: Tag,
  textarea: Textarea,
  'warning-text': WarningText,
};

/** Components of the package that no page needs. */
const NOT_NEEDED: Readonly<Record<string, string>> = {
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

/** Fixtures of options that we do not have, by component and name, with the reason. */
const LEFT_OUT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'date-input': {
    'with field value and items': 'the parts are given by name or as a list, not as both',
    'with error on single field using classes': 'a part says that it is wrong by `error`',
    'with error on single item using classes': 'a part says that it is wrong by `error`',
  },
  'file-upload': { translated: 'the pages are in English' },
  label: { empty: 'every label has words' },
  pagination: { 'with empty items': 'an entry that is nothing is `false`, not an empty object' },
};

/** What the macros suppose where nothing is said, and our types ask for. */
const SUPPOSED: Readonly<Record<string, Options>> = {
  select: { items: [] },
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

// From the macros' options to ours.

/** Markup as JSX. */
const parsed = (html: string): VNode => h(Fragment, null, [...bodyOf(html).childNodes].map(asJsx));

function asJsx(node: ChildNode): ComponentChild {
  if (node.nodeType !== node.ELEMENT_NODE) return node.textContent;
  const element = node as Element;
  const attributes = Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
  return h(element.localName, attributes, [...element.childNodes].map(asJsx));
}

const isOptions = (value: Json): value is Options =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `text` or `html` becomes the content, `titleText` or `titleHtml` the title; what is nothing but content becomes that. */
function mapped(given: Json): unknown {
  if (Array.isArray(given)) return given.map(mapped);
  if (!isOptions(given)) return given;
  const options = Object.fromEntries(Object.entries(given).map(mappedOption));
  return Object.keys(options).join() === 'content' ? options['content'] : options;
}

function mappedOption([name, value]: readonly [string, Json]): [string, unknown] {
  const [, subject, form] = /^(|title|summary|description|logo)(text|html)$/i.exec(name) ?? [];
  if (subject !== undefined && form !== undefined)
    return [
      subject || 'content',
      form.toLowerCase() === 'html' && typeof value === 'string' ? parsed(value) : value,
    ];
  if (name === 'slots' && isOptions(value)) return [name, mapped(asMarkup(value))];
  return [name, /attributes$/i.test(name) ? value : mapped(value)];
}

/** What stands in a slot is markup, also where it is not said so. */
const asMarkup = (slots: Options): Options =>
  Object.fromEntries(
    Object.entries(slots).map(([name, slot]) => [name, typeof slot === 'string' ? { html: slot } : slot]),
  );

function rendered(component: string, { options }: Fixture): string {
  const { content, ...props } = Object.fromEntries(
    Object.entries({ ...SUPPOSED[component], ...options }).map(mappedOption),
  );
  return renderToString(h(PORTED[component] as FunctionComponent<object>, props, content as ComponentChild));
}

// What is compared: elements with their attributes in the order of their names, and the text that is seen.

/** Elements that stand in a line of text; a space between texts counts where only these are between them. */
const INLINE = new Set(['a', 'abbr', 'b', 'code', 'em', 'i', 'span', 'strong']);

/** A document as lines: a tag, an attribute or a text each. */
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

/** Classes have no order. */
const inOrder = (name: string, value: string): string =>
  name === 'class' ? value.trim().split(/\s+/).sort().join(' ') : value;

/** The fixture's markup, without what only services of the state may show. */
function expected(component: string, { html }: Fixture): string[] {
  if (component !== 'footer') return linesOf(html);
  const body = bodyOf(html);
  const ofTheState =
    '.govuk-footer__crown, .govuk-footer__licence-logo, .govuk-footer__licence-description, .govuk-footer__meta-item:last-child';
  for (const element of body.querySelectorAll(ofTheState)) element.remove();
  return linesOf(body.innerHTML);
}

describe.each(Object.keys(PORTED))('%s, given the options of a fixture of the package', (component) => {
  test.each(fixturesOf(component))('renders its markup, or is left out: $name', (fixture) => {
    const compared = expect(linesOf(rendered(component, fixture)));

    if (LEFT_OUT[component]?.[fixture.name] === undefined) compared.toEqual(expected(component, fixture));
    else compared.not.toEqual(expected(component, fixture));
  });

  test('has every fixture that is said to be left out', () => {
    expect(fixturesOf(component).map(({ name }) => name)).toEqual(
      expect.arrayContaining(Object.keys(LEFT_OUT[component] ?? {})),
    );
  });
});

describe('the package', () => {
  test('has no component that is neither ported nor left out with a reason', () => {
    const components = readdirSync(FOLDER, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);

    expect([...Object.keys(PORTED), ...Object.keys(NOT_NEEDED)].sort()).toEqual(components.sort());
  });

  test('is compared by more than nothing', () => {
    expect(Object.keys(PORTED).flatMap(fixturesOf).length).toBeGreaterThan(500);
    expect(linesOf('<p class="b a">One<b>two</b> three</p>')).not.toEqual(
      linesOf('<p class="a b">One<b>two</b>three</p>'),
    );
  });
});
