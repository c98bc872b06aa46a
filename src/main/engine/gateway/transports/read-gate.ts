/** Stops every reader of a connection while the client does not read. */
export class ReadGate {
  private closed: { readonly promise: Promise<void>; readonly open: () => void } | undefined;

  /** Lets nobody pass until {@link open}. */
  close(): void {
    if (this.closed !== undefined) return;
    let open = (): void => undefined;
    const promise = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.closed = { promise, open };
  }

  open(): void {
    this.closed?.open();
    this.closed = undefined;
  }

  /** Resolves when the gate is open; at once, usually. */
  readonly pass = async (): Promise<void> => {
    await this.closed?.promise;
  };
}
