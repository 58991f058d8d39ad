import { ErrorSummary } from '../components/error-summary.tsx';
import type { Element } from '../components/macro-options.ts';
import type { Filter } from './filters.ts';
import type { ListProblems } from './list-address.ts';
import { problemOfField } from './list-errors.ts';

/** Whoever changes an address by hand is told no list of parameters. */
const unknown = (name: string, detail: string): string =>
  detail.startsWith('is no parameter') ? `“${name}” is no filter of this list` : `${name} ${detail}`;

/** What cannot be used of a list's address, each a link to its field where it has one. */
export const ListErrors = ({
  problems,
  filters,
}: {
  readonly problems: ListProblems;
  readonly filters: ReadonlyMap<string, Pick<Filter, 'name' | 'label' | 'kind'>>;
}): Element => (
  <ErrorSummary
    title="There is a problem"
    errorList={problems.map(({ pointer, detail }) => {
      const name = pointer.slice(1);
      const filter = filters.get(name);
      return filter === undefined
        ? {
            content:
              name === 'cursor' ? 'This page of the list is not there any more' : unknown(name, detail),
          }
        : { content: problemOfField(filter, problems), href: `#${name}` };
    })}
  />
);
