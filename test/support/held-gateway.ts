import { minimalInitializeResult, type FunctionReply } from './gateway/backend-function';
import { startGateway, type Gateway } from './gateway/gateway';

/** A gateway whose server answers at once, holds what is named `hold`, and tells news. */
export class HeldGateway {
  private constructor(
    readonly gateway: Gateway,
    /** What the server has not answered yet. */
    readonly held: readonly FunctionReply[],
  ) {}

  static async start(): Promise<HeldGateway> {
    const held: FunctionReply[] = [];
    const gateway = await startGateway({
      duplex: true,
      backend: {
        kind: 'function',
        handle: ({ method, params }, reply, session) => {
          if (method === 'initialize') reply.result(minimalInitializeResult(params));
          else if (method.startsWith('hold')) held.push(reply);
          else if (method === 'large') reply.result({ text: 'x'.repeat(512 * 1024) });
          else if (method === 'news') {
            session.send({ method: 'notifications/message', params: { level: 'info', data: params } });
            reply.result({});
          } else reply.result({ method });
        },
      },
    });
    return new HeldGateway(gateway, held);
  }

  stop(): Promise<void> {
    return this.gateway.stop();
  }
}
