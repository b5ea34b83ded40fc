/**
 * The place of a site's colour in a palette: the centre has the first, each edge one of the others. It does not depend on
 * which other sites are shown.
 */
export function siteColourIndex(site: string, paletteSize: number): number {
  const number = /(\d+)$/.exec(site)?.[1];
  return number === undefined ? 0 : 1 + ((Number(number) - 1) % (paletteSize - 1));
}
