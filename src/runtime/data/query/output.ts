import type { DdsErrorBody } from '../../../errors/index.ts';
import type { JsonValue, QueryColumn } from '../../jobs/sinks/index.ts';

/** A site that did not answer, or not to the end. */
export interface SiteFailure {
  site: string;
  error: DdsErrorBody;
}

/** How a statement went; the rows are in the output. */
export interface QueryResult {
  /** The sites that were asked. */
  sites: string[];
  rows: number;
  /** True when a site had more rows than `maxRows`. */
  truncated: boolean;
  /** True when the signal stopped it before its end. */
  interrupted: boolean;
  failures: SiteFailure[];
}

/** Where the rows of a statement go. Calls wait for the promise before the next: a slow reader holds the site back. */
export interface RowOutput {
  /** Once, before the first row. */
  start(columns: readonly QueryColumn[]): Promise<void> | undefined;
  rows(rows: readonly (readonly JsonValue[])[]): Promise<void> | undefined;
  /** Once, when there are no more rows; not after an error that is thrown. */
  end(result: QueryResult): Promise<void> | undefined;
  /** Always at last, also after an error. */
  close?(): Promise<void>;
}

export type WriteText = (text: string) => Promise<void> | undefined;

/** True when at least one site has answered to its end. */
export function isWorthKeeping({ interrupted, sites, failures }: QueryResult): boolean {
  return !interrupted && failures.length < sites.length;
}
