import { Input, smallLabel } from '../components/fields.tsx';
import type { Element } from '../components/macro-options.ts';
import { NAMES_OF_BODIES } from '../names.ts';

// Shared parts of the sections.

export const Heading = ({ id, children }: { readonly id: string; readonly children: string }): Element => (
  <h2 class="govuk-heading-m" id={id}>
    {children}
  </h2>
);

export const Address = ({ of: address }: { readonly of: string }): Element => (
  <code class="docket-id">{address}</code>
);

export const BodiesInput = ({
  label,
  hint = '',
  ...input
}: Omit<Parameters<typeof Input>[0], 'label' | 'hint'> & {
  readonly label: string;
  readonly hint?: string;
}): Element => (
  <Input
    {...input}
    label={smallLabel(label)}
    hint={`${hint} Enter names or short names, separated by commas.`.trim()}
    autocomplete="off"
    spellcheck={false}
    attributes={{ 'data-names': NAMES_OF_BODIES, 'data-several': true }}
  />
);
