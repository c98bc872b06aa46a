// @ts-check
import { performance } from 'node:perf_hooks';
import { Echo, ownContenders, Workplace } from './contenders.mjs';
import { quantile, sequential, throughput } from './measure.mjs';
import { installPeers, peerContenders } from './peers.mjs';
import { IN_FLIGHT, LARGE, SMALL } from './plan.mjs';
import { peakMemory } from './process-tree.mjs';
import { StdioClient } from './stdio-client.mjs';

/** @typedef {import('./contenders.mjs').Contender} Contender */
/** @typedef {import('./contenders.mjs').Wire} Wire */
/** @typedef {import('./plan.mjs').Plan} Plan */

/**
 * One value of one round. `metric` is `start`, `memory`, `memory-large`, each also with `-alone`, or `p50`, `p95`, `p99`,
 * `rate` with the payload after a colon.
 * @typedef {{ wire: Wire, contender: string, round: number, metric: string, value: number }} Sample
 */

/**
 * What a run gives.
 * @typedef {object} Run
 * @property {readonly Sample[]} samples
 * @property {readonly string[]} remarks what could not be measured
 */

/** @typedef {{ contender: Contender, client: StdioClient }} Started */

const MIB = 1024 * 1024;
/** @type {readonly Wire[]} */
const wires = ['websocket', 'http'];

/**
 * Measures everything.
 * @param {Plan} plan
 * @param {(text: string) => void} say told of the progress
 * @returns {Promise<Run>}
 */
export async function runRounds(plan, say) {
  const workplace = new Workplace();
  const run = new RunningBench(plan, workplace, say);
  try {
    await run.all();
  } finally {
    await run.end();
    workplace.remove();
  }
  return run;
}

class RunningBench {
  /** @type {Sample[]} */
  samples = [];
  /** @type {string[]} */
  remarks = [];
  /** @type {Echo[]} */
  #echoes = [];
  /** @type {Set<string>} peers that failed; they are left out from then on */
  #lost = new Set();

  /**
   * @param {Plan} plan
   * @param {Workplace} workplace
   * @param {(text: string) => void} say
   */
  constructor(plan, workplace, say) {
    this.plan = plan;
    this.workplace = workplace;
    this.say = say;
  }

  async all() {
    const problem = this.plan.withPeers ? await installPeers() : 'they were not asked for';
    if (problem !== undefined) this.remarks.push(`mcp-remote and supergateway were not measured: ${problem}`);
    /** @type {[Wire, readonly Contender[]][]} */
    const fields = [];
    for (const wire of wires) {
      const echo = new Echo(wire);
      this.#echoes.push(echo);
      const url = await echo.url;
      const peers = wire === 'http' && problem === undefined ? peerContenders(url, this.workplace) : [];
      fields.push([wire, [...ownContenders(wire, url, this.workplace), ...peers]]);
    }
    const { rounds, limitMs } = this.plan;
    const startedAt = performance.now();
    for (let round = 1; round <= rounds; round += 1) {
      const spentMs = performance.now() - startedAt;
      if (round > 1 && spentMs + spentMs / (round - 1) > limitMs) {
        this.remarks.push(
          `There was time for ${String(round - 1)} of ${String(rounds)} rounds: this machine was busy.`,
        );
        return;
      }
      for (const [wire, contenders] of fields) {
        this.say(`round ${String(round)} of ${String(rounds)}: ${wire}`);
        await this.#round({ wire, round }, contenders);
      }
    }
  }

