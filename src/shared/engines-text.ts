/** `embedded and external`: what provides the sites of a stack. */
export const enginesText = (sites: readonly { readonly engine: string }[]): string =>
  [...new Set(sites.map(({ engine }) => engine))].join(' and ');
