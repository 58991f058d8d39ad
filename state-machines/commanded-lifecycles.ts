import type { CommandTable } from '#lifecycle/decide';
import type { Lifecycle } from '#lifecycle/lifecycle';
import { Lifecycles } from '#lifecycle/lifecycles';
import type { CommandedLifecycle } from '#lifecycle/lifecycles';
import type { Facts } from './inspection-recommendation/v1/facts.ts';
import { earlierDefinitions, inspectionRecommendation } from './inspection-recommendation/v1/lifecycle.ts';
import { commands } from './inspection-recommendation/v1/policy.ts';
import { lifecycles } from './lifecycles.ts';

const COMMANDS: ReadonlyMap<Lifecycle<Facts>, CommandTable<Facts>> = new Map(
  [...earlierDefinitions, inspectionRecommendation].map((each) => [each, commands]),
);

/** @throws Error for a lifecycle that is listed without commands. */
function withCommands(lifecycle: Lifecycle<Facts>): CommandedLifecycle<Facts> {
  const commands = COMMANDS.get(lifecycle);
  if (commands === undefined) throw new Error(`No commands are listed for ${lifecycle.reference.name}`);
  return { ...lifecycle, commands };
}

/** The lifecycles of `lifecycles.ts`, each with the commands that records under it take. */
export const commandedLifecycles = new Lifecycles<Facts, CommandedLifecycle<Facts>>(
  withCommands(lifecycles.current),
  ...lifecycles.all.slice(0, -1).map(withCommands),
);
