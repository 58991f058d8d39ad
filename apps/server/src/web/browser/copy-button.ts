/** Adds a copy button to fields with `data-copy`. */
export function offerCopies(): void {
  // The clipboard needs a secure context (TLS or localhost).
  if (!isSecureContext) return;
  for (const field of document.querySelectorAll<HTMLTextAreaElement>('textarea[data-copy]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'govuk-button govuk-button--secondary docket-not-on-paper';
    button.textContent = field.dataset['copy'] ?? '';
    const told = document.createElement('p');
    told.className = 'govuk-body';
    told.setAttribute('role', 'status');
    button.addEventListener('click', () => {
      void navigator.clipboard.writeText(field.value).then(() => {
        told.textContent = 'Copied';
      });
    });
    field.after(button, told);
  }
}
