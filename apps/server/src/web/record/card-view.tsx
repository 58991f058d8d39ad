import type { Element } from '../components/macro-options.ts';
import { CommandsView } from './commands-view.tsx';
import { StandingFacts } from './facts-view.tsx';
import type { ShownPage } from './shown-page.ts';
import { WaitsView } from './waits-view.tsx';

/** How a record stands, what waits for whom, and what the viewer may do: it stays in view beside all that is long. */
export const CardView = ({ shown }: { readonly shown: ShownPage }): Element => (
  <div class="docket-card">
    <section aria-labelledby="standing">
      <h2 class="govuk-visually-hidden" id="standing">
        Where it stands
      </h2>
      <dl class="govuk-summary-list">
        <StandingFacts shown={shown} />
      </dl>
      <WaitsView shown={shown} />
    </section>
    {shown.commands !== null && <CommandsView shown={shown} given={shown.commands} />}
  </div>
);
