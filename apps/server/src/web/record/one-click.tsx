import { Button } from '../components/button.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { VERSION_FIELD } from '../forms/action-form.tsx';
import { Key, Mark } from '../forms/post-form.tsx';
import type { ShownRecord } from './shown-page.ts';

/** A command without further input. */
export function OneClick({
  shown,
  command,
  payload,
  isSecondary = false,
  children,
}: {
  readonly shown: ShownRecord;
  readonly command: string;
  readonly payload: Readonly<Record<string, string>>;
  readonly isSecondary?: boolean;
  readonly children: Content;
}): Element {
  const { seen, addresses } = shown;
  return (
    <form method="post" action={addresses.command(command)} class="docket-inline-form">
      <Mark />
      <input type="hidden" name={VERSION_FIELD} value={seen.record.version} />
      <Key />
      {Object.entries(payload).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <Button classes={isSecondary ? 'govuk-button--secondary' : undefined} preventDoubleClick>
        {children}
      </Button>
    </form>
  );
}
