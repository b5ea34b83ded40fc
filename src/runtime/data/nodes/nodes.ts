import type { RuntimeContext } from '../../../shared/context.ts';
import type { NodeInfo } from '../../broker/index.ts';
import type { SiteChoice } from '../sites/at-sites.ts';
import { withEmbeddedSites, withEmbeddedSitesToChange } from '../sites/embedded-sites.ts';

/** The answer of `dds node list|stop|start --json`. */
export interface NodesResult {
  sites: { site: string; nodes: NodeInfo[] }[];
}

/** Kafka brokers of the embedded sites, with what each of them leads. */
export function listNodes(choice: SiteChoice, context: RuntimeContext): Promise<NodesResult> {
  return withEmbeddedSites(choice, 'nodes', context, async (open) => ({
    sites: await Promise.all(
      open.map(async ({ site, ask }) => ({ site, nodes: (await ask('GET', '/nodes')) as NodeInfo[] })),
    ),
  }));
}

/**
 * Stops or starts nodes, one after the other; those that are so already stay so. Throws DDS_USAGE for a node that there is
 * none of, before anything is changed at that site, and DDS_PORT_TAKEN.
 */
export function changeNodes(
  { change, ids, ...choice }: SiteChoice & { change: 'stop' | 'start'; ids: readonly number[] },
  context: RuntimeContext,
): Promise<NodesResult> {
  return withEmbeddedSitesToChange(choice, 'nodes', context, async (open) => {
    const sites = [];
    for (const { site, ask } of open)
      sites.push({ site, nodes: (await ask('POST', `/nodes/${change}`, { ids })) as NodeInfo[] });
    return { sites };
  });
}
