import { fileURLToPath } from 'node:url';
import type { Service } from 'caio/sdk';

/** The contract that lies beside the source of a service, seen from the compiled file. */
export function contractPath(id: string): string {
  return fileURLToPath(new URL(`../../../../examples/demo/services/${id}.yaml`, import.meta.url));
}

/** What a service process tells whoever started it, as one line of JSON. */
export interface Announcement {
  readonly service: string;
  readonly url: string;
}

/** Listens on a free port, says where, and ends when it is told to or when its parent is gone. */
export async function run(service: Service): Promise<void> {
  const { url } = await service.listen({ port: 0 });
  announce({ service: service.contract.id, url });
  endWithParent(() => service.close());
}

export function announce(announcement: Announcement): void {
  process.stdout.write(`${JSON.stringify(announcement)}\n`);
}

/** The parent holds our standard input: its end is the end of the parent, however it came about. */
export function endWithParent(close: () => Promise<void>): void {
  const end = () => {
    close().finally(() => process.exit(0));
  };
  process.stdin.on('end', end).resume();
  process.once('SIGTERM', end);
}
