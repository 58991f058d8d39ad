import { mayPack } from '#state-machines/access';
import type { Element } from '../components/macro-options.ts';
import { partsOf } from '../kind-parts.ts';
import type { ShownPage } from './shown-page.ts';

const OF_REGISTER = { register: 'Register format' } as const;
const FORMATS = {
  json: 'JSON, with every event',
  csv: 'CSV',
  cloudevents: 'CloudEvents',
} as const;

export function Exports({ shown: { addresses, viewer, seen } }: { readonly shown: ShownPage }): Element {
  return (
    <section aria-labelledby="take-away" class="docket-not-on-paper">
      <h2 class="govuk-heading-s" id="take-away">
        Print and export
      </h2>
      <ul class="govuk-list docket-links">
        <li>
          <a class="govuk-link" href={addresses.print()}>
            Print view
          </a>
        </li>
        {mayPack(viewer, seen.record.recipient) && (
          <li>
            <a class="govuk-link" href={addresses.pack}>
              Evidence pack, which others can verify
            </a>
          </li>
        )}
        {Object.entries(
          partsOf(seen.record.lifecycle.name).origin ? { ...OF_REGISTER, ...FORMATS } : FORMATS,
        ).map(([format, words]) => (
          <li key={format}>
            <a class="govuk-link" href={addresses.export(format)} download>
              {words}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
