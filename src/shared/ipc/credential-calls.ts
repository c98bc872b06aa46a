/** Credentials by name and age, never by value. */
export const credentialCalls = {} as const;
