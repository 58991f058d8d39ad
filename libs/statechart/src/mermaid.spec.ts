import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { travelled } from '#test/support/record-charts';
import { mermaidOf } from './mermaid.ts';

/** Mermaid's own parser. */
let parse: (text: string) => Promise<{ diagramType: string }>;

beforeAll(async () => {
  // Mermaid's sanitiser expects a page when it is loaded.
  const page: unknown = parseHTML('<html><body></body></html>');
  const { window, document } = page as { window: object; document: object };
  Object.assign(globalThis, { window, document });
  const { default: mermaid } = await import('mermaid');
  parse = (text) => mermaid.parse(text);
}, 60_000);

describe('a chart as Mermaid', () => {
  test('is accepted by Mermaid for a statechart', async () => {
    expect(await parse(mermaidOf(travelled()))).toMatchObject({ diagramType: 'stateDiagram' });
    await expect(parse(mermaidOf(travelled()).replace('-->', '->>'))).rejects.toThrow(/line \d+/);
  });

  test('has the regions beside one another, each with its initial state', () => {
    const text = mermaidOf(travelled());
    expect(text.match(/^ {4}--$/gm)).toHaveLength(3);
    expect(text.match(/\[\*\] --> \S+/g)).toEqual([
      '[*] --> in_progress__awaiting_review',
      '[*] --> in_closure__none',
      '[*] --> in_evidence__none',
      '[*] --> in_response__not_required',
    ]);
  });

  test('names the guard of an arrow, and draws an arrow from everywhere once', () => {
    const text = mermaidOf(travelled());
    expect(text).toContain('in_closure__none --> in_closure__requested : ClosureRequested [open]\n');
    expect(text.match(/EvidenceSubmitted/g)).toHaveLength(1);
    expect(text).toContain('any_of_evidence --> in_evidence__submitted : EvidenceSubmitted [open]\n');
  });

  test('marks where the record is and was, and says when and how long', () => {
    const text = mermaidOf(travelled());
    expect(text.match(/^ {2}class \S+ current$/gm)).toEqual([
      '  class in_progress__complete current',
      '  class in_closure__none current',
      '  class in_evidence__none current',
      '  class in_response__not_required current',
    ]);
    expect(text).toContain('  class in_closure__requested visited\n');
    expect(text).toContain('in_progress__awaiting_review : 2026-01-01 to 2026-02-01\n');
    expect(text).toContain('in_progress__being_progressed : 59 days, in 2 stays\n');
  });
});
