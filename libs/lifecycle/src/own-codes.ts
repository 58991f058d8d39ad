import type { CommandedLifecycle } from './lifecycles.ts';
import type { RefusalKind } from './refused.ts';

/** The codes with which rules of a lifecycle refuse, each with the kind of its refusal. */
export function ownCodes({
  code: { beginning },
  commands,
  answers,
}: Pick<CommandedLifecycle, 'code' | 'commands' | 'answers'>): ReadonlyMap<string, RefusalKind> {
  const rows = Object.values(commands);
  const rules = rows.flatMap(({ rules: of = [], foreseen = [] }) => [...of, ...foreseen]);
  return new Map<string, RefusalKind>([
    [beginning.code, 'rule'],
    ...Object.keys(answers.problems ?? {}).map((code) => [code, 'rule'] as const),
    ...rules
      .filter(({ kind = 'rule', hasOwnCode = false }) => kind === 'rule' || hasOwnCode)
      .map(({ code, kind = 'rule' }) => [code, kind] as const),
  ]);
}
