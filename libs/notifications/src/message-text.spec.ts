import { describe, expect, test } from '@jest/globals';
import { presentNotice } from '#test/support/notices';
import { messageText } from './message-text.ts';

const bodies = new Map([['wiltshire', { name: 'Wiltshire Police' }]]);
const alone = { subscription: 'wiltshire-lead', digestOn: null, bodies };

describe('a mail about one notice', () => {
  test('names in text its subject, and the address of the record', () => {
    expect(messageText([presentNotice()], alone)).toMatchObject({
      subject: 'Deadline passed: recommendation 730, due 23 November 2026',
      text: `Deadline passed: recommendation 730, due 23 November 2026
  Title: A title
  Body: Wiltshire Police
  Status: being progressed
  Overdue since: 24 November 2026
  https://docket.example/recommendations/730

-- 
Sent by Docket for the subscription wiltshire-lead.
`,
    });
  });

  test('has the same in HTML, where nothing of the record is markup', () => {
    const title = `<script>alert("1 & 2")</script> 'quoted'`;
    const { html } = messageText([presentNotice({ title })], alone);
    expect(html).toContain('&lt;script&gt;alert(&quot;1 &amp; 2&quot;)&lt;/script&gt; &#39;quoted&#39;');
    expect(html).not.toContain('<script>');
    expect(html).toContain('<a href="https://docket.example/recommendations/730">');
  });

  test('omits missing values, and keeps the title to one line of limited length', () => {
    const bare = messageText([presentNotice({ title: null, status: null, recipient: null })], alone);
    expect(bare.text).not.toMatch(/Title|Body|Status/);
    const odd = messageText(
      [presentNotice({ title: `one\r\ntwo\u2028\u0007\u202ethree ${'😀'.repeat(200)}` })],
      alone,
    );
    const [line = ''] = /Title: .*/.exec(odd.text) ?? [];
    expect(line).toMatch(/^Title: one two three 😀+…$/u);
    expect(line.isWellFormed()).toBe(true);
    expect(line.length).toBeLessThanOrEqual(210);
  });

  test.each([
    ['approaching', null, 'Deadline approaching', 'Due: 23 November 2026'],
    ['escalated', null, 'Long overdue', 'Overdue since: 24 November 2026'],
    ['reminder', 2, 'Still overdue', 'Overdue since: 24 November 2026 (reminder 2)'],
  ] as const)(
    'of the kind %s names it, and has none of the title in its subject',
    (kind, reminder, words, date) => {
      const { subject, text } = messageText([presentNotice({ kind, reminder })], alone);
      expect(subject).toBe(`${words}: recommendation 730, due 23 November 2026`);
      expect(text).toContain(`\n  ${date}\n`);
    },
  );
});

describe('a digest', () => {
  test('contains each notice with its own link', () => {
    const other = presentNotice({
      called: 'recommendation 731',
      url: 'https://docket.example/recommendations/731',
    });
    const { subject, text, html } = messageText([presentNotice(), other], {
      ...alone,
      digestOn: '2026-11-24',
    });
    expect(subject).toBe('Deadlines, 24 November 2026: 2 notices');
    for (const id of ['730', '731']) {
      expect(text).toContain(`https://docket.example/recommendations/${id}`);
      expect(html).toContain(`<a href="https://docket.example/recommendations/${id}">`);
    }
  });
});