  async end() {
    for (const echo of this.#echoes) await echo.end();
  }

  /**
   * Every program anew, all of them at the same time; each thing is measured of one after the other, so that what the
   * machine does meanwhile hits all alike.
   * @param {{ wire: Wire, round: number }} place
   * @param {readonly Contender[]} contenders
   */
  async #round(place, contenders) {
    const { extraStarts, payloads, warmUpCalls } = this.plan;
    const order = place.round % 2 === 0 ? [...contenders].reverse() : contenders;
    /** @type {Started[]} */
    const started = [];
    try {
      for (let turn = 0; turn < extraStarts; turn += 1) {
        for (const contender of this.#present(order)) {
          await this.#start(place, contender, { program: contender.program, metric: 'start' });
          const { alone } = contender;
          if (alone) await this.#start(place, contender, { program: alone, metric: 'start-alone' });
        }
      }
      for (const contender of this.#present(order))
        started.push({ contender, client: new StdioClient(contender.program) });
      for (const one of started) await this.#tolerating(one.contender, () => one.client.initialize());
      for (const { contender, client } of started) {
        const options = { budgetMs: 0, least: Math.max(warmUpCalls, 2 * IN_FLIGHT) };
        await this.#tolerating(contender, () => throughput(client, SMALL, options));
      }
      // Smallest first, as each program is asked for its peak memory before the large ones come.
      for (const bytes of payloads.filter((one) => one < LARGE)) await this.#payload(place, started, bytes);
      this.#noteMemory(place, started, 'memory');
      for (const bytes of payloads.filter((one) => one >= LARGE)) await this.#payload(place, started, bytes);
      this.#noteMemory(place, started, 'memory-large');
    } finally {
      for (const { client } of started) await client.end();
    }
  }

  /**
   * @param {{ wire: Wire, round: number }} place
   * @param {readonly Started[]} started
   * @param {number} bytes
   */
  async #payload(place, started, bytes) {
    const { warmUpMs, sequentialMs, throughputMs } = this.plan;
    for (const { contender, client } of started) {
      await this.#tolerating(contender, async () => {
        await sequential(client, bytes, warmUpMs);
        const times = await sequential(client, bytes, sequentialMs);
        for (const [name, share] of /** @type {const} */ ([
          ['p50', 0.5],
          ['p95', 0.95],
          ['p99', 0.99],
        ])) {
          this.#note(place, contender, `${name}:${String(bytes)}`, quantile(times, share));
        }
      });
    }
    for (const { contender, client } of started) {
      await this.#tolerating(contender, async () => {
        const rate = await throughput(client, bytes, { budgetMs: throughputMs });
        this.#note(place, contender, `rate:${String(bytes)}`, rate);
      });
    }
  }

  /**
   * @param {{ wire: Wire, round: number }} place
   * @param {Contender} contender
   * @param {{ program: import('./stdio-client.mjs').Program, metric: string }} way
   */
  async #start(place, contender, { program, metric }) {
    const client = new StdioClient(program);
    await this.#tolerating(contender, async () => {
      this.#note(place, contender, metric, await client.initialize());
    });
    await client.end();
  }

  /** @param {readonly Contender[]} contenders */
  #present(contenders) {
    return contenders.filter(({ name }) => !this.#lost.has(name));
  }

  /**
   * @param {{ wire: Wire, round: number }} place
   * @param {readonly Started[]} started
   * @param {string} metric
   */
  #noteMemory(place, started, metric) {
    for (const { contender, client } of started) {
      const peak = peakMemory(client.pid);
      if (peak === null || this.#lost.has(contender.name)) continue;
      this.#note(place, contender, metric, peak.tree / MIB);
      if (contender.alone) this.#note(place, contender, `${metric}-alone`, peak.largest / MIB);
    }
  }

  /**
   * @param {{ wire: Wire, round: number }} place
   * @param {Contender} contender
   * @param {string} metric
   * @param {number} value
   */
  #note(place, { name }, metric, value) {
    this.samples.push({ ...place, contender: name, metric, value });
  }

  /**
   * A peer that fails is told and left out; a program of ours must not.
   * @param {Contender} contender
   * @param {() => Promise<unknown>} act
   */
  async #tolerating({ name, role }, act) {
    if (this.#lost.has(name)) return;
    try {
      await act();
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      if (role !== 'peer') throw new Error(`${name}: ${reason}`, { cause: error });
      this.#lost.add(name);
      this.remarks.push(`${name} is left out after it failed: ${reason}`);
    }
  }
}
