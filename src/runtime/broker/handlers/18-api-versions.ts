import { apiVersions } from '../../protocol/index.ts';
import { type Handler, handler } from './handler.ts';

/** The ranges told to clients, from the handler table. */
export function announcedApis(handlers: readonly Handler[]) {
  return handlers.map(({ api, advertisedMinVersion, maxVersion }) => ({
    apiKey: api.key,
    minVersion: advertisedMinVersion,
    maxVersion,
  }));
}

/** ApiVersions 0–4: computed from the handler table. A higher version is answered in version 0 (dispatch.ts, KIP-511). */
export const apiVersionsHandler = (handlers: () => readonly Handler[]): Handler =>
  handler(apiVersions, () => ({ errorCode: 0, apiKeys: announcedApis(handlers()) }));
