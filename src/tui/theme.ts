import { siteColourIndex } from '../shared/site-colour.ts';

/** What a piece of text is; the theme says how that looks. */
export type Role =
  | 'title'
  | 'muted'
  | 'accent'
  | 'good'
  | 'warning'
  | 'bad'
  | 'key'
  /** The row that the cursor is on; also where there are no colours. */
  | 'selected';

export type ColourCount = 0 | 16 | 256;

/** Paints single rows of text. What it returns may be painted again: an inner style ends without ending the outer. */
export interface Theme {
  readonly colours: ColourCount;
  paint(role: Role, text: string): string;
  /** Each site has a colour of its own. */
  site(site: string, text: string): string;
}

/** Foreground colours that can be read on a dark and on a light background, with 256 and with 16 colours. */
const palette = {
  accent: [32, 36],
  good: [34, 32],
  warning: [136, 33],
  bad: [160, 31],
  key: [133, 35],
} as const;
const sitePalette = [
  [32, 36],
  [34, 32],
  [133, 35],
  [130, 34],
] as const;

/** How many colours a terminal shows when it is to show any. */
export function colourCount(
  stdout: { getColorDepth?(env?: object): number },
  env: Readonly<Record<string, string | undefined>>,
  wanted: boolean,
): ColourCount {
  if (!wanted) return 0;
  // Node knows some such terminals only by what else is set.
  if (env.FORCE_COLOR === undefined && env.TERM?.includes('256color')) return 256;
  return (stdout.getColorDepth?.({ ...env }) ?? 4) >= 8 ? 256 : 16;
}

export function createTheme(colours: ColourCount): Theme {
  const foreground = ([wide, narrow]: readonly [number, number], text: string) => {
    if (colours === 0) return text;
    return colours === 256 ? `\u001b[38;5;${wide}m${text}\u001b[39m` : `\u001b[${narrow}m${text}\u001b[39m`;
  };
  return {
    colours,
    paint(role, text) {
      if (text === '') return text;
      // Bold and inverse are no colours: the cursor has to be seen without them too.
      if (role === 'title') return `\u001b[1m${text}\u001b[22m`;
      if (role === 'selected') return `\u001b[7m${text}\u001b[27m`;
      if (role === 'muted') {
        // The grey of 16 colours is the background of some palettes; dim is not.
        if (colours === 0) return text;
        return colours === 256 ? foreground([243, 0], text) : `\u001b[2m${text}\u001b[22m`;
      }
      return foreground(palette[role], text);
    },
    site: (site, text) => foreground(sitePalette[siteColourIndex(site, sitePalette.length)]!, text),
  };
}
