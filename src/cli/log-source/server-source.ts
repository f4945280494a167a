import { bundlePath, tilePath } from '../../log/tlog/tile-path.js';
import { CaioError } from '../../sdk/caio-error.js';
import { Transport } from '../../sdk/transport.js';
import { failureOfServer } from '../client-options.js';
import { headIn, latestOnly } from './claimed-head.js';
import type { LogSource } from './log-source.js';

const timeoutMillis = 60_000;

/** The log of a running CAIO, over `/log`. The checkpoint is fetched once: what is read belongs to one size. */
export function serverSource(url: string, key: string | undefined): LogSource {
  const transport = new Transport({ url, timeoutMillis, ...(key === undefined ? {} : { key }) });
  let fetched: Promise<string> | undefined;
  const checkpoint = (): Promise<string> => {
    fetched ??= transport.text('GET', '/log/checkpoint', { accept: 'text/plain' }).catch((error: unknown) => {
      throw failureOfServer(error);
    });
    return fetched;
  };
  const read = async (path: string): Promise<Uint8Array | undefined> => {
    try {
      const signal = AbortSignal.timeout(timeoutMillis);
      const accept = 'application/octet-stream';
      const response = await transport.open('GET', `/log/${path}`, { accept, signal });
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      if (error instanceof CaioError && error.status === 404) return undefined;
      throw failureOfServer(error);
    }
  };
  return {
    place: url,
    checkpoint: async (size) => latestOnly(await checkpoint(), size, url),
    head: async () => headIn(await checkpoint(), url),
    readTile: (tile) => read(tilePath(tile)),
    readBundle: (bundle) => read(bundlePath(bundle)),
    close: async () => {},
  };
}
