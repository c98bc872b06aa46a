/** One event of a stream. */
export interface ReadEvent {
  readonly id: string;
  readonly data: string;
}

/** Reads an event stream as far as a test wants it; comments are passed over. */
export function eventsOf(response: Response): {
  next(): Promise<ReadEvent>;
  /** Goes away in the middle. */
  close(): Promise<void>;
  readonly ended: Promise<void>;
} {
  if (response.headers.get('content-type') !== 'text/event-stream' || response.body === null) {
    throw new Error(`no event stream: ${String(response.status)}`);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let finish = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const next = async (): Promise<ReadEvent> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const lines = text.slice(0, end).split('\n');
        text = text.slice(end + 2);
        const field = (name: string): string =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
        if (lines.some((line) => line.startsWith('data:'))) return { id: field('id'), data: field('data') };
        continue;
      }
      const { done, value } = await reader.read();
      if (done) {
        finish();
        throw new Error('the stream ended');
      }
      text += value;
    }
  };
  return {
    next,
    close: () => reader.cancel(),
    get ended() {
      void next().catch(() => undefined);
      return ended;
    },
  };
}
