import { lifecycles } from '#state-machines/lifecycles';

/** Every kind of notice to people, for all kinds of records, with its title. */
export const NOTICE_TITLES: ReadonlyMap<string, string> = new Map(
  lifecycles.currents.flatMap(({ notices = {} }) =>
    Object.values(notices).map(({ kind, title }) => [kind, title] as const),
  ),
);
