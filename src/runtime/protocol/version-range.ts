export interface VersionRange {
  readonly from: number;
  readonly to: number;
}

/** Parses `3+`, `2-5` or `4`. */
export function versionRange(text: string): VersionRange {
  const match = /^(\d+)(\+|-(\d+))?$/.exec(text);
  if (!match) throw new RangeError(`not a version range: ${text}`);
  const from = Number(match[1]);
  const to = match[2] === '+' ? Number.POSITIVE_INFINITY : match[3] === undefined ? from : Number(match[3]);
  return { from, to };
}

export const includes = (range: VersionRange | null, version: number): boolean =>
  range !== null && version >= range.from && version <= range.to;
