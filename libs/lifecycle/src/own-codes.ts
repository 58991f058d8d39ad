import type { CommandTable } from './decide.ts';
import { inWords } from './fields.ts';
import type { CommandedLifecycle } from './lifecycles.ts';
import type { RefusalKind } from './refused.ts';
import { personMember } from './shapes.ts';

/** Returns the problem titles for a person who is unknown or ambiguous, by problem code. */
export const personTitles = (commands: CommandTable): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.values(commands)
      .flatMap(({ payload }) => personMember(payload.members) ?? [])
      .flatMap((member) => [
        [`${member}-unknown`, `The ${inWords(member)} is not a known person`],
        [`${member}-ambiguous`, `The ${inWords(member)} matches several people`],
      ]),
  );

/** Returns the codes of a lifecycle's rules, each with the kind of its refusal. */
export function ownCodes({
  code: { beginning },
  commands,
  answers,
}: Pick<CommandedLifecycle, 'code' | 'commands' | 'answers'>): ReadonlyMap<string, RefusalKind> {
  const rows = Object.values(commands);
  const rules = rows.flatMap(({ rules: of = [], preconditions: foreseen = [] }) => [...of, ...foreseen]);
  return new Map<string, RefusalKind>([
    [beginning.code, 'rule'],
    ...Object.keys({ ...personTitles(commands), ...answers.problems }).map((code) => [code, 'rule'] as const),
    ...rules
      .filter(({ kind = 'rule', hasOwnCode = false }) => kind === 'rule' || hasOwnCode)
      .map(({ code, kind = 'rule' }) => [code, kind] as const),
  ]);
}
