/** What a body is called where people read of it. */
export const bodyName = (slug: string): string => slug;

/** What a person is called where people read of them. */
export const personName = (subject: string): string => subject;
