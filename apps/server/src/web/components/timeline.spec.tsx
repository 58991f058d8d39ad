import { describe, expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { renderToString } from 'preact-render-to-string';
import { Tag } from './blocks.tsx';
import { Timeline } from './timeline.tsx';
import type { TimelineOptions } from './timeline.tsx';

const itemsOf = (entries: TimelineOptions['entries']): Element[] => {
  const html = renderToString(<Timeline entries={entries} />);
  return [...parseHTML(`<html><body>${html}</body></html>`).document.querySelectorAll('ol > li')];
};
const textOf = (element: Element | null): string => (element?.textContent ?? '').replace(/\s+/g, ' ').trim();

describe('a timeline', () => {
  const closed = { title: 'Closed', date: '2 June 2016', byline: 'A. Clerk, approver', id: 'event-4' };
  const noted = { title: 'Comment', date: '1 June 2016', tag: <Tag>Internal</Tag>, content: <p>Seen.</p> };

  test('given entries, has an item for each, in their order', () => {
    expect(itemsOf([closed, noted]).map((item) => textOf(item.querySelector('h3')))).toEqual([
      'Closed',
      'Comment Internal',
    ]);
  });

  test('names person and time, and has an anchor', () => {
    const [item] = itemsOf([closed]);

    expect(item!.id).toBe('event-4');
    expect([...item!.children].map((child) => `${child.localName} ${textOf(child)}`)).toEqual([
      'div Closed 2 June 2016',
      'p A. Clerk, approver',
    ]);
  });

  test('given a time without events, shows it between the entries, without a heading', () => {
    const [, gap] = itemsOf([closed, { gap: '3 years without an event' }, noted]);

    expect(textOf(gap!)).toBe('3 years without an event');
    expect(gap!.querySelector('h3')).toBeNull();
  });

  test('given an empty entry, has no item for it', () => {
    expect(itemsOf([false, closed, undefined])).toHaveLength(1);
  });
});
