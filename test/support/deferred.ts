/** A promise that a test settles itself; `Promise.withResolvers` is newer than our oldest Node. */
export interface Deferred {
  readonly promise: Promise<undefined>;
  readonly resolve: () => void;
}

/** Makes one that is pending. */
export function deferred(): Deferred {
  let settle: () => void = () => undefined;
  const promise = new Promise<undefined>((resolve) => {
    settle = () => {
      resolve(undefined);
    };
  });
  return { promise, resolve: () => settle() };
}
