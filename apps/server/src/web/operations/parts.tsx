import { shownBytes } from '#platform/places';
import type { Element } from '../components/macro-options.ts';

// What several sections of the page are made of.

export const Heading = ({ id, children }: { readonly id: string; readonly children: string }): Element => (
  <h2 class="govuk-heading-m" id={id}>
    {children}
  </h2>
);

/** Of a database or a file, or an id. */
export const Address = ({ of: address }: { readonly of: string }): Element => (
  <code class="docket-id">{address}</code>
);

export const sizeWords = (bytes: number | null): string => (bytes === null ? 'Not known' : shownBytes(bytes));
