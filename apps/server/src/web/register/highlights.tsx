import type { Highlight } from '#read-models/register/register-highlights';
import type { Element } from '../components/macro-options.ts';

const FIELDS: Readonly<Record<Highlight['field'], string>> = {
  title: 'Title',
  text: 'Text',
  report: 'Report',
  comment: 'Comment',
};

/** Matches outside the title, which is shown anyway. */
export function Highlights({ highlights }: { readonly highlights: readonly Highlight[] }): Element | null {
  const shown = highlights.filter(({ field }) => field !== 'title');
  if (shown.length === 0) return null;
  return (
    <ul class="govuk-list docket-highlights">
      {shown.map((highlight) => (
        <li>
          {`${FIELDS[highlight.field]}: ${highlight.cutBefore ? '… ' : ''}`}
          {markMatches(highlight)}
          {highlight.cutAfter ? ' …' : ''}
        </li>
      ))}
    </ul>
  );
}

function markMatches({ snippet, matches }: Highlight): (string | Element)[] {
  const pieces: (string | Element)[] = [];
  let at = 0;
  for (const { from, to } of matches) {
    pieces.push(snippet.slice(at, from), <mark>{snippet.slice(from, to)}</mark>);
    at = to;
  }
  return [...pieces, snippet.slice(at)];
}
