import type { Column } from '../table.ts';
import type { Role } from '../theme.ts';

export type SectionName = 'sites' | 'links' | 'jobs' | 'groups' | 'events';

/** A row of a section. Its texts are safe to be sent to a terminal. */
export interface SectionRow {
  /** The same from one look to the next. */
  key: string;
  cells: string[];
  /** How the state, in the second column or as `stateColumn` says, is to be seen. */
  role: Role;
  /** Whose colour the first column has. */
  site: string;
  /** Whose log it has, and what can be restarted; null when there is none. */
  service: string | null;
  /** What else there is to say of it, for one line below the sections. */
  detail: string;
}

/** A table of the view. */
export interface Section {
  name: SectionName;
  columns: readonly Column[];
  /** The column that has the row's role. */
  stateColumn: number;
  /** The column that has the site's colour. */
  siteColumn: number;
  rows: SectionRow[];
}

const roles: Readonly<Record<string, Role>> = {
  ...{ ready: 'good', connected: 'good', Stable: 'good', recovered: 'good' },
  ...{ stopped: 'muted', stopping: 'muted', Empty: 'muted' },
  ...{ failed: 'bad', silent: 'bad', down: 'bad', unreachable: 'bad', crashed: 'bad' },
};

/** What a state is like: good, bad, at rest, or on its way. */
export const roleOf = (state: string): Role => roles[state] ?? 'warning';
