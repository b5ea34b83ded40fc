import { enableCompileCache } from 'node:module';
import { compileCacheDirectory } from '../shared/compile-cache.ts';

/** Runs one command line with the code that earlier runs compiled; NODE_COMPILE_CACHE may say where that is. */
export async function start(argv: string[]): Promise<void> {
  enableCompileCache(compileCacheDirectory(process.env));
  const { main } = await import('./main.ts');
  await main(argv);
}
