import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';

/** MCP over a Unix socket or a named pipe, framed as on stdio: one JSON message per line. */
export class SocketTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #path: string;
  readonly #buffer = new ReadBuffer();
  #socket: Socket | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Resolves when connected. */
  start(): Promise<void> {
    const socket = connect(this.#path);
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#receive(chunk);
    });
    socket.on('close', () => this.onclose?.());
    return new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.on('error', (error) => {
        reject(error);
        this.onerror?.(error);
      });
    });
  }

  send(message: JSONRPCMessage): Promise<void> {
    const socket = this.#socket;
    if (socket === null || !socket.writable) return Promise.reject(new Error('the socket is not connected'));
    return new Promise((resolve, reject) => {
      socket.write(serializeMessage(message), (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  close(): Promise<void> {
    this.#socket?.destroy();
    return Promise.resolve();
  }

  #receive(chunk: Buffer): void {
    try {
      this.#buffer.append(chunk);
      for (let message = this.#buffer.readMessage(); message !== null; message = this.#buffer.readMessage())
        this.onmessage?.(message);
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      this.#socket?.destroy();
    }
  }
}
