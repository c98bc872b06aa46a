import { errorCode } from './guarded-file';

/** True while there is a process with this id. Signal 0 only asks; a process of another user answers EPERM and lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
