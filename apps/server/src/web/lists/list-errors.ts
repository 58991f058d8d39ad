import type { Filter } from './filters.ts';
import type { ListProblems } from './list-address.ts';

/** What is wrong with a field, for people; undefined where nothing is. */
export function problemOfField(
  { name, label, kind }: Pick<Filter, 'name' | 'label' | 'kind'>,
  problems: ListProblems,
): string | undefined {
  const problem = problems.find(({ pointer }) => pointer === `/${name}`);
  return problem && `“${label}” ${inWords(kind, problem.detail)}`;
}

function inWords(kind: Filter['kind'], detail: string): string {
  if (detail.startsWith('must be a date')) return 'must be a real date, such as 2026-11-24';
  if (/^is earlier than/.test(detail)) return 'must not be earlier than the first date';
  if (detail.startsWith('lies in the future')) return 'must be today or in the past';
  if (kind === 'moment') return 'must be a real date, such as 2026-11-24, or an instant with its offset';
  if (/^must be one of|^is none of/.test(detail)) return 'must be one of the choices';
  return detail;
}
