import { mayPack } from '#state-machines/access';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
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
          <Link href={addresses.print()}>Print view</Link>
        </li>
        {mayPack(viewer, seen.record.recipient) && (
          <li>
            <Link href={addresses.pack}>Evidence pack, which others can verify</Link>
          </li>
        )}
        {Object.entries(
          partsOf(seen.record.lifecycle.name).origin ? { ...OF_REGISTER, ...FORMATS } : FORMATS,
        ).map(([format, words]) => (
          <li key={format}>
            <Link href={addresses.export(format)} download>
              {words}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
