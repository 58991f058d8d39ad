import type { RecordKind } from '#lifecycle/kind';
import type { Element } from '../components/macro-options.ts';
import { listedAs, partsOf } from '../kind-parts.ts';
import { latenessOf } from '../lists/due-date.tsx';
import { bodyName } from '../names.ts';
import type { NextInQueue } from './find-next.ts';

interface NextOptions extends NextInQueue {
  readonly kind: RecordKind;
  readonly today: string;
  readonly linkClass: string;
}

export function NextView({ kind, title, list, next, today, linkClass }: NextOptions): Element {
  if (next === null)
    return (
      <p class="govuk-body">
        {`There is nothing else for you in “${title}”. `}
        <a class={linkClass} href={list}>
          Go back
        </a>
      </p>
    );
  const { item, href } = next;
  const { id, recipient } = item;
  const parts = partsOf(kind.name);
  return (
    <p class="govuk-body">
      {`Next in “${title}”: `}
      <a class={linkClass} href={href}>
        {listedAs({ kind, id }, item.title)}
      </a>
      {parts.title !== null && `, ${id}`}
      {parts.body && recipient !== null && `, ${bodyName(recipient)}`}
      {parts.dates && <> ({latenessOf(item, today)})</>}
    </p>
  );
}
