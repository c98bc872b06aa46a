import { afterEach, describe, expect, it } from 'vitest';
import type { FunctionBackend } from '../../support/gateway/backend-function';
import { echoBackend } from '../../support/gateway/backend-function';
import type { Gateway } from '../../support/gateway/gateway';
import { startGateway } from '../../support/gateway/gateway';
import type { GatewayOptions } from '../../support/gateway/settings';
import { RawRouter } from './raw-router';

let gateway: Gateway | null = null;
afterEach(async () => {
  await gateway?.stop();
  gateway = null;
});

async function connected(options: GatewayOptions = {}): Promise<RawRouter> {
  gateway = await startGateway({ backend: echoBackend(), ...options });
  return RawRouter.connect(gateway.url);
}

/** Shows what reached the backend, and answers with a fixed text. */
function recorder(answer = '{"jsonrpc":"2.0","result":{},"id":1}'): FunctionBackend & { texts: string[] } {
  const texts: string[] = [];
  return {
    kind: 'function',
    texts,
    handle: ({ text }, reply) => {
      texts.push(text);
      reply.text(answer);
    },
  };
}

describe('the envelope', () => {
  it('wraps the reply with its id, a whole-second UTC timestamp and the source', async () => {
    const router = await connected();
    router.send({ jsonrpc: '2.0', id: 'a', method: 'ping' });
    expect(await router.nextFrame()).toMatch(
      /^\{"id":"a","timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ","source":"gateway","mcp_payload":\{"jsonrpc":"2.0","result":\{"method":"ping"\},"id":"a"\}\}$/,
    );
  });

  it('is recorded as it arrived', async () => {
    const router = await connected();
    const payload =
      '{ "jsonrpc":"2.0", "id": 1e2, "method":"x","params":{"big":9007199254740993,"s":"}\\""} }';
    const frame = `{"mcp_payload" : ${payload} ,"id":1e2,"source":"local-router","timestamp":"t","target_namespace":"system","auth_token":"secret"}`;
    router.sendText(frame);
    await router.nextFrame();
    expect(gateway?.recording.messages).toStrictEqual([
      {
        connection: 1,
        kind: 'request',
        method: 'x',
        idText: '1e2',
        payloadText: payload,
        frameText: frame,
        envelope: {
          idText: '1e2',
          timestamp: 't',
          source: 'local-router',
          targetNamespace: 'system',
          authToken: 'secret',
        },
      },
    ]);
  });

  it.each([
    ['', 'VALIDATION: invalid wire message: unexpected end of JSON input', null],
    ['{"id":1,', 'VALIDATION: invalid wire message: unexpected end of JSON input', null],
    ['hello', "VALIDATION: invalid wire message: invalid character 'h' looking for beginning of value", null],
    [
      '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
      'VALIDATION: invalid wire message: json: cannot unmarshal array into Go value of type websocket.WireMessage',
      null,
    ],
    [
      '{"id":4,"timestamp":5,"mcp_payload":{}}',
      'VALIDATION: invalid wire message: json: cannot unmarshal number into Go struct field WireMessage.timestamp of type string',
      4,
    ],
    ['{"jsonrpc":"2.0","id":7,"method":"ping"}', 'VALIDATION: missing MCP payload', 7],
    ['{"id":"x","mcp_payload":null}', 'VALIDATION: missing MCP payload', 'x'],
    [
      '{"id":"x","mcp_payload":[]}',
      'VALIDATION: invalid MCP request: json: cannot unmarshal array into Go value of type mcp.Request',
      'x',
    ],
    [
      '{"id":"x","mcp_payload":{"method":1}}',
      'VALIDATION: invalid MCP request: json: cannot unmarshal number into Go struct field Request.method of type string',
      'x',
    ],
  ])('answers %j with the error of the real gateway', async (frame, message, id) => {
    const router = await connected();
    router.sendText(frame);
    expect(JSON.parse(await router.nextPayload())).toStrictEqual({
      jsonrpc: '2.0',
      error: { code: -32603, message },
      id,
    });
  });

  it('may be empty-handed otherwise: no version, no method, unknown members', async () => {
    const router = await connected();
    router.sendText('{"id":1,"extra":true,"target_namespace":"system","mcp_payload":{"id":1}}');
    expect(JSON.parse(await router.nextPayload())).toMatchObject({ result: { method: '' }, id: 1 });
  });

  it('labels failures with the id of the envelope, not of the payload', async () => {
    const router = await connected();
    router.send({ jsonrpc: '2.0', id: 'payload', method: 'ping' }, { namespace: 'nowhere', id: 'envelope' });
    expect(JSON.parse(await router.nextFrame())).toMatchObject({
      id: 'envelope',
      mcp_payload: { id: 'envelope', error: { code: -32603 } },
    });
  });

  it('is not read from binary frames', async () => {
    const router = await connected();
    router.sendText(Buffer.from('{"id":1,"mcp_payload":{"id":1,"method":"ping"}}'));
    expect(await router.call('tools/list', {}, 2)).toContain('"id":2');
    expect(gateway?.recording.messages.map((message) => message.kind)).toStrictEqual(['binary', 'request']);
  });
});

