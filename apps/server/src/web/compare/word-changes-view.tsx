import { diffWordsWithSpace } from 'diff';
import type { Element } from '../components/macro-options.ts';
import { StackedTable } from '../lists/stacked-table.tsx';

/** Marks insertions and deletions visually and for screen readers. */
export function WordChanges({
  before,
  after,
  names,
}: {
  readonly before: string;
  readonly after: string;
  readonly names: readonly [string, string];
}): Element {
  const changes = wordChanges(before, after);
  if (changes === null)
    return (
      <>
        <p class="govuk-body">The texts differ too much to mark the changes, so both are shown in full.</p>
        <StackedTable
          caption="Both texts"
          columns={names}
          rows={[[<Whole text={before} />, <Whole text={after} />]]}
        />
      </>
    );
  return (
    <p class="govuk-body docket-text docket-changes">
      {changes.map(({ in: where, text }) =>
        where === 'both' ? (
          text
        ) : where === 'before' ? (
          <del>
            <span class="govuk-visually-hidden"> [deleted: </span>
            {text}
            <span class="govuk-visually-hidden">] </span>
          </del>
        ) : (
          <ins>
            <span class="govuk-visually-hidden"> [added: </span>
            {text}
            <span class="govuk-visually-hidden">] </span>
          </ins>
        ),
      )}
    </p>
  );
}

const Whole = ({ text }: { readonly text: string }): Element => <span class="docket-text">{text}</span>;

interface WordChange {
  readonly in: 'both' | 'before' | 'after';
  readonly text: string;
}

/** The limit of edits; beyond it both texts are shown whole, and the comparison would be slow. */
const EDITS_MAX = 1_500;

/** Returns the differences word by word; null if there are too many. */
export function wordChanges(before: string, after: string): WordChange[] | null {
  const found = diffWordsWithSpace(before, after, { maxEditLength: EDITS_MAX });
  return (
    found?.map(({ added, removed, value }) => ({
      in: added ? 'after' : removed ? 'before' : 'both',
      text: value,
    })) ?? null
  );
}
