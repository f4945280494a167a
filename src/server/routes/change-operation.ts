/** How the description of an operation says that its change may have to be signed. */
export const changeParameters = [{ $ref: '#/components/parameters/change' }] as const;

export const notSigned = {
  403: { description: 'The parameters ask for signatures that are not there: `statement` is what to sign' },
} as const;