describe('Go encoding', () => {
  it('lets only known members survive, sorts keys, widens numbers and escapes', async () => {
    const backend = recorder(
      '{"id":1,"jsonrpc":"2.0","result":{"b":[1.0,1e21,1e-7,-0,9007199254740993],"a":"<&>\\u2028é\\ud800","10":null},"extra":1}',
    );
    const router = await connected({ backend });
    router.sendText(
      '{"id":1,"target_namespace":"system","mcp_payload":{"method":"m","trace":"x","id":1,"params":{"z":1.50,"a":{"c":1,"b":2}},"jsonrpc":"2.0"}}',
    );
    expect(await router.nextPayload()).toBe(
      '{"jsonrpc":"2.0","result":{"10":null,"a":"\\u003c\\u0026\\u003e\\u2028é\ufffd","b":[1,1e+21,1e-7,-0,9007199254740992]},"id":1}',
    );
    expect(backend.texts).toStrictEqual([
      '{"jsonrpc":"2.0","method":"m","params":{"a":{"b":2,"c":1},"z":1.5},"id":1}',
    ]);
  });

  it('leaves out null params and a null result, and keeps only the known members of an error', async () => {
    const backend = recorder('{"jsonrpc":"2.0","result":null,"id":1}');
    const router = await connected({ backend });
    expect(await router.call('m', null)).toBe('{"jsonrpc":"2.0","id":1}');
    expect(backend.texts).toStrictEqual(['{"jsonrpc":"2.0","method":"m","id":1}']);
    gateway?.reconfigure({
      backend: recorder(
        '{"jsonrpc":"2.0","id":1,"error":{"message":"m","code":-1,"data":{"b":1,"a":2},"x":1}}',
      ),
    });
    expect(await router.call('m')).toBe(
      '{"jsonrpc":"2.0","error":{"code":-1,"message":"m","data":{"a":2,"b":1}},"id":1}',
    );
  });
});

describe('raw encoding', () => {
  it('passes both texts through as they are', async () => {
    const answer = '{ "id":1, "result":{"big":9007199254740993,"b":1,"a":"<"}, "jsonrpc":"2.0", "x":1 }';
    const backend = recorder(answer);
    const router = await connected({ backend, encoding: 'raw' });
    const payload = '{ "id":1.0, "method":"m", "params":{"z":1.50,"a":1}, "jsonrpc":"2.0","trace":1 }';
    router.sendText(`{"id":1.0,"target_namespace":"system","mcp_payload":${payload}}`);
    expect(await router.nextPayload()).toBe(answer);
    expect(backend.texts).toStrictEqual([payload]);
  });

  it('still turns a null id into no id, because servers know notifications by that', async () => {
    const backend = recorder();
    const router = await connected({ backend, encoding: 'raw' });
    router.send({ jsonrpc: '2.0', method: 'notifications/initialized', id: null });
    await router.nextFrame();
    expect(backend.texts).toStrictEqual(['{"jsonrpc":"2.0","method":"notifications/initialized"}']);
  });
});
