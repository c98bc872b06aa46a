import { stat } from 'node:fs/promises';

import { errorCode } from '../guarded-file';

/** True for a file or folder that can be seen. Whatever keeps us from seeing it also keeps us from using it. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return false;
  }
}
