import { checked, failing, machineRefusal } from './decide.ts';
import type { CommandDefinition, Precondition, Refusal, Requester } from './decide.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import type { Reason } from './refused.ts';

/**
 * Returns every refusal that applies without a payload; empty if at least one role may run the command.
 * @param full returns why the record has no space left for a role.
 */
export function reasonsBeforehand<Facts>(
  lifecycle: Pick<Lifecycle<Facts>, 'whyNot'>,
  command: Pick<CommandDefinition<Facts>, 'emits' | 'when' | 'state' | 'people' | 'preconditions'>,
  state: LifecycleState<Facts>,
  requester: Omit<Requester, 'role'>,
  roles: readonly string[],
  full: (role: string) => Reason | null = () => null,
): Refusal[] {
  const ofMachine = machineRefusal(lifecycle, command, state);
  const byRole = (roles.length === 0 ? [''] : roles).map((role): Refusal[] => {
    const inRole = { ...requester, role };
    const reason = full(role);
    const ofFullness: Refusal[] = reason === null ? [] : [{ kind: 'rule', reason }];
    if (ofMachine !== null) return [ofMachine, ...ofFullness];
    const foreseen = (command.preconditions ?? []).flatMap((each) => [
      ...checked(
        each,
        () => each.isMet(state, inRole),
        () => [each.detail(state)],
      ),
    ]);
    const ofKind = (wanted: Precondition<Facts>['kind']) => foreseen.filter(({ kind }) => kind === wanted);
    const ofState = [...failing(command.state, 'state', state, inRole), ...ofKind('state')];
    // Separation of duties is irrelevant while the state refuses the command.
    const ofPeople =
      ofState.length > 0 ? [] : [...failing(command.people, 'people', state, inRole), ...ofKind('people')];
    return [...ofState, ...ofPeople, ...ofKind('rule'), ...ofFullness];
  });
  return byRole.find((reasons) => reasons.length === 0) ?? byRole[0] ?? [];
}
