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
    const asking: FunctionReply[] = [];
    const gateway = await startGateway({
      duplex: true,
      backend: {
        kind: 'function',
        handle: ({ method, params, result }, reply, session) => {
          if (method === 'initialize') reply.result(minimalInitializeResult(params));
          else if (method.startsWith('hold')) held.push(reply);
          else if (method === 'large') reply.result({ text: 'x'.repeat(512 * 1024) });
          else if (method === 'ask') {
            asking.push(reply);
            session.send({ id: 'question', method: 'sampling/createMessage', params: {} });
          } else if (method === '') asking.shift()?.result(result);
          else if (method === 'steps') {
            for (let progress = 1; progress <= 3; progress += 1) {
              session.send({
                method: 'notifications/progress',
                params: { progressToken: 'steps', progress },
              });
            }
            reply.result({});
          } else if (method === 'news') {
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
