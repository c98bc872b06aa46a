import type { Readable, Writable } from 'node:stream';

/** The streams of a process that speaks a protocol on stdout. */
export interface ProcessStreams {
  readonly stdin: Readable;
  readonly stdout: Writable;
}

/** What other processes ask of this one. */
export interface Signals {
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly toldToStop: Promise<void>;
  onReload(reload: () => void): void;
}

const FORCED_EXIT_CODE = 130;

/** Listens to the process's signals. A second SIGINT or SIGTERM ends it at once. */
export function listenToSignals(target: NodeJS.Process): Signals {
  const toldToStop = new Promise<void>((resolve) => {
    let isStopping = false;
    const stop = (): void => {
      if (isStopping) target.exit(FORCED_EXIT_CODE);
      isStopping = true;
      resolve();
    };
    target.on('SIGINT', stop);
    target.on('SIGTERM', stop);
  });
  return {
    toldToStop,
    onReload: (reload) => {
      // On Windows SIGHUP means that the console closes.
      if (target.platform !== 'win32') target.on('SIGHUP', reload);
    },
  };
}
