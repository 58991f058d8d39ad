import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
import type { Replayed } from './replayed.ts';

export function CompareLinks({ shown: { addresses }, seen, position, refused }: Replayed): Element | null {
  if (refused !== null) return null;
  const { versions } = seen.axes;
  const here = pointOf(seen, position);
  const last = `v${versions.last}`;
  const links = [
    ...(position.version !== undefined && versions.previous !== null
      ? [{ to: { from: `v${versions.previous}`, to: here ?? last }, words: 'What this event changed' }]
      : []),
    ...(here !== null && here !== last
      ? [{ to: { from: here, to: last }, words: 'What has changed since' }]
      : []),
    { to: here === null ? {} : { point: here }, words: 'Compare this point with another' },
  ];
  return (
    <ul class="govuk-list docket-links docket-not-on-paper">
      {links.map(({ to, words }) => (
        <li key={words}>
          <Link href={addresses.compare(to)}>{words}</Link>
        </li>
      ))}
    </ul>
  );
}

/** Returns the point as comparisons write it; null for now, and for a point on both axes of time. */
function pointOf(
  { chart }: Replayed['seen'],
  { version, effectiveOn, knownAt }: Replayed['position'],
): string | null {
  if (version !== undefined) return `v${version}`;
  if (knownAt === undefined) return effectiveOn ?? null;
  return effectiveOn === undefined ? chart.view.knownAt : null;
}
