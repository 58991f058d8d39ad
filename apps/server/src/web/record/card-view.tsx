import { kinds } from '#state-machines/record-streams';
import type { Element } from '../components/macro-options.ts';
import { Mark } from '../forms/post-form.tsx';
import { CommandsView } from './commands-view.tsx';
import { StandingFacts } from './facts-view.tsx';
import type { ShownPage } from './shown-page.ts';
import { WaitsView } from './waits-view.tsx';

/** The card beside the page: status, pending decisions and actions. */
export const CardView = ({ shown }: { readonly shown: ShownPage }): Element => (
  <div class="docket-card">
    <section aria-labelledby="standing">
      <h2 class="govuk-visually-hidden" id="standing">
        Status
      </h2>
      <dl class="govuk-summary-list">
        <StandingFacts shown={shown} />
      </dl>
      <WaitsView shown={shown} />
    </section>
    {shown.commands !== null && <CommandsView shown={shown} commands={shown.commands} />}
    <WatchForm shown={shown} />
  </div>
);

function WatchForm({ shown }: { readonly shown: ShownPage }): Element | null {
  const { isWatched, seen } = shown;
  if (isWatched === null) return null;
  const noun = kinds.named(seen.record.lifecycle.name).noun.singular;
  return (
    <form
      class="docket-not-on-paper docket-watch"
      method="post"
      action={isWatched ? '/inbox/unwatch' : '/inbox/watch'}
    >
      <Mark />
      <input type="hidden" name="kind" value={seen.record.lifecycle.name} />
      <input type="hidden" name="id" value={seen.record.id} />
      <input type="hidden" name="back" value="record" />
      {isWatched && <span class="govuk-hint">{`You get notices about this ${noun} in your inbox. `}</span>}
      <button class="docket-link-button" type="submit">
        {isWatched ? 'Stop watching' : 'Watch'}
        <span class="govuk-visually-hidden">{` this ${noun}`}</span>
      </button>
      {!isWatched && <span class="govuk-hint"> to get notices in your inbox</span>}
    </form>
  );
}
