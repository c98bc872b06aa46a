import { realpath } from 'node:fs/promises';
import nodeModule from 'node:module';

import { makeFolder } from '../platform/folder';
import { errorCode, folderChainDanger } from '../platform/guarded-file';
import { cacheFolder, pathRules, type Place } from '../platform/paths';

/** Node keeps compiled code in this folder from now on, and takes it from there. */
export type EnableCompileCache = (folder: string) => unknown;

/**
 * Keeps compiled code between starts where Node can (22.1 and later), in a folder that nobody else can write to: what
 * lies there is run. Any trouble means starting without it.
 */
export async function keepCompiledCode(
  place: Place,
  uid: number | null,
  enable: EnableCompileCache | null = compileCacheOf(nodeModule),
): Promise<void> {
  const own = cacheFolder(place);
  if (enable === null || own === undefined) return;
  try {
    const folder = pathRules(place.platform).join(own, 'compiled');
    await makeFolder(folder);
    const real = await realpath(folder);
    const danger = await folderChainDanger(real, { platform: place.platform, who: { uid } });
    if (danger === null) enable(real);
  } catch (error) {
    // A read-only home, or a full disk: it only starts slower.
    if (errorCode(error) === '') throw error;
  }
}

function compileCacheOf(runtime: object): EnableCompileCache | null {
  if (!('enableCompileCache' in runtime)) return null;
  const { enableCompileCache: enable } = runtime;
  return typeof enable === 'function' ? (folder) => void Reflect.apply(enable, runtime, [folder]) : null;
}
