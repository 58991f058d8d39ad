import type { GuardDefinition, LifecycleDefinition } from '#lifecycle/lifecycle-definition';

/**
 * A lifecycle's machine as the JSON of an xstate configuration, as `createMachine` and Stately's editor take it. Guards are
 * named, as JSON can name them only; what each asks stands in the description.
 */
export function xstateOf(definition: Pick<LifecycleDefinition, 'machine' | 'guards'>): string {
  const { machine, guards } = definition;
  const description = Object.entries(guards).map(toldGuard).join(' ');
  return `${JSON.stringify({ ...machine, description }, null, 2)}\n`;
}

const toldGuard = ([name, { region, in: states }]: [string, GuardDefinition]): string =>
  `Guard ${name} holds where ${region} is ${states.join(' or ')}.`;
