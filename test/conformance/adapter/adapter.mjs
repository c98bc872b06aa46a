// @ts-check
import { classifyInboundRequest } from '@modelcontextprotocol/server';
import { serveLoopback } from '../loopback.mjs';
import { Sessions } from '../sessions.mjs';
import { LegacyPump } from './legacy-pump.mjs';
import { LineProgram } from './line-program.mjs';
import { ModernExchanges } from './modern-exchanges.mjs';
import { RepeatedHeaders } from './repeated-headers.mjs';

/** @typedef {import('../loopback.mjs').Incoming} Incoming */
/** @typedef {import('../loopback.mjs').Answer} Answer */

const HEADER_MISMATCH = { code: -32020, message: 'Headers and body do not agree' };
const PARSE_ERROR = { code: -32700, message: 'Parse error' };
/**
 * Streamable HTTP of both eras in front of a program that speaks MCP on stdio: the suite speaks to addresses only. A program for
 * each session, and one for all of the 2026 era, which has none.
 * @param {import('./line-program.mjs').Program} program
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startAdapter(program) {
  /** @type {LineProgram[]} */
  const programs = [];
  const start = () => {
    const started = new LineProgram(program);
    programs.push(started);
    return started;
  };
  const sessions = new Sessions((transport) => new LegacyPump(transport, start()).start());
  const repeated = new RepeatedHeaders();
  /** @type {ModernExchanges | undefined} */
  let modern;
  const { url, stop } = await serveLoopback(async (request, response, body) => {
    const route = classifyInboundRequest({ ...headersOf(request), body });
    if (route.kind === 'legacy') return sessions.serve(request, response, body);
    if (route.kind === 'reject') return refuse(response, route.httpStatus, route, body);
    if (body === undefined) return refuse(response, 400, PARSE_ERROR, body);
    if (!repeated.agree(request.headers, route.message)) return refuse(response, 400, HEADER_MISMATCH, body);
    modern ??= new ModernExchanges(start(), (result) => repeated.learn(result));
    if (route.messageKind === 'request') {
      modern.begin(route.message, response);
      return;
    }
    modern.pass(route.message);
    response.writeHead(202).end();
  });
  const end = async () => {
    await stop();
    await sessions.stop();
    await Promise.all(programs.map((started) => started.end()));
  };
  return { url, stop: end };
}

/** @param {Incoming} request */
function headersOf({ method = 'GET', headers }) {
  const read = (/** @type {string} */ name) => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const version = read('mcp-protocol-version');
  const mcpMethod = read('mcp-method');
  const name = read('mcp-name');
  return {
    httpMethod: method,
    ...(version !== undefined && { protocolVersionHeader: version }),
    ...(mcpMethod !== undefined && { mcpMethodHeader: mcpMethod }),
    ...(name !== undefined && { mcpNameHeader: name }),
  };
}

/**
 * @param {Answer} response
 * @param {number} status
 * @param {{ code: number, message: string, data?: unknown }} error
 * @param {unknown} body
 */
async function refuse(response, status, { code, message, data }, body) {
  const id = typeof body === 'object' && body !== null && 'id' in body ? body.id : null;
  const error = { code, message, ...(data !== undefined && { data }) };
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', error, id }));
  return Promise.resolve();
}
