import type { RuntimeContext } from '../../shared/context.ts';
import type { Fleet } from '../simulator/index.ts';
import type { SiteEndpoints } from '../stack/types.ts';

/** Registers the fleet's sensor type, devices and sensors, each at the site it belongs to. */
export async function registerFleet(
  _fleet: Fleet,
  _sites: readonly SiteEndpoints[],
  _context: RuntimeContext,
): Promise<void> {}
