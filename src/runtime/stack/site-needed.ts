import { DdsError } from '../../errors/index.ts';
import type { Child } from './child.ts';
import { order } from './plan.ts';

/** A job cannot start where its site stands: it would wait for a broker that nobody starts. */
export function refuseWithoutSite(all: readonly Child[], chosen: readonly Child[]): void {
  for (const { spec } of chosen) {
    const site = all.find((child) => child.spec.site === spec.site && order[child.spec.kind].start === 0);
    if (!site || chosen.includes(site) || (site.state !== 'stopped' && site.state !== 'failed')) continue;
    throw new DdsError('DDS_STACK_START', `${spec.service} needs ${site.spec.service}, which is stopped`, {
      hint: `Run dds start ${spec.site} to start all of the site.`,
    });
  }
}
