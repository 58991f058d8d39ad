import type { GuardDefinition, LifecycleDefinition } from '#lifecycle/lifecycle-definition';

/**
 * A lifecycle's machine as the JSON of an xstate configuration, as `createMachine` and Stately's editor take it. Guards are
 * named, as JSON can name them only; what each asks stands in the description.
 */
export function xstateOf({
  machine,
  guards,
}: Pick<LifecycleDefinition<never>, 'machine' | 'guards'>): string {
  const description = Object.entries(guards).map(toldGuard).join(' ');
  return `${JSON.stringify({ ...machine, description }, null, 2)}\n`;
}

const toldGuard = ([name, { region, in: states }]: [string, GuardDefinition]): string =>
  `Guard ${name} holds where ${region} is ${states.join(' or ')}.`;
