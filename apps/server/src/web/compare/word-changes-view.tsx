import { diffWordsWithSpace } from 'diff';
import type { Element } from '../components/macro-options.ts';
import { StackedTable } from '../lists/stacked-table.tsx';

/** A text as it changed, what was put in and what was taken out told by words as well as by marks. */
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
        <p class="govuk-body">So much differs that both are shown whole.</p>
        <StackedTable
          caption="Both texts"
          columns={names.map((heading) => ({ heading }))}
          rows={[[<Whole text={before} />, <Whole text={after} />]]}
        />
      </>
    );
  return (
    <p class="govuk-body docket-text docket-changes">
      {changes.map(({ in: where, text }, index) =>
        where === 'both' ? (
          text
        ) : where === 'before' ? (
          <del key={index}>
            <span class="govuk-visually-hidden"> [taken out: </span>
            {text}
            <span class="govuk-visually-hidden">] </span>
          </del>
        ) : (
          <ins key={index}>
            <span class="govuk-visually-hidden"> [put in: </span>
            {text}
            <span class="govuk-visually-hidden">] </span>
          </ins>
        ),
      )}
    </p>
  );
}

const Whole = ({ text }: { readonly text: string }): Element => <span class="docket-text">{text}</span>;

/** A stretch of two texts: in both, or in one of them. */
interface WordChange {
  readonly in: 'both' | 'before' | 'after';
  readonly text: string;
}

/** Beyond so many words that differ, two texts have nothing to do with each other, and finding out takes long. */
const EDITS_MAX = 1_500;

/** What changed from one text to another, word by word; null where nearly everything did. */
export function wordChanges(before: string, after: string): WordChange[] | null {
  const found = diffWordsWithSpace(before, after, { maxEditLength: EDITS_MAX });
  return (
    found?.map(({ added, removed, value }) => ({
      in: added ? 'after' : removed ? 'before' : 'both',
      text: value,
    })) ?? null
  );
}
